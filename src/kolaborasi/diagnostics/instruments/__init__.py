"""Readers of result files: exports of PCR machines, and our own CSV of results."""

from kolaborasi.diagnostics.instruments.plates import PlateFile, read_plate_file
from kolaborasi.diagnostics.instruments.tables import read_results_csv

__all__ = ["PlateFile", "read_plate_file", "read_results_csv"]
