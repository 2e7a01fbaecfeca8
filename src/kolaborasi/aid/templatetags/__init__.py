"""Template tags of the aid room."""
