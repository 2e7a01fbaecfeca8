"""The text catalogue: which texts the product has, which of them lack a translation, and compiled catalogues.

Babel does the work of GNU gettext, so that no system package is needed. English is the language of the code; every
other language is one file `locale/<language>/LC_MESSAGES/django.po`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileParser
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).resolve().parent.parent
LOCALES = PACKAGE / "locale"
KEYWORDS: dict[str, Any] = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# Percent placeholders of Python and brace placeholders of str.format.
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[#0\- +]*\d*(?:\.\d+)?[sdifgrx]|\{\w*\}")


@dataclass(frozen=True)
class Text:
    """One text of the code: message id (with its plural), context, and the first place that uses it."""

    msgid: str
    plural: str | None
    context: str | None
    place: str


@dataclass(frozen=True)
class Fault:
    """A text a language does not have as it should, and why."""

    text: str
    reason: str
    place: str

    def __str__(self) -> str:
        return f"{self.reason}: {self.text!r} ({self.place})"


class _StrictCatalog(Catalog):
    """A catalogue that remembers ids given twice: the later one would silently win."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.repeated: list[str] = []

    def __setitem__(self, id: Any, message: Message) -> None:
        if id and self.get(id, message.context) is not None:
            self.repeated.append(_first(id))
        super().__setitem__(id, message)


def _first(id: Any) -> str:
    return str(id[0] if isinstance(id, list | tuple) else id)


def texts(package: Path = PACKAGE) -> list[Text]:
    """Every text of the Python files and templates of a package, once each."""
    found: dict[tuple[str, str | None], Text] = {}
    for path in sorted(package.rglob("*")):
        if path.suffix not in {".py", ".html", ".txt"} or "migrations" in path.parts:
            continue
        if path.suffix != ".py" and "templates" not in path.parts:
            continue
        for text in _texts_of(path, package):
            found.setdefault((text.msgid, text.context), text)
    return list(found.values())


def _texts_of(path: Path, package: Path) -> Iterator[Text]:
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        source = templatize(source, origin=str(path))
    for line, found, _comments, context in extract("python", BytesIO(source.encode()), KEYWORDS):
        place = f"{path.relative_to(package).as_posix()}:{line}"
        msgid, plural = (found[0], found[1]) if isinstance(found, tuple) else (found, None)
        if msgid:
            yield Text(msgid, plural, context, place)


def catalogue(file: Path) -> _StrictCatalog:
    """A `.po` file as a catalogue.

    Raises:
        babel.messages.pofile.PoFileError: the file is not a catalogue.
    """
    content = _StrictCatalog(locale=file.parent.parent.name, domain="django")
    with file.open("rb") as lines:
        PoFileParser(content, abort_invalid=True).parse(lines)
    return content


def faults(file: Path, package: Path = PACKAGE) -> list[Fault]:
    """What is wrong with a language: texts missing, fuzzy, given twice, or with other placeholders."""
    content = catalogue(file)
    repeated = [Fault(msgid, "given twice", file.name) for msgid in content.repeated]
    checked = [(text, _fault(text, content.get(text.msgid, text.context))) for text in texts(package)]
    return repeated + [Fault(text.msgid, reason, text.place) for text, reason in checked if reason]


def _fault(text: Text, message: Message | None) -> str:
    if message is None:
        return "missing"
    given = list(message.string) if isinstance(message.string, list | tuple) else [message.string]
    if text.plural is not None and not message.pluralizable:
        return "without plural"
    if not all(given):
        return "missing"
    if message.fuzzy:
        return "fuzzy"
    wanted = set(PLACEHOLDER.findall(text.plural or text.msgid))
    return (
        "" if all(set(PLACEHOLDER.findall(each or "")) == wanted for each in given) else "other placeholders"
    )


def compile_all(locales: Path = LOCALES, *, only_stale: bool = False) -> list[Path]:
    """Write the `.mo` beside each `.po`; returns those written.

    Args:
        only_stale: leave those that are newer than their source.
    """
    written = []
    for source in sorted(locales.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if only_stale and target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        _compile(source, target)
        written.append(target)
    return written


def _compile(source: Path, target: Path) -> None:
    # Written aside and renamed: several processes may compile at the same time.
    aside = target.with_suffix(f".{os.getpid()}.tmp")
    try:
        with aside.open("wb") as file:
            write_mo(file, catalogue(source))
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)
