"""Verbs on partners: who may, what they change, what they refuse, what they leave on record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from kolaborasi.audit.models import AuditEntry
from kolaborasi.common.actors import Actor, Role
from kolaborasi.common.errors import NotPermitted
from kolaborasi.common.lifecycle import WrongState
from kolaborasi.events.models import Event
from kolaborasi.partners import errors, services
from kolaborasi.partners.models import Agreement, Membership, Partner, Reason, Site
from kolaborasi.partners.states import PartnerState
from tests.factories import KelurahanFactory, MembershipFactory, PartnerFactory, SiteFactory, UserFactory

pytestmark = pytest.mark.django_db

SYSTEM = Actor.system("test")
COORDINATOR = Actor.user(901, (Role("coordinator", 900),))
VISITOR = Actor.visitor()


def admin_of(partner: Partner) -> Actor:
    return Actor.user(902, (Role("partner_admin", partner.pk),))


def in_state(state: str) -> Partner:
    reason = Reason.COMPLAINT if state == PartnerState.FROZEN else ""
    return PartnerFactory(state=state, reason=reason)


def test_applicant_becomes_administrator_of_a_partner_that_waits(now: datetime) -> None:
    user = UserFactory()
    partner = services.apply(name="Komunitas Baru", kind="community", by=Actor.user(user.pk), now=now)
    assert (partner.state, partner.activated_at) == ("applied", None)
    membership = Membership.objects.get()
    assert (membership.user_id, membership.role, membership.starts_date) == (
        user.pk,
        "partner_admin",
        date(2021, 7, 12),
    )


def test_visitor_may_not_apply(now: datetime) -> None:
    with pytest.raises(NotPermitted):
        services.apply(name="Komunitas Baru", kind="community", by=VISITOR, now=now)
    assert not Partner.objects.exists()


def test_second_partner_with_a_legal_id_is_refused(now: datetime) -> None:
    PartnerFactory(legal_id="NIB 123")
    user = UserFactory()
    with pytest.raises(errors.LegalIdTaken):
        services.apply(name="Lain", kind="company", legal_id="NIB 123", by=Actor.user(user.pk), now=now)
    assert (Partner.objects.count(), Membership.objects.count()) == (1, 0)


def test_partner_that_left_may_apply_again_under_its_legal_id(now: datetime) -> None:
    PartnerFactory(legal_id="NIB 123", state="left")
    user = UserFactory()
    again = services.apply(name="Lagi", kind="company", legal_id="NIB 123", by=Actor.user(user.pk), now=now)
    assert again.state == "applied"


def test_database_refuses_a_reference_that_is_no_number() -> None:
    with pytest.raises(IntegrityError, match="partner_reference_is_a_number"), transaction.atomic():
        PartnerFactory(reference="surat Bapak Contoh")


def test_activation_is_dated_once(now: datetime) -> None:
    partner = PartnerFactory(state="applied", activated_at=None)
    services.activate(partner=partner, by=COORDINATOR, now=now)
    services.freeze(partner=partner, reason=Reason.SAFETY, by=COORDINATOR, now=now + timedelta(days=1))
    services.unfreeze(partner=partner, reason=Reason.RESOLVED, by=COORDINATOR, now=now + timedelta(days=2))
    partner.refresh_from_db()
    assert (partner.state, partner.activated_at, partner.state_at) == ("active", now, now + timedelta(days=2))


@pytest.mark.parametrize(
    ("verb", "before", "after"),
    [
        (services.activate, "applied", "active"),
        (services.pause, "active", "paused"),
        (services.resume, "paused", "active"),
        (services.leave, "active", "left"),
        (services.leave, "frozen", "left"),
    ],
)
def test_step_without_reason_moves_the_state(
    verb: Callable[..., Partner], before: str, after: str, now: datetime
) -> None:
    partner = in_state(before)
    verb(partner=partner, by=COORDINATOR, now=now)
    partner.refresh_from_db()
    assert partner.state == after
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.subject_id) == (f"partners.{verb.__name__}", str(partner.pk))
    assert (entry.detail["from"], entry.detail["to"]) == (before, after)
    assert Event.objects.count() == 1


@pytest.mark.parametrize(
    ("verb", "before", "after"),
    [
        (services.decline, "applied", "left"),
        (services.freeze, "active", "frozen"),
        (services.freeze, "paused", "frozen"),
        (services.unfreeze, "frozen", "active"),
    ],
)
def test_step_with_reason_keeps_it(
    verb: Callable[..., Partner], before: str, after: str, now: datetime
) -> None:
    partner = in_state(before)
    verb(partner=partner, reason=Reason.LICENCE_REVOKED, reference="133/HUK/2022", by=COORDINATOR, now=now)
    partner.refresh_from_db()
    assert (partner.state, partner.reason, partner.reference) == (after, "licence-revoked", "133/HUK/2022")
    assert AuditEntry.objects.get().detail["reason"] == "licence-revoked"


@pytest.mark.parametrize("before", ["applied", "frozen", "left"])
def test_freeze_is_refused_where_it_is_impossible(before: str, now: datetime) -> None:
    partner = in_state(before)
    with pytest.raises(WrongState):
        services.freeze(partner=partner, reason=Reason.SAFETY, by=COORDINATOR, now=now)
    partner.refresh_from_db()
    assert partner.state == before
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("verb", [services.freeze, services.unfreeze, services.decline])
def test_administrator_may_not_judge_their_own_partner(verb: Callable[..., Partner], now: datetime) -> None:
    partner = in_state("active")
    with pytest.raises(NotPermitted):
        verb(partner=partner, reason=Reason.OTHER, by=admin_of(partner), now=now)
    partner.refresh_from_db()
    assert partner.state == "active"


def test_administrator_pauses_their_own_partner_and_no_other(now: datetime) -> None:
    own, other = in_state("active"), in_state("active")
    services.pause(partner=own, by=admin_of(own), now=now)
    with pytest.raises(NotPermitted):
        services.pause(partner=other, by=admin_of(own), now=now)
    assert list(Partner.objects.order_by("pk").values_list("state", flat=True)) == ["paused", "active"]


def test_coordinator_of_an_area_freezes_only_there(now: datetime) -> None:
    here, there = KelurahanFactory(), KelurahanFactory()
    limited = Actor.user(903, (Role("coordinator", 900, here.code),))
    inside, outside, everywhere = PartnerFactory(place=here), PartnerFactory(place=there), PartnerFactory()
    services.freeze(partner=inside, reason=Reason.SAFETY, by=limited, now=now)
    for partner in (outside, everywhere):
        with pytest.raises(NotPermitted):
            services.freeze(partner=partner, reason=Reason.SAFETY, by=limited, now=now)
    assert Partner.objects.filter(state="frozen").count() == 1


def test_nobody_freezes_the_partner_they_act_for(now: datetime) -> None:
    city = PartnerFactory(kind="government")
    own = Actor.user(904, (Role("coordinator", city.pk),))
    with pytest.raises(errors.OwnPartner):
        services.freeze(partner=city, reason=Reason.OTHER, by=own, now=now)
    city.refresh_from_db()
    assert city.state == "active"


@pytest.mark.parametrize("state", ["applied", "paused", "frozen", "left"])
def test_partner_that_is_not_active_takes_nothing_new(state: str) -> None:
    partner = in_state(state)
    with pytest.raises(errors.PartnerNotActive) as refusal:
        services.require_active(partner.pk)
    assert refusal.value.details == {"partner_id": partner.pk, "state": state}


def test_active_partner_takes_new_commitments_in_one_statement() -> None:
    partners = PartnerFactory.create_batch(3)
    with connection.execute_wrapper(_count := Statements()):
        services.require_all_active([partner.pk for partner in partners])
    assert _count.seen == 1


def test_partner_that_does_not_exist_takes_nothing() -> None:
    with pytest.raises(errors.PartnerNotActive) as refusal:
        services.require_active(4711)
    assert refusal.value.details == {"partner_id": 4711, "state": None}


def test_first_partner_that_is_not_active_is_named() -> None:
    good, bad, worse = PartnerFactory(), in_state("frozen"), in_state("left")
    with pytest.raises(errors.PartnerNotActive) as refusal:
        services.require_all_active([worse.pk, bad.pk, good.pk])
    assert refusal.value.details["partner_id"] == bad.pk


class Statements:
    """Counts the statements that pass."""

    def __init__(self) -> None:
        self.seen = 0

    def __call__(self, execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        self.seen += 1
        return execute(sql, params, many, context)


def test_site_is_opened_by_the_partner_and_closed_once(now: datetime) -> None:
    partner, place = PartnerFactory(), KelurahanFactory()
    own = admin_of(partner)
    site = services.open_site(
        partner=partner,
        place=place,
        kind="warehouse",
        name="Gudang 1",
        position=(-6.2, 106.8),
        by=own,
        now=now,
    )
    assert (site.latitude, site.longitude, site.opened_date) == (-6.2, 106.8, date(2021, 7, 12))
    services.close_site(site=site, by=own, now=now + timedelta(days=3))
    closed = services.close_site(site=site, by=own, now=now + timedelta(days=9))
    assert closed.closed_date == date(2021, 7, 15)
    assert AuditEntry.objects.filter(verb="partners.close_site").count() == 1


def test_site_of_another_partner_may_not_be_opened(now: datetime) -> None:
    own, other, place = PartnerFactory(), PartnerFactory(), KelurahanFactory()
    with pytest.raises(NotPermitted):
        services.open_site(partner=other, place=place, kind="lab", name="Lab", by=admin_of(own), now=now)
    assert not Site.objects.exists()


def test_second_open_site_of_a_name_is_refused(now: datetime) -> None:
    site = SiteFactory()
    with pytest.raises(errors.SiteNameTaken):
        services.open_site(
            partner=site.partner, place=site.place, kind="lab", name=site.name, by=COORDINATOR, now=now
        )
    assert Site.objects.count() == 1


def test_administrator_appoints_members_of_their_partner(now: datetime) -> None:
    partner, user = PartnerFactory(), UserFactory()
    made = services.appoint(user=user, partner=partner, role="partner_member", by=admin_of(partner), now=now)
    assert (made.role, made.starts_date, made.ends_date) == ("partner_member", date(2021, 7, 12), None)
    with pytest.raises(errors.AlreadyMember):
        services.appoint(user=user, partner=partner, role="partner_member", by=admin_of(partner), now=now)
    assert Membership.objects.count() == 1


@pytest.mark.parametrize("role", ["coordinator", "verifier", "auditor", "rw_head"])
def test_partner_cannot_give_a_role_of_the_city(role: str, now: datetime) -> None:
    partner, user, place = PartnerFactory(), UserFactory(), KelurahanFactory()
    with pytest.raises(errors.RoleNotGiven):
        services.appoint(user=user, partner=partner, role=role, by=admin_of(partner), now=now)
    with pytest.raises(NotPermitted):
        services.appoint_official(
            user=user, partner=partner, role=role, place=place, by=admin_of(partner), now=now
        )
    with pytest.raises(errors.RoleNotGiven):
        services.appoint_official(user=user, partner=partner, role=role, place=place, by=SYSTEM, now=now)
    assert not Membership.objects.exists()


def test_administrator_of_a_government_body_may_not_appoint_officials(now: datetime) -> None:
    city, user = PartnerFactory(kind="government"), UserFactory()
    with pytest.raises(NotPermitted):
        services.appoint_official(user=user, partner=city, role="coordinator", by=admin_of(city), now=now)
    assert not Membership.objects.exists()


def test_coordinator_of_an_area_appoints_only_within_it(now: datetime) -> None:
    city, user, here, there = (
        PartnerFactory(kind="government"),
        UserFactory(),
        KelurahanFactory(),
        KelurahanFactory(),
    )
    limited = Actor.user(903, (Role("coordinator", city.pk, here.code),))
    services.appoint_official(user=user, partner=city, role="verifier", place=here, by=limited, now=now)
    for place in (there, None):
        with pytest.raises(NotPermitted):
            services.appoint_official(
                user=user, partner=city, role="verifier", place=place, by=limited, now=now
            )
    assert list(Membership.objects.values_list("place__code", flat=True)) == [here.code]


def test_role_ends_today_and_only_once(now: datetime) -> None:
    membership = MembershipFactory()
    own = admin_of(membership.partner)
    services.dismiss(membership=membership, by=own, now=now)
    services.dismiss(membership=membership, by=own, now=now + timedelta(days=5))
    membership.refresh_from_db()
    assert membership.ends_date == date(2021, 7, 12)
    assert AuditEntry.objects.filter(verb="partners.dismiss").count() == 1


def test_official_is_not_dismissed_by_an_administrator(now: datetime) -> None:
    membership = MembershipFactory(partner=PartnerFactory(kind="government"), role="verifier")
    for verb in (services.dismiss, services.dismiss_official):
        with pytest.raises(NotPermitted):
            verb(membership=membership, by=admin_of(membership.partner), now=now)
    membership.refresh_from_db()
    assert membership.ends_date is None
    services.dismiss_official(membership=membership, by=COORDINATOR, now=now)


def test_agreements_of_a_kind_do_not_overlap_and_may_follow_one_another(now: datetime) -> None:
    partner = PartnerFactory()

    def agree(version: int, starts: date, ends: date, kind: str = "fundraising") -> Agreement:
        return services.agree(
            partner=partner,
            kind=kind,
            version=version,
            starts_date=starts,
            ends_date=ends,
            by=COORDINATOR,
            now=now,
        )

    agree(1, date(2021, 1, 1), date(2022, 1, 1))
    agree(2, date(2022, 1, 1), date(2023, 1, 1))
    agree(1, date(2021, 6, 1), date(2022, 6, 1), "data")
    for version, starts, ends in (
        (3, date(2021, 12, 31), date(2022, 2, 1)),
        (2, date(2024, 1, 1), date(2025, 1, 1)),
    ):
        with pytest.raises(errors.PeriodsOverlap):
            agree(version, starts, ends)
    assert Agreement.objects.count() == 3


def test_agreements_of_two_partners_may_overlap(now: datetime) -> None:
    for partner in PartnerFactory.create_batch(2):
        services.agree(
            partner=partner,
            kind="data",
            version=1,
            starts_date=date(2021, 1, 1),
            ends_date=date(2022, 1, 1),
            by=SYSTEM,
            now=now,
        )
    assert Agreement.objects.count() == 2


def test_database_refuses_an_agreement_that_ends_before_it_starts() -> None:
    with pytest.raises(IntegrityError, match="agreement_ends_after_it_starts"), transaction.atomic():
        Agreement.objects.create(
            partner=PartnerFactory(),
            kind="data",
            version=1,
            starts_date=date(2021, 1, 1),
            ends_date=date(2021, 1, 1),
        )


def test_database_refuses_a_head_of_an_rw_without_a_place() -> None:
    with pytest.raises(IntegrityError, match="membership_rw_head_has_a_place"), transaction.atomic():
        MembershipFactory(role="rw_head")


def test_database_refuses_half_a_position() -> None:
    with pytest.raises(IntegrityError, match="site_position_whole_and_on_earth"), transaction.atomic():
        SiteFactory(latitude=-6.2)


def test_database_refuses_a_frozen_partner_without_a_reason() -> None:
    with pytest.raises(IntegrityError, match="partner_frozen_has_a_reason"), transaction.atomic():
        PartnerFactory(state="frozen")
