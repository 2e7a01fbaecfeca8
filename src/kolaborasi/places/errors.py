"""What the verbs of this room refuse."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from kolaborasi.common.errors import NotFound, Refused
from kolaborasi.places.problems import Problem


class UnreadableFile(Refused):
    """The file is not what the verb reads: no header, no date, a foreign format."""

    code = "unreadable-file"


class WrongScheme(Refused):
    """The codes of a file do not belong to the scheme named, or no scheme is named where two are possible."""

    code = "wrong-area-code-scheme"


class UnknownArea(NotFound):
    """No area has this code under this scheme."""

    code = "unknown-area"


class BrokenRows(Refused):
    """Rows of a file are broken, so none was loaded.

    Args:
        problems: every broken row with line, column and reason.
        rows: how many rows were read.
    """

    code = "broken-rows"

    def __init__(self, problems: Sequence[Problem], *, rows: int) -> None:
        message: str | Promise = _(
            "%(broken)s of %(rows)s rows are broken; nothing was loaded. Correct them, or load the rest with --skip-bad."
        ) % {"broken": len({(p.sheet, p.line) for p in problems}), "rows": rows}
        super().__init__(message, details={"problems": [str(problem) for problem in problems]})
        self.problems = list(problems)
