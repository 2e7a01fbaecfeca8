"""Partners over the API."""

from __future__ import annotations

from tests.api.conftest import Api
from tests.factories import PartnerFactory, SiteFactory
from tests.support import assert_same_queries


def test_list_partners_shows_those_that_were_activated(visitor: Api) -> None:
    active = PartnerFactory(name="Alpha")
    frozen = PartnerFactory(name="Beta", kind="lab", state="frozen", reason="complaint")
    PartnerFactory(name="Gamma", state="applied", activated_at=None)
    items = visitor.get("/partners").json()["items"]
    assert [(each["id"], each["state"]) for each in items] == [(active.pk, "active"), (frozen.pk, "frozen")]
    assert [each["id"] for each in visitor.get("/partners?kind=lab").json()["items"]] == [frozen.pk]
    assert [each["id"] for each in visitor.get("/partners?state=active").json()["items"]] == [active.pk]
    assert [each["id"] for each in visitor.get("/partners?name=bet").json()["items"]] == [frozen.pk]
    assert visitor.get("/partners?kind=bakery").status_code == 422


def test_list_partners_by_cursor_tells_equal_names_apart(visitor: Api) -> None:
    made = [PartnerFactory(name="Sama").pk for _number in range(3)]
    first = visitor.get("/partners?limit=2").json()
    second = visitor.get(first["next"]).json()
    assert [each["id"] for each in first["items"] + second["items"]] == made
    assert second["next"] is None


def test_list_partners_asks_the_database_as_often_for_three_as_for_one(visitor: Api) -> None:
    assert_same_queries(1, ask=lambda: visitor.get("/partners"), add_row=SiteFactory)


def test_get_partner_shows_sites_in_use(visitor: Api) -> None:
    site = SiteFactory()
    body = visitor.get(f"/partners/{site.partner_id}").json()
    assert body["site_count"] == 1
    (shown,) = body["sites"]
    assert (shown["id"], shown["place"]["code"]) == (site.pk, site.place.code)


def test_get_partner_that_only_applied_is_hidden(visitor: Api) -> None:
    partner = PartnerFactory(state="applied", activated_at=None)
    response = visitor.get(f"/partners/{partner.pk}")
    assert (response.status_code, response.json()["code"]) == (404, "partner-unknown")
