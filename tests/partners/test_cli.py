"""`kolaborasi partners …`: the first government body and its first coordinator."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from kolaborasi.common.errors import NotFound
from kolaborasi.partners.cli import partners
from kolaborasi.partners.errors import RoleNotGiven
from kolaborasi.partners.models import Membership, Partner
from tests.factories import KelurahanFactory, PartnerFactory, UserFactory

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    result = CliRunner().invoke(partners, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_first_coordinator_is_appointed_from_the_shell() -> None:
    user = UserFactory(email="koordinator@contoh.example")
    assert run("enrol", "Dinas Contoh") == f"Partner {Partner.objects.get().pk}: Dinas Contoh\n"
    partner = Partner.objects.get()
    assert (partner.kind, partner.state) == ("government", "active")
    run("appoint", "Koordinator@contoh.example", "coordinator", "--partner", str(partner.pk))
    made = Membership.objects.get()
    assert (made.user, made.role, made.place) == (user, "coordinator", None)


def test_role_is_limited_to_an_area() -> None:
    UserFactory(email="pemeriksa@contoh.example")
    partner, place = PartnerFactory(kind="government"), KelurahanFactory()
    place.codes.create(scheme="kemendagri", code=place.code)
    run(
        "appoint", "pemeriksa@contoh.example", "verifier", "--partner", str(partner.pk), "--place", place.code
    )
    assert Membership.objects.get().place == place


@pytest.mark.parametrize(
    "arguments",
    [("enrol", "X", "--kind", "club"), ("appoint", "x@contoh.example", "king", "--partner", "1")],
)
def test_unknown_word_is_a_usage_error_that_names_the_known_ones(arguments: tuple[str, ...]) -> None:
    result = CliRunner().invoke(partners, arguments)
    assert result.exit_code == 2
    assert "one of" in result.output
    assert not Membership.objects.exists()


def test_unknown_account_or_partner_changes_nothing() -> None:
    partner = PartnerFactory(kind="government")
    with pytest.raises(NotFound):
        run("appoint", "tiada@contoh.example", "verifier", "--partner", str(partner.pk))
    UserFactory(email="ada@contoh.example")
    result = CliRunner().invoke(partners, ["appoint", "ada@contoh.example", "verifier", "--partner", "4711"])
    assert (result.exit_code, "no partner 4711" in result.output) == (2, True)
    assert not Membership.objects.exists()


def test_role_of_the_city_is_not_given_by_a_community() -> None:
    UserFactory(email="ada@contoh.example")
    partner = PartnerFactory()
    with pytest.raises(RoleNotGiven):
        run("appoint", "ada@contoh.example", "coordinator", "--partner", str(partner.pk))
    assert not Membership.objects.exists()
