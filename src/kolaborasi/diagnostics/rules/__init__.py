"""Decisions on plain values, pure: barcodes, capacity, assays, pooling, times, counts."""
