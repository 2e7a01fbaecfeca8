"""The actor of an account, and what the public sees of partners."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from kolaborasi.common.actors import Actor, Role
from kolaborasi.common.errors import NotFound
from kolaborasi.partners import queries
from tests.factories import KelurahanFactory, MembershipFactory, PartnerFactory, SiteFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_actor_holds_partner_and_place_of_every_role(
    now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user, place, city = UserFactory(), KelurahanFactory(), PartnerFactory(kind="government")
    MembershipFactory(user=user, partner=city, role="verifier", place=place)
    own = MembershipFactory(user=user, role="partner_admin")
    MembershipFactory(role="coordinator")
    with django_assert_num_queries(1):
        actor = queries.actor_of(user, now)
    assert actor == Actor.user(
        user.pk, (Role("verifier", city.pk, place.code), Role("partner_admin", own.partner_id, None))
    )


@pytest.mark.parametrize(
    ("starts", "ends", "counts"),
    [
        (date(2021, 7, 12), None, True),
        (date(2021, 7, 13), None, False),
        (date(2021, 1, 1), date(2021, 7, 12), False),
        (date(2021, 1, 1), date(2021, 7, 13), True),
    ],
)
def test_role_counts_from_its_first_day_to_before_its_last(
    starts: date, ends: date | None, counts: bool, now: datetime
) -> None:
    membership = MembershipFactory(starts_date=starts, ends_date=ends)
    assert bool(queries.actor_of(membership.user, now).roles) == counts


def test_day_of_a_role_is_the_citys_day() -> None:
    membership = MembershipFactory(starts_date=date(2021, 7, 12))
    before_midnight = datetime(2021, 7, 11, 16, 59, tzinfo=UTC)
    midnight_in_jakarta = datetime(2021, 7, 11, 17, 0, tzinfo=UTC)
    assert queries.actor_of(membership.user, before_midnight).roles == ()
    assert len(queries.actor_of(membership.user, midnight_in_jakarta).roles) == 1


@pytest.mark.parametrize(
    ("state", "names"),
    [
        ("applied", []),
        ("active", ["coordinator", "partner_admin"]),
        ("paused", ["partner_admin"]),
        ("frozen", ["partner_admin"]),
        ("left", []),
    ],
)
def test_roles_that_count_depend_on_the_partners_state(state: str, names: list[str], now: datetime) -> None:
    reason = "complaint" if state == "frozen" else ""
    user, partner = UserFactory(), PartnerFactory(state=state, reason=reason, kind="government")
    for role in ("coordinator", "partner_admin"):
        MembershipFactory(user=user, partner=partner, role=role)
    assert [role.name for role in queries.actor_of(user, now).roles] == names


def test_closed_account_has_no_role(now: datetime) -> None:
    membership = MembershipFactory(user=UserFactory(is_active=False))
    assert queries.actor_of(membership.user, now).roles == ()


def test_public_sees_partners_that_were_activated(now: datetime) -> None:
    shown = PartnerFactory(name="B")
    left = PartnerFactory(name="A", state="left")
    PartnerFactory(state="applied", activated_at=None)
    PartnerFactory(state="left", activated_at=None)
    SiteFactory(partner=shown)
    SiteFactory(partner=shown, closed_date=date(2021, 6, 1))
    assert [(row.pk, row.site_count) for row in queries.partners()] == [(left.pk, 0), (shown.pk, 1)]
    assert queries.all_partners().count() == 4


def test_account_is_found_by_its_address_in_any_case() -> None:
    user = UserFactory(email="warga@contoh.example")
    UserFactory(email="tutup@contoh.example", is_active=False)
    assert queries.account_by_email(" Warga@Contoh.example") == user
    with pytest.raises(NotFound):
        queries.account_by_email("tutup@contoh.example")
