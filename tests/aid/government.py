"""Government aid as tests set it up."""

from __future__ import annotations

from datetime import date
from typing import Any

from kolaborasi.aid import facts, queries, services
from kolaborasi.aid.models import AidPeriod, Allotment, Entitlement, Item, Roll, RollSource
from kolaborasi.aid.roll_files import read_roll
from kolaborasi.common.actors import Actor
from kolaborasi.places.models import Place
from tests.conftest import NOW
from tests.factories import TODAY, KelurahanFactory, PartnerFactory

SYSTEM = Actor.system("test")
Row = tuple[str, str, str, int, str]
NAMES = ("Siti Aminah", "Bambang Santoso", "Dewi Lestari", "Joko Purnomo", "Ratna Wijaya", "Hasan Siregar")


def row(number: int, hardship: str = "income") -> Row:
    """A household like no other: numbers differ by more than one slip, names and birthdays too."""
    nik = f"31710{1 + number % 8}{1 + number % 28:02}{1 + number % 12:02}{50 + number % 45}{(number * 37) % 9000 + 1:04}"
    kk = f"31740{1 + number % 9}{1 + number % 27:02}{1 + number % 11:02}{10 + number % 10}{(number * 53) % 9000 + 1:04}"
    return (
        nik,
        kk,
        f"{NAMES[number % 6]} {NAMES[(number * 5 + 1) % 6]} {chr(97 + number % 26) * 3}",
        3,
        hardship,
    )


def roll(*rows: Row, place: Place | None = None, programme: str = "pangan", **changes: Any) -> Roll:
    """A list that was taken in; everybody on it is new or surely known."""
    if not Item.objects.filter(code="bst-tunai").exists():
        facts.load_programmes()
    lines = "\n".join(",".join(map(str, each)) for each in rows)
    file = read_roll(f"NIK,No KK,Nama,Jiwa,Alasan\n{lines}\n".encode(), name="x.csv", today=TODAY)
    known: dict[str, Any] = {
        "programme": queries.programme(programme),
        "source": RollSource.CITY,
        "place": place or KelurahanFactory(),
        "as_of_date": TODAY,
        "file": file,
        "by": SYSTEM,
        "now": NOW,
    }
    return services.register_roll(**{**known, **changes}).roll


def period(*, awaits_ministry: bool = False, starts: date = date(2021, 7, 1)) -> AidPeriod:
    """July 2021 of the cash aid."""
    return services.define_period(
        benefit="bst",
        starts_date=starts,
        ends_date=date(2021, 8, 1),
        awaits_ministry=awaits_ministry,
        by=SYSTEM,
        now=NOW,
    )


def allotment(
    of: AidPeriod, units: int = 100, *, external: bool = False, item: str = "bst-tunai"
) -> Allotment:
    """Of the city, or of the ministry."""
    if not Item.objects.filter(code=item).exists():
        facts.load_programmes()
    return services.allot(
        programme=queries.programme("pangan"),
        period=of,
        agency=PartnerFactory(kind="government"),
        item=Item.objects.get(code=item),
        units=units,
        rupiah=300_000 if item == "bst-tunai" else None,
        external=external,
        by=SYSTEM,
        now=NOW,
    )


def entitle(of: Allotment, listed: Roll) -> tuple[int, int, int]:
    """Entitled, suspended, displaced."""
    done = services.entitle(allotment=of, roll=listed, by=SYSTEM, now=NOW)
    return done.entitled, done.suspended, done.displaced


def standing(of: Allotment) -> int:
    """Promises of an allotment that stand or were kept."""
    return Entitlement.objects.filter(allotment=of, state__in=["confirmed", "fulfilled"]).count()
