"""Run the benchmarks one after the other: `python -m benchmarks [--small] [NAME …]`."""

from __future__ import annotations

import subprocess
import sys

NAMES = (
    "holds",
    "city_plan",
    "dispatch",
    "dispatch_live",
    "dispatch_week",
    "import_results",
    "bookings",
    "certificates",
    "hospitals",
    "bed_plan",
    "households",
    "first_page",
)


def main() -> int:
    """Each benchmark in a process of its own, so that none warms another's caches."""
    small = ["--small"] if "--small" in sys.argv else []
    chosen = [name for name in sys.argv[1:] if not name.startswith("-")] or list(NAMES)
    codes = [
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *small]).returncode for name in chosen
    ]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
