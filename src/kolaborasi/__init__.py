"""Kolaborasi: a city's crisis capacity as one coordinated activity."""
