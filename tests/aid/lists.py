"""Generated household lists: an invented population, and what clerks make of it on a second list."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zlib import crc32

from kolaborasi.aid.matching.scoring import Listed
from kolaborasi.people.rules import NotANumber, read_kk, read_nik

TODAY = date(2021, 7, 12)
AREAS = tuple(
    f"{city}{n:02}"
    for city, number in (("3171", 8), ("3172", 6), ("3173", 8), ("3174", 10), ("3175", 10), ("3101", 2))
    for n in range(1, number + 1)
)
"""The 44 kecamatan of Jakarta."""

FIRST = (
    *("Siti", "Muhammad", "Ahmad", "Nur", "Sri", "Dewi", "Agus", "Budi", "Andi", "Rina", "Yusuf", "Fauzi"),
    *("Rahmat", "Sukarno", "Suharti", "Sutrisno", "Wahyu", "Endang", "Zulkifli", "Hasanah", "Maimunah"),
    *("Khairul", "Fatimah", "Aminah", "Rohmah", "Joko", "Bambang", "Slamet", "Sulastri", "Tjahjono"),
    *("Ratna", "Yuliana", "Dian", "Eko", "Tri", "Wati", "Lestari", "Hidayat", "Syarifah", "Ismail"),
)
LAST = (
    *("Contoh", "Wibowo", "Saputra", "Kusuma", "Nugroho", "Pratama", "Handayani", "Setiawan", "Wijaya"),
    *("Hakim", "Firmansyah", "Rahayu", "Maulana", "Permata", "Santoso", "Gunawan", "Harahap", "Siregar"),
    *("Simatupang", "Purnomo", "Utami", "Susanto", "Hartono", "Rachman", "Suryadi", "Mulyani", "Anggraini"),
)
RESPELLED = (
    *(("u", "oe"), ("j", "dj"), ("f", "p"), ("z", "s"), ("kh", "h"), ("y", "j"), ("sy", "s"), ("h", "ch")),
    *(("i", "y"), ("v", "f"), ("nn", "n"), ("a", "o"), ("e", "i")),
)
TITLES = ("Bapak ", "Ibu ", "H. ", "Hj. ", "Sdr. ")


@dataclass(frozen=True)
class Copy:
    """A record of the second list and the household it really is; None when it is on the second list alone."""

    record: Listed
    of: int | None
    slips: tuple[str, ...] = ()


def population(size: int, seed: int = 1) -> list[Listed]:
    """Different households; one in fifty heads has a twin in a household of their own, with neighbouring numbers."""
    draw = random.Random(seed)
    serials: dict[str, int] = defaultdict(int)
    found: list[Listed] = []
    while len(found) < size:
        found.append(_household(draw, serials))
        if len(found) < size and draw.random() < 0.02:
            found.append(_twin(draw, found[-1], serials))
    return found


def _household(draw: random.Random, serials: dict[str, int]) -> Listed:
    area = draw.choice(AREAS)
    born = date(1945, 1, 1) + timedelta(days=draw.randrange(20_000))
    issued = date(2005, 1, 1) + timedelta(days=draw.randrange(5_900))
    return Listed(
        nik=_next(serials, area, born, woman=draw.random() < 0.5),
        kk=_next(serials, area, issued, kind="kk"),
        name=_name(draw),
        birth_date=born,
        place=f"31.{area[2:4]}.{area[4:]}.{1001 + draw.randrange(6)}",
    )


def _next(serials: dict[str, int], area: str, day: date, *, woman: bool = False, kind: str = "nik") -> str:
    head = f"{area}{day.day + 40 * woman:02}{day:%m%y}"
    # Heads are one in four persons, and a family card is renewed several times: serial numbers in use are scattered.
    step = crc32(f"{head}{serials[kind + head]}".encode()) % (4 if kind == "nik" else 16)
    serials[kind + head] += 1 + step
    return f"{head}{serials[kind + head]:04}"


def _twin(draw: random.Random, of: Listed, serials: dict[str, int]) -> Listed:
    assert of.birth_date is not None
    nik = _next(serials, of.nik[:6], of.birth_date, woman=int(of.nik[6:8]) > 40)
    other = draw.choice(FIRST)
    name = " ".join([other, *of.name.split()[1:]])
    kk = _next(serials, of.kk[:6], date(2010, 1, 1) + timedelta(days=draw.randrange(4_000)), kind="kk")
    return replace(of, nik=nik, kk=kk, name=name)


def _name(draw: random.Random) -> str:
    words = [draw.choice(FIRST), *draw.choices(FIRST, k=draw.random() < 0.3), draw.choice(LAST)]
    return " ".join(dict.fromkeys(words))


def second_list(known: list[Listed], *, doubles: int, news: int, seed: int = 2) -> list[Copy]:
    """A list with so many of the known households, written anew by a clerk, and so many that are new."""
    draw = random.Random(seed)
    copies = [_copied(draw, known[at], at) for at in draw.sample(range(len(known)), doubles)]
    strangers = population(len(known) + news, seed=seed + 100)[len(known) :]
    taken = {each.nik for each in known} | {each.kk for each in known}
    copies += [Copy(each, None) for each in strangers if each.nik not in taken and each.kk not in taken]
    draw.shuffle(copies)
    return copies


def _copied(draw: random.Random, record: Listed, at: int) -> Copy:
    slips: list[str] = []
    nik, kk, name, place = record.nik, record.kk, record.name, record.place
    if draw.random() < 0.30:
        nik = _slip(draw, nik, slips, "nik")
    if draw.random() < 0.05:
        nik = _slip(draw, nik, slips, "nik again")
    if draw.random() < 0.20:
        kk = _slip(draw, kk, slips, "kk")
    if draw.random() < 0.08:
        kk = kk[:6] + f"{draw.randrange(1, 29):02}{draw.randrange(1, 13):02}20{draw.randrange(1, 400):04}"
        slips.append("kk renewed")
    if draw.random() < 0.40:
        name = _misspelt(draw, name, slips)
    if draw.random() < 0.08:
        place, slips = place[:-1] + str(draw.randrange(7, 10)), [*slips, "moved"]
    born = read_nik(nik, today=TODAY).birth_date
    return Copy(replace(record, nik=nik, kk=kk, name=name, birth_date=born, place=place), at, tuple(slips))


def _slip(draw: random.Random, number: str, slips: list[str], what: str) -> str:
    """One wrong digit or two neighbours swapped; a slip that the form itself refuses is made again."""
    read = read_kk if what == "kk" else read_nik
    for _attempt in range(50):
        at = draw.randrange(15)
        if draw.random() < 0.5:
            typed = number[:at] + str(draw.randrange(10)) + number[at + 1 :]
        else:
            typed = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
        try:
            read(typed, today=TODAY)
        except NotANumber:
            continue
        if typed != number:
            slips.append(what)
            return typed
    return number


def _misspelt(draw: random.Random, name: str, slips: list[str]) -> str:
    slips.append("name")
    kind = draw.random()
    words = name.split()
    if kind < 0.2 and len(words) > 1:
        words.pop(draw.randrange(len(words)))
        return " ".join(words)
    if kind < 0.4:
        return draw.choice(TITLES) + name
    if kind < 0.5:
        return " ".join(reversed(words))
    lower = name.lower()
    possible = [pair for pair in RESPELLED if pair[0] in lower]
    if kind < 0.9 and possible:
        old, new = draw.choice(possible)
        return lower.replace(old, new, 1).title()
    at = draw.randrange(1, len(name) - 1)
    return name[:at] + name[at + 1 :]
