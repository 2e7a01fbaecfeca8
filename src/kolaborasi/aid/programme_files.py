"""Reading sub-programmes from TOML: text in, definitions out; no database."""

from __future__ import annotations

import tomllib
from pathlib import Path

from django.utils.translation import gettext as _
from pydantic import ValidationError

from kolaborasi.aid.errors import ProgrammeRefused
from kolaborasi.aid.rules.programmes import ProgrammeDefinition
from kolaborasi.places.errors import UnreadableFile


def read_programmes(path: Path) -> list[ProgrammeDefinition]:
    """Read every `[[programme]]` of a file.

    Raises:
        UnreadableFile: no TOML, or no programme in it.
        ProgrammeRefused: a programme is not whole; every fault is told with its place.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8-sig")).get("programme")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        words = {"file": path.name, "why": error}
        raise UnreadableFile(_("%(file)s cannot be read: %(why)s") % words) from error
    if not isinstance(found, list) or not found:
        raise UnreadableFile(_("%(file)s has no [[programme]].") % {"file": path.name})
    definitions, faults = [], []
    for number, each in enumerate(found, start=1):
        try:
            definitions.append(ProgrammeDefinition.model_validate(each))
        except ValidationError as error:
            faults += [_fault(number, fault["loc"], fault["msg"]) for fault in error.errors()]
    if faults:
        raise ProgrammeRefused(faults)
    return definitions


def _fault(number: int, place: tuple[int | str, ...], why: str) -> str:
    return ".".join([f"programme[{number}]", *map(str, place)]) + f": {why}"
