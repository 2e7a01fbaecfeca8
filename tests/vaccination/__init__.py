"""Tests of the vaccination room."""
