"""What the diagnostics room looks like in JSON; birth dates and names are in no answer."""
