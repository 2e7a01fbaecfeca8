"""Template tags of the hospitals room."""
