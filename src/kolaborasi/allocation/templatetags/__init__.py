"""Template tags of the allocation room."""
