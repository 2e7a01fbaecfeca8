"""The marks that every verb of the room leaves."""

from __future__ import annotations

from kolaborasi.audit.marks import Marked, Marks

__all__ = ["Marked", "mark", "mark_many"]

_marks = Marks("hospitals")
mark = _marks.mark
mark_many = _marks.mark_many
