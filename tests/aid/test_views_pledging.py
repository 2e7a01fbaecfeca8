"""Pledging on pages: one form, one promise, and what the form says when it cannot be."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as live_settings
from django.test import Client
from django.utils.timezone import localdate

from kolaborasi.aid.models import NeedLine, Pledge
from kolaborasi.aid.rules import MOST_UNCONFIRMED
from kolaborasi.aid.states import NeedState
from kolaborasi.audit.models import AuditEntry
from kolaborasi.commitments.states import CommitmentState
from kolaborasi.messages.models import Channel, Message
from kolaborasi.messages.rendering import render
from kolaborasi.partners.states import PartnerState
from kolaborasi.people.models import Person
from kolaborasi.people.queries import address_of
from tests.aid.pages import fill, helper, member, signed_in, soon, text_of, visitor_form
from tests.factories import NeedLineFactory, PartnerFactory, SiteFactory

pytestmark = pytest.mark.django_db


def address(line: NeedLine) -> str:
    return f"/aid/needs/{line.need_id}/pledges"


def nothing_was_promised(line: NeedLine) -> bool:
    line.refresh_from_db()
    return line.committed == 0 and not Pledge.objects.exists() and not Person.objects.exists()


def test_form_opens_with_the_line_chosen_and_a_day_in_reach(client: Client) -> None:
    line = NeedLineFactory()
    form = client.get(address(line), {"line": line.pk}).context["form"]
    assert form["line"].value() == line.pk
    assert localdate() <= form["deliver_date"].value()


def test_visitor_promises_and_is_sent_a_link(client: Client) -> None:
    line = NeedLineFactory(reported=50)
    response = client.post(address(line), visitor_form(line, quantity=20, named="on"))
    assert (response.status_code, response["Location"]) == (302, f"/aid/needs/{line.need_id}/pledged/")
    pledge = Pledge.objects.get()
    assert (pledge.quantity, pledge.state, pledge.named) == (20, CommitmentState.HELD, True)
    line.refresh_from_db()
    assert line.committed == 20
    message = Message.objects.get()
    assert address_of(message.recipient, "email") == "penolong@contoh.example"
    text = render(message)
    assert text.subject == "Mohon konfirmasi janji Anda"
    assert f"{live_settings.PUBLIC_ADDRESS}{message.context['link']}" in text.body
    assert "20 × Paket sembako" in text.body
    assert "Warga Contoh" not in f"{message.context}"
    assert client.get(response["Location"]).status_code == 200


def test_quantity_is_read_as_the_page_writes_it(client: Client) -> None:
    line = NeedLineFactory(reported=5_000)
    assert client.post(address(line), visitor_form(line, quantity="1.000")).status_code == 302
    line.refresh_from_db()
    assert (Pledge.objects.get().quantity, line.committed) == (1_000, 1_000)


@pytest.mark.parametrize("typed", ["1.00", "1,000", "1_000"])
def test_quantity_that_could_mean_two_things_promises_nothing(client: Client, typed: str) -> None:
    line = NeedLineFactory(reported=5_000)
    response = client.post(address(line), visitor_form(line, quantity=typed))
    assert response.status_code == 422
    assert "misalnya 1.000" in text_of(response)
    assert response.context["form"]["quantity"].value() == typed
    assert nothing_was_promised(line)


def test_visitor_with_a_telephone_only_gets_a_text_message(client: Client) -> None:
    line = NeedLineFactory()
    form = visitor_form(line) | {"email": "", "phone": "0812 3456 7890"}
    assert client.post(address(line), form).status_code == 302
    assert Message.objects.get().channel == Channel.SMS


def test_same_form_sent_twice_makes_one_pledge_and_leads_to_the_same_page(client: Client) -> None:
    line = NeedLineFactory(reported=50)
    form = visitor_form(line, quantity=20)
    first, second = client.post(address(line), form), client.post(address(line), form)
    assert first["Location"] == second["Location"]
    line.refresh_from_db()
    assert (Pledge.objects.count(), Message.objects.count(), line.committed) == (1, 1, 20)


def test_form_sent_again_with_other_content_asks_first(client: Client) -> None:
    line = NeedLineFactory()
    form = visitor_form(line, quantity=2)
    client.post(address(line), form)
    response = client.post(address(line), form | {"quantity": 3})
    assert response.status_code == 422
    assert Pledge.objects.count() == 1
    assert response.context["form"]["idempotency_key"].value() != form["idempotency_key"]


def test_more_than_is_left_gets_the_form_again_with_the_nearest_needs(client: Client) -> None:
    line = NeedLineFactory(reported=50, committed=38)
    near = NeedLineFactory(need__place__latitude=line.need.place.latitude + 0.001)
    far = NeedLineFactory(need__place__latitude=line.need.place.latitude + 0.1)
    full = NeedLineFactory(reported=5, committed=5)
    response = client.post(address(line), visitor_form(line, quantity=20))
    page = text_of(response)
    assert response.status_code == 422
    assert "Di sini hanya kurang 12 lagi; Anda menulis 20" in page
    links = [f"/aid/needs/{each.need_id}/pledges?line={each.pk}" for each in (near, far, full)]
    assert page.index(links[0]) < page.index(links[1])
    assert links[2] not in page
    # What was typed is still there.
    form = response.context["form"]
    assert (form["name"].value(), form["email"].value()) == ("Warga Contoh", "penolong@contoh.example")
    assert form["quantity"].value() == "20"
    line.refresh_from_db()
    assert (line.committed, Pledge.objects.count(), Person.objects.count()) == (38, 0, 0)


def test_fulfilled_need_shows_the_nearest_instead_of_a_form(client: Client) -> None:
    line = NeedLineFactory(reported=50, committed=50)
    other = NeedLineFactory()
    page = text_of(client.get(address(line)))
    assert "sudah dijanjikan" in page
    assert f"/aid/needs/{other.need_id}/pledges?line={other.pk}" in page
    assert '<form method="post" novalidate' not in page
    response = client.post(address(line), visitor_form(line, quantity=1))
    assert response.status_code == 422
    assert "Ada yang lebih cepat" in text_of(response)
    assert Pledge.objects.count() == 0


def test_withdrawn_need_is_refused_with_the_reason(client: Client) -> None:
    line = NeedLineFactory(need__state=NeedState.WITHDRAWN, need__state_reason="other")
    assert "tidak menerima bantuan lagi" in text_of(client.get(address(line)))
    response = client.post(address(line), visitor_form(line))
    assert response.status_code == 422
    assert "tidak menerima bantuan lagi" in text_of(response)
    assert nothing_was_promised(line)


def test_need_that_is_not_public_takes_no_pledge(client: Client) -> None:
    line = NeedLineFactory(need__state=NeedState.SUBMITTED, need__verified_at=None)
    assert client.post(address(line), visitor_form(line)).status_code == 404
    assert nothing_was_promised(line)


def test_frozen_institution_is_refused_with_the_reason(client: Client) -> None:
    site = SiteFactory(partner__state=PartnerState.FROZEN, partner__reason="complaint")
    line = NeedLineFactory(need__place=site.place, need__institution=site)
    response = client.post(address(line), visitor_form(line))
    assert response.status_code == 422
    assert "dibekukan" in text_of(response)
    assert nothing_was_promised(line)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"quantity": 0}, "quantity"),
        ({"quantity": -3}, "quantity"),
        ({"quantity": "banyak"}, "quantity"),
        ({"quantity": 99_999_999_999}, "quantity"),
        ({"quantity": ""}, "quantity"),
        ({"deliver_date": "2020-01-01"}, "deliver_date"),
        ({"deliver_date": "2999-01-01"}, "deliver_date"),
        ({"deliver_date": "besok"}, "deliver_date"),
        ({"line": 987654}, "line"),
        ({"line": ""}, "line"),
        ({"name": ""}, "name"),
        ({"email": "", "phone": ""}, "email"),
        ({"email": "bukan surel"}, "email"),
        ({"email": "", "phone": "12"}, "phone"),
    ],
)
def test_wrong_field_is_named_and_the_rest_is_kept(client: Client, wrong: dict[str, Any], field: str) -> None:
    line = NeedLineFactory()
    response = client.post(address(line), visitor_form(line) | wrong)
    assert response.status_code == 422
    form = response.context["form"]
    assert list(form.errors) == [field]
    assert form[field].value() == str(next(iter(wrong.values()))) or field in wrong
    if "name" not in wrong:
        assert form["name"].value() == "Warga Contoh"
    assert nothing_was_promised(line)


def test_line_of_another_need_is_refused(client: Client) -> None:
    line, foreign = NeedLineFactory(), NeedLineFactory()
    response = client.post(address(line), visitor_form(line) | {"line": foreign.pk})
    assert response.status_code == 422
    assert nothing_was_promised(foreign)


def test_form_without_its_key_does_nothing(client: Client) -> None:
    line = NeedLineFactory()
    form = visitor_form(line)
    del form["idempotency_key"]
    assert client.post(address(line), form).status_code == 422
    assert nothing_was_promised(line)


def test_signed_in_helper_is_asked_for_no_contact_and_promises_at_once() -> None:
    line, user = NeedLineFactory(), helper()
    client = signed_in(user)
    assert "name" not in client.get(address(line)).context["form"].fields
    response = client.post(address(line), fill(line=line.pk, quantity=4, deliver_date=soon()))
    pledge = Pledge.objects.get()
    assert response["Location"] == f"/aid/my-pledges/{pledge.pk}/"
    assert (pledge.person, pledge.state) == (user.person, CommitmentState.CONFIRMED)
    assert render(Message.objects.get()).subject == "Janji Anda berlaku"
    assert client.get(response["Location"]).status_code == 200


def test_member_promises_for_the_partner() -> None:
    line, partner = NeedLineFactory(), PartnerFactory()
    client = signed_in(member("partner_member", partner=partner))
    form = fill(line=line.pk, quantity=4, deliver_date=soon(), giver=f"partner:{partner.pk}")
    assert client.post(address(line), form).status_code == 302
    pledge = Pledge.objects.get()
    assert (pledge.partner, pledge.person, pledge.named) == (partner, None, True)


def test_member_cannot_promise_for_another_partner() -> None:
    line, foreign = NeedLineFactory(), PartnerFactory()
    client = signed_in(member("partner_member", partner=PartnerFactory()))
    form = fill(line=line.pk, quantity=4, deliver_date=soon(), giver=f"partner:{foreign.pk}")
    assert client.post(address(line), form).status_code == 422
    assert Pledge.objects.count() == 0


def test_frozen_partner_cannot_promise() -> None:
    line = NeedLineFactory()
    partner = PartnerFactory(state=PartnerState.FROZEN, reason="complaint")
    client = signed_in(member("partner_member", partner=partner))
    form = fill(line=line.pk, quantity=4, deliver_date=soon(), giver=f"partner:{partner.pk}")
    response = client.post(address(line), form)
    assert response.status_code == 422
    assert "dibekukan" in text_of(response)
    assert Pledge.objects.count() == 0


def test_no_personal_value_reaches_audit_or_events(client: Client) -> None:
    line = NeedLineFactory()
    client.post(address(line), visitor_form(line))
    recorded = " ".join(
        f"{entry.verb} {entry.subject_id} {entry.detail}" for entry in AuditEntry.objects.all()
    )
    assert "aid.pledge" in recorded
    assert "Warga" not in recorded
    assert "contoh.example" not in recorded


def test_day_after_the_one_it_is_needed_by_is_refused_at_the_day(client: Client) -> None:
    line = NeedLineFactory(needed_by_date=localdate())
    response = client.post(address(line), visitor_form(line))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["deliver_date"]
    assert nothing_was_promised(line)


def test_contact_that_leaves_promises_unconfirmed_is_told_at_the_contact(client: Client) -> None:
    line = NeedLineFactory(reported=100)
    for _promise in range(MOST_UNCONFIRMED):
        assert client.post(address(line), visitor_form(line)).status_code == 302
    response = client.post(address(line), visitor_form(line))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["email"]
    line.refresh_from_db()
    assert line.committed == 5 * MOST_UNCONFIRMED
