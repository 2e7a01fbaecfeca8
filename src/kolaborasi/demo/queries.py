"""Questions of the demo pages."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from kolaborasi.demo.accounts import ACCOUNTS, DemoAccount
from kolaborasi.demo.estimates import CASES_PER_HOUSEHOLD, jakarta_estimates, jakarta_growth
from kolaborasi.demo.offers import ISOLATION_SHARE
from kolaborasi.messages.models import Message
from kolaborasi.messages.rendering import Text, render
from kolaborasi.people.models import User


def account_of(key: str) -> DemoAccount | None:
    """The demo account of that key, or None."""
    return next((account for account in ACCOUNTS if account.key == key), None)


def user_of(account: DemoAccount) -> User | None:
    """The account's user, or None while the city is not loaded."""
    return User.objects.filter(email=account.email, is_active=True).first()


def outgoing() -> QuerySet[Message]:
    """Every message, newest first."""
    return Message.objects.order_by("-created_at", "-id")


def text_of(message: Message) -> Text:
    """A message as its reader sees it."""
    return render(message)


@dataclass(frozen=True)
class Basis:
    """The numbers the demonstration stands on, for the page that explains it."""

    growth: float
    cases_per_household: float
    isolating: int
    packages: int
    offered: int
    share: float


def basis() -> Basis:
    """Counted, estimated and generated totals."""
    estimates = jakarta_estimates()
    packages = sum(estimate.need.packages for estimate in estimates)
    return Basis(
        growth=float(jakarta_growth()),
        cases_per_household=float(CASES_PER_HOUSEHOLD),
        isolating=sum(estimate.isolating for estimate in estimates),
        packages=packages,
        offered=int(packages * ISOLATION_SHARE),
        share=float(ISOLATION_SHARE),
    )
