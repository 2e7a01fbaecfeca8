"""What a failed command says: one line that tells what to do."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured
from django.db.utils import OperationalError, ProgrammingError
from django.utils import translation

from kolaborasi.common.errors import Refused
from kolaborasi.config.embedded import DatabaseUnavailable
from kolaborasi.config.processes import CannotServe

UNDEFINED_TABLE, UNDEFINED_COLUMN = "42P01", "42703"
"""Source: PostgreSQL, appendix A, error codes."""


def one_line(error: Exception) -> str | None:
    """The line for an error that comes from outside; None for a mistake of ours, which deserves its traceback.

    The command line speaks English throughout.
    """
    if isinstance(error, Refused):
        with translation.override("en"):
            return str(error)
    if isinstance(error, DatabaseUnavailable | CannotServe | ImproperlyConfigured):
        return str(error)
    if isinstance(error, OperationalError):
        return _of_database(str(error).strip().splitlines()[0])
    if isinstance(error, ProgrammingError) and _lacks_tables(error):
        return "the database lacks tables of this version: run `kolaborasi migrate` first."
    if isinstance(error, OSError):
        return f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")
    return None


def _of_database(reason: str) -> str:
    if "No space left on device" in reason:
        return f"the disk of the database is full: {reason}. Make room and run it again."
    return f"the database does not answer: {reason}"


def _lacks_tables(error: ProgrammingError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) in (UNDEFINED_TABLE, UNDEFINED_COLUMN)
