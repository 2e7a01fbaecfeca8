"""Tests mirror the code; beside the mirror: laws, races, journeys, architecture."""
