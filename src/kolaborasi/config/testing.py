"""pytest plugin: names the database of a test run before Django's settings are read.

Without `DATABASE_URL` an embedded server of its own is used, apart from the one `kolaborasi run` uses.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kolaborasi.config.embedded import EmbeddedServer
from kolaborasi.web.catalogue import compile_all

os.environ["KOLABORASI_MODE"] = "development"
os.environ["KOLABORASI_HOME"] = os.environ.get(
    "KOLABORASI_TEST_HOME", str(Path(".kolaborasi-test").resolve())
)
os.environ["KOLABORASI_SECRET_KEY"] = "only-for-tests-" + "0" * 40
# Not `public`, so that SQL which names a schema is found out.
os.environ["KOLABORASI_SCHEMA"] = "uji"
if not os.environ.get("DATABASE_URL"):
    # Workers of pytest-xdist inherit this address from their controller and start nothing.
    os.environ["DATABASE_URL"] = EmbeddedServer(Path(os.environ["KOLABORASI_HOME"]), durable=False).acquire()

# Before Django reads them: a translation that was just written must show in the pages under test.
compile_all(only_stale=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """On the CI machine everything can run, so a test that was skipped there is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped"):
        reporter.write_line("tests were skipped, which fails a CI run", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
