"""From an empty home to the first page: how long each part of `kolaborasi run` takes, installing excluded.

    python -m benchmarks.first_page

The real command is started with an empty home on a free port; the clock stops when the list of open needs has been
read over HTTP. Then the command is stopped by its own process id. A second start on the same home is measured too.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

RESULT = Path(__file__).parent / "results" / "first_page.json"
GOAL_SECONDS = 30
LIMIT_SECONDS = 180
PART = re.compile(r"✓ (.+?) ([0-9.]+) s")
PASSED_ON = ("PATH", "LANG", "HOME")


def main() -> None:
    """Measure, print, keep."""
    with tempfile.TemporaryDirectory() as folder:
        result = {name: start(Path(folder)) for name in ("first start", "second start")}
    for name, parts in result.items():
        print(name)
        for part, seconds in parts.items():
            print(f"  {part:64}{seconds:8.1f} s")
    print(f"goal: at most {GOAL_SECONDS} s")
    if "--small" not in sys.argv:
        RESULT.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def start(home: Path) -> dict[str, float]:
    """One start until the first page; seconds of each part and of the whole."""
    port = free_port()
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    environment |= {"KOLABORASI_HOME": str(home), "COLUMNS": "200"}
    output = home / "run.log"
    begun = time.perf_counter()
    with output.open("w") as log:
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / "kolaborasi"), "run", "--port", str(port)],
            stdout=log,
            stderr=log,
            env=environment,
        )
        try:
            wait_for_page(f"http://127.0.0.1:{port}/aid/", process)
            whole = time.perf_counter() - begun
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
    parts = {name: float(seconds) for name, seconds in PART.findall(output.read_text())}
    return {**parts, "all, until the first page was read": round(whole, 1)}


def wait_for_page(address: str, process: subprocess.Popen[bytes]) -> None:
    """Ask until the page answers, the command ends, or the limit is reached."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the first page did not come")


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
