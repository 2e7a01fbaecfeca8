"""Demo accounts: one for each role, visibly fictitious, without a password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.actors import Actor
from kolaborasi.people.models import User
from kolaborasi.people.services import correct, register_account, vouch_for_contact

DEMO = Actor.system("demo")
DOMAIN = "contoh.invalid"
"""`.invalid` never resolves (RFC 2606), so no message can leave for it."""


@dataclass(frozen=True)
class DemoAccount:
    """A demo login.

    Args:
        key: first part of the address, and what the login page posts.
        name: of the fictitious person.
        role: in words.
        task: what there is to do for them in the demonstration city.
        start: address the login leads to.
    """

    key: str
    name: str
    role: str | Promise
    task: str | Promise
    start: str

    @property
    def email(self) -> str:
        """Address of the account."""
        return f"{self.key}@{DOMAIN}"


ACCOUNTS = (
    DemoAccount(
        "warga",
        "Warga Contoh 17",
        _("Resident and helper"),
        _("Promise help, follow a promise made before."),
        "/aid/",
    ),
    DemoAccount(
        "ketua-rw",
        "Ketua RW Contoh 5",
        _("Head of an RW"),
        _("Register a need, acknowledge a delivery that is on the way."),
        "/aid/mine/",
    ),
    DemoAccount(
        "panti",
        "Pengurus Panti Contoh 2",
        _("Member of an institution"),
        _("See what the institution was promised and say what arrived."),
        "/aid/mine/",
    ),
    DemoAccount(
        "agregator",
        "Admin Agregator Contoh 1",
        _("Administrator of an aggregator"),
        _("Offer goods and see where a plan sends them."),
        "/aid/my-pledges/",
    ),
    DemoAccount(
        "kurir", "Kurir Contoh 4", _("Courier"), _("Hand over what is on the way."), "/aid/my-pledges/"
    ),
    DemoAccount(
        "verifikator",
        "Verifikator Contoh 3",
        _("Verifier"),
        _("Check needs that wait to be verified."),
        "/aid/verify/",
    ),
    DemoAccount(
        "koordinator",
        "Koordinator Contoh 1",
        _("Coordinator"),
        _("Read the plan, approve all or some of its lines."),
        "/posko/plans/",
    ),
    DemoAccount(
        "petugas-rujukan",
        "Petugas Rujukan Contoh 1",
        _("Dispatcher"),
        _("Find a bed for patients who wait, the severest first."),
        "/hospitals/board/",
    ),
    DemoAccount(
        "rumah-sakit",
        "Petugas Rumah Sakit Contoh 1",
        _("Administrator of a hospital"),
        _("Report beds, answer an offer, admit a patient who is on the way."),
        "/hospitals/mine/",
    ),
    DemoAccount(
        "puskesmas",
        "Petugas Puskesmas Contoh 1",
        _("Member of a puskesmas"),
        _("Follow up people who isolate at home, ask for a bed."),
        "/hospitals/isolation/",
    ),
    DemoAccount(
        "vaksinator",
        "Vaksinator Contoh 1",
        _("Officer of a vaccination site"),
        _("Check people in, screen them and record their doses."),
        "/vaccination/sessions/",
    ),
    DemoAccount(
        "gudang-vaksin",
        "Petugas Gudang Vaksin Contoh 1",
        _("Store keeper of vaccines"),
        _("See lots, send doses, decide about doses that were too warm."),
        "/vaccination/stock/",
    ),
    DemoAccount(
        "perencana-vaksin",
        "Perencana Vaksinasi Contoh 1",
        _("Planner of the vaccination"),
        _("Read the supply plan, approve its lines, see who is covered."),
        "/vaccination/plans/",
    ),
    DemoAccount(
        "peserta-vaksin",
        "Peserta Contoh 901",
        _("Resident with a booking"),
        _("See the booking for the second dose, move it, show the certificate."),
        "/vaccination/my/",
    ),
    DemoAccount(
        "petugas-swab",
        "Petugas Swab Contoh 1",
        _("Officer of a collection point"),
        _("Order tests, scan labels, take swabs of people who wait."),
        "/diagnostics/mine/collection/",
    ),
    DemoAccount(
        "kurir-sampel",
        "Kurir Sampel Contoh 1",
        _("Courier of specimens"),
        _("Scan what goes along and bring it to the lab of the manifest."),
        "/diagnostics/rounds/",
    ),
    DemoAccount(
        "analis",
        "Analis Laboratorium Contoh 1",
        _("Analyst at the bench of a campus lab"),
        _("Receive specimens, fill plates, read the plate in the machine."),
        "/diagnostics/mine/bench/",
    ),
    DemoAccount(
        "validator",
        "Validator Laboratorium Contoh 1",
        _("Second person of a campus lab"),
        _("Check results before anybody is told."),
        "/diagnostics/mine/validation/",
    ),
    DemoAccount(
        "kepala-lab",
        "Kepala Laboratorium Contoh 1",
        _("Head of a campus lab"),
        _("Offer days to the network, see machines, kits and the backlog."),
        "/diagnostics/mine/lab/",
    ),
    DemoAccount(
        "auditor", "Auditor Contoh 1", _("Auditor"), _("See plans and who decided what."), "/posko/plans/"
    ),
)


def open_account(account: DemoAccount, now: datetime) -> User:
    """Make the account with its person and a confirmed address; it has no password and none can be set by mail."""
    user = User(email=account.email, joined_at=now)
    user.set_unusable_password()
    user.save(force_insert=True)
    EmailAddress.objects.create(user=user, email=account.email, verified=True, primary=True)
    person = register_account(account=user, by=DEMO, now=now)
    correct(person=person, changes={"name": account.name}, by=DEMO, now=now)
    vouch_for_contact(person=person, channel="email", by=DEMO, now=now)
    return user
