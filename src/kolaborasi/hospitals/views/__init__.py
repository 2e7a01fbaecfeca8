"""Pages of the hospitals room: one query or one verb each."""
