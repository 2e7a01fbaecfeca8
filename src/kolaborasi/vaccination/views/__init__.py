"""Pages of the vaccination programme: one query or one verb each."""
