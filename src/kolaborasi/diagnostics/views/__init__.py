"""Pages of the testing network: one query or one verb each."""
