"""Benchmarks: what is measured against what, as ratios within one run. Results are kept in `results/`."""
