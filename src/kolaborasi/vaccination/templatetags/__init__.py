"""Template tags of the vaccination programme."""
