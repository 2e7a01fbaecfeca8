"""Pages of the aid room: one query or one verb each."""
