"""Words and small parts of the diagnostics pages."""
