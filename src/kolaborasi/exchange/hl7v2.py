"""HL7 v2.5.1 ORU^R01 messages as plain values; the fields kept are kept whole, whatever the encoding characters.

Standard: HL7 Version 2.5.1, chapter 7 (observation reporting); encoding characters of MSH-2 may be four or five.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

import hl7

from kolaborasi.exchange.errors import NotHl7

TIME = re.compile(r"(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:\.\d+)?([+-]\d{4})?")


@dataclass(frozen=True)
class Coded:
    """A coded element (CE, CWE): code, text and system, and the same in another system where given."""

    code: str = ""
    text: str = ""
    system: str = ""
    other_code: str = ""
    other_text: str = ""
    other_system: str = ""


@dataclass(frozen=True)
class Observation:
    """One OBX segment.

    Args:
        kind: OBX-2, for example `CWE` or `NM`.
        code: OBX-3.
        value: OBX-5 as written; `coded` is the same as a coded element.
        status: OBX-11; `F` final, `C` corrected.
        observed_at, analysed_at: OBX-14 and OBX-19.
    """

    number: str
    kind: str
    code: Coded
    value: str
    coded: Coded
    units: str
    status: str
    observed_at: datetime | None
    analysed_at: datetime | None


@dataclass(frozen=True)
class Report:
    """One OBR with its observations and specimen.

    Args:
        placer, filler: OBR-2 and OBR-3, order numbers of who asked and who read.
        specimens: SPM-2 of the report, each part that is an identifier.
        reported_at: OBR-22.
    """

    message: str
    placer: str
    filler: str
    service: Coded
    collected_at: datetime | None
    reported_at: datetime | None
    status: str
    specimens: tuple[str, ...] = ()
    specimen_type: Coded = field(default_factory=Coded)
    received_at: datetime | None = None
    observations: tuple[Observation, ...] = ()


def read_reports(text: str) -> list[Report]:
    """Every report of every message of a file (one message, a batch, or several in a row).

    Raises:
        NotHl7: it holds no message, or one that is not ORU^R01.
    """
    found: list[Report] = []
    for message in messages(text):
        found += _reports(message)
    if not found:
        raise NotHl7("OBR")
    return found


def messages(text: str) -> Iterator[hl7.Message]:
    """Parsed messages of a file; segments may end in CR, LF or both, batch envelopes are left out.

    Raises:
        NotHl7: there is none, or one cannot be read.
    """
    lines = [line for line in re.split(r"[\r\n\x0b\x1c]+", text.lstrip("\ufeff")) if line.strip()]
    current: list[str] = []
    started = False
    for line in [*lines, "MSH"]:
        if line.startswith("MSH"):
            if current:
                yield _parsed(current)
            current, started = [line], True
        elif line[:3] in {"FHS", "BHS", "BTS", "FTS"}:
            continue
        elif not started:
            raise NotHl7("MSH")
        else:
            current.append(line)
    if not lines or len(lines[0]) < 8:
        raise NotHl7("MSH")


def moment(text: str) -> datetime | None:
    """A time (TS, DTM) with its zone; without one it is taken as UTC. None when empty or no time.

    Precision down to what is written: `20240605` is midnight.
    """
    match = TIME.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, zone = match.groups()
    try:
        offset = UTC if zone is None else timezone(_offset(zone))
        numbers = (int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0))
        return datetime(int(year), *numbers, tzinfo=offset)
    except ValueError:
        return None


def _offset(zone: str) -> timedelta:
    sign = -1 if zone[0] == "-" else 1
    return sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))


def _parsed(lines: list[str]) -> hl7.Message:
    try:
        message = hl7.parse("\r".join(lines) + "\r")
        kind = (_part(message, "MSH", 9, 1), _part(message, "MSH", 9, 2))
    except (hl7.HL7Exception, KeyError, IndexError, ValueError, AssertionError) as error:
        raise NotHl7(type(error).__name__) from None
    if kind != ("ORU", "R01"):
        raise NotHl7("^".join(kind))
    return message


def _reports(message: hl7.Message) -> Iterator[Report]:
    control = _part(message, "MSH", 10, 1)
    groups: list[list[hl7.Segment]] = []
    for segment in message:
        name = str(segment[0])
        if name == "OBR":
            groups.append([segment])
        elif groups:
            groups[-1].append(segment)
    for group in groups:
        yield _report(control, group)


def _report(control: str, group: list[hl7.Segment]) -> Report:
    obr = group[0]
    specimens = [segment for segment in group if str(segment[0]) == "SPM"]
    spm = specimens[0] if specimens else None
    return Report(
        message=control,
        placer=_piece(obr, 2, 1),
        filler=_piece(obr, 3, 1),
        service=_coded(obr, 4),
        collected_at=(moment(_piece(spm, 17, 1)) if spm else None) or moment(_piece(obr, 7, 1)),
        reported_at=moment(_piece(obr, 22, 1)),
        status=_piece(obr, 25, 1),
        specimens=tuple(dict.fromkeys(number for each in specimens for number in _identifiers(each))),
        specimen_type=_coded(spm, 4) if spm else Coded(),
        received_at=moment(_piece(spm, 18, 1)) if spm else None,
        observations=tuple(_observation(each) for each in group if str(each[0]) == "OBX"),
    )


def _observation(obx: hl7.Segment) -> Observation:
    return Observation(
        number=_piece(obx, 1, 1),
        kind=_piece(obx, 2, 1),
        code=_coded(obx, 3),
        value=_text(obx, 5),
        coded=_coded(obx, 5),
        units=_piece(obx, 6, 1),
        status=_piece(obx, 11, 1),
        observed_at=moment(_piece(obx, 14, 1)),
        analysed_at=moment(_piece(obx, 19, 1)),
    )


def _coded(segment: hl7.Segment, number: int) -> Coded:
    return Coded(*(_piece(segment, number, part) for part in range(1, 7)))


def _identifiers(spm: hl7.Segment) -> list[str]:
    """SPM-2: specimen numbers of who asked and who read, and SPM-3, its parents."""
    found = [_piece(spm, 2, component, sub) for component in (1, 2) for sub in (1,)]
    return [number for number in found if number]


def _text(segment: hl7.Segment, number: int) -> str:
    return str(segment[number]) if len(segment) > number else ""


def _piece(segment: hl7.Segment, number: int, component: int, sub: int = 1) -> str:
    """A component of the first repetition of a field, its first sub-component; escapes undone; empty when absent."""
    if len(segment) <= number:
        return ""
    value = segment[number]
    # The library nests only as deep as separators occur: field > repetition > component > sub-component.
    for position in (1, component, sub):
        if isinstance(value, hl7.Container) and not isinstance(value, hl7.Segment):
            if len(value) < position:
                return ""
            value = value[position - 1]
        elif position > 1:
            return ""
    return _unescaped(str(value), segment)


def _unescaped(text: str, segment: hl7.Segment) -> str:
    """Escape sequences of delimiters undone, with the encoding characters this message declared."""
    escape, separators = segment.esc, segment.separators
    if not escape or escape not in text:
        return text
    letters = dict(zip("FRST", separators[1:5], strict=False)) | {"E": escape}
    for letter, character in letters.items():
        text = text.replace(f"{escape}{letter}{escape}", character)
    return text


def _part(message: hl7.Message, segment: str, number: int, component: int) -> str:
    return _piece(message.segment(segment), number, component)
