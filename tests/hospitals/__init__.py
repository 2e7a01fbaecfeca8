"""Tests of hospitals."""
