"""Template tags of the demo room."""
