"""Persons are registered, corrected, looked at and erased; every verb on record, no value in any record."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from kolaborasi.audit.models import AuditEntry
from kolaborasi.common.actors import Actor, Role
from kolaborasi.common.errors import NotPermitted
from kolaborasi.events.models import Event
from kolaborasi.messages.models import Message
from kolaborasi.people import errors, queries, services, vault
from kolaborasi.people.models import Contact, Person, PersonIndex, User
from kolaborasi.people.rules import MOST_ATTEMPTS
from kolaborasi.people.services import Identity, LookReason
from tests.people.factories import NIK, SYSTEM, account, person

pytestmark = pytest.mark.django_db

VERIFIER = Actor.user(1, (Role("verifier"),))
COORDINATOR = Actor.user(2, (Role("coordinator"),))
VISITOR = Actor.visitor()
FULL = {
    "name": "Warga Contoh",
    "nik": NIK,
    "kk": "3171011506190007",
    "phone": "0812 3456 7890",
    "email": "Warga@Contoh.example",
    "address": "Jalan Contoh 1",
    "note": "rumah bercat biru",
}


def code_sent_to(somebody: Person) -> str:
    return str(Message.objects.filter(recipient=somebody.pk).latest("id").context["code"])


def rows_and_records() -> str:
    """Everything stored anywhere a value could have leaked to, as text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT json_agg(p)::text FROM people_person p), (SELECT json_agg(i)::text FROM people_personindex i),"
            " (SELECT json_agg(a)::text FROM audit_auditentry a), (SELECT json_agg(e)::text FROM events_event e)"
        )
        return json.dumps(cursor.fetchone())


def test_registered_person_is_found_and_seen_in_normal_form(now: datetime) -> None:
    somebody = person(**FULL)
    assert queries.find_by_nik("317101.410790.0001") == somebody.pk
    assert queries.find_by_kk("3171011506190007") == [somebody.pk]
    assert queries.find_by_phone("+6281234567890") == [somebody.pk]
    assert queries.find_by_email("WARGA@contoh.example") == [somebody.pk]
    seen = services.look(person=somebody, fields=FULL, by=VERIFIER, now=now, reason=LookReason.VERIFICATION)
    assert seen == {**FULL, "phone": "+6281234567890", "email": "warga@contoh.example"}


def test_no_value_is_stored_in_plain_anywhere(now: datetime) -> None:
    somebody = person(**FULL)
    services.look(person=somebody, fields=["name", "nik"], by=VERIFIER, now=now, reason=LookReason.DELIVERY)
    everything = rows_and_records().lower()
    for value in (*FULL.values(), "+6281234567890", "81234567890"):
        assert value.lower() not in everything
        assert value.encode().hex() not in everything


def test_look_is_on_record_by_field_name_and_reason(now: datetime) -> None:
    somebody = person(**FULL)
    services.look(person=somebody, fields=["phone", "name"], by=VERIFIER, now=now, reason=LookReason.DELIVERY)
    entry = AuditEntry.objects.get(verb="people.look")
    assert (entry.actor, entry.subject_id) == ("user:1", str(somebody.pk))
    assert entry.detail == {"fields": ["name", "phone"], "reason": "delivery"}


@pytest.mark.parametrize(
    "actor", [VISITOR, Actor.user(9), Actor.user(9, (Role("partner_admin", 1),)), SYSTEM]
)
def test_look_is_refused_to_whoever_does_not_need_it(actor: Actor, now: datetime) -> None:
    somebody = person(**FULL)
    with pytest.raises(NotPermitted):
        services.look(person=somebody, fields=["name"], by=actor, now=now, reason=LookReason.DELIVERY)
    assert not AuditEntry.objects.filter(verb="people.look").exists()


def test_look_for_care_is_on_record_and_refused_to_visitors(now: datetime) -> None:
    somebody = person(**FULL)
    with pytest.raises(NotPermitted):
        services.look_for_care(person=somebody, fields=["name"], by=VISITOR, now=now)
    assert not AuditEntry.objects.filter(verb="people.look").exists()
    seen = services.look_for_care(person=somebody, fields=["name"], by=Actor.user(9), now=now)
    assert seen == {"name": FULL["name"]}
    entry = AuditEntry.objects.get(verb="people.look")
    assert (entry.actor, entry.detail) == ("user:9", {"fields": ["name"], "reason": "care"})


def test_everybody_may_look_at_themselves(now: datetime) -> None:
    somebody = person(name="Warga Contoh")
    owner = account(of=somebody)
    seen = services.look(
        person=somebody,
        fields=["name", "nik"],
        by=Actor.user(owner.pk),
        now=now,
        reason=LookReason.SUBJECT_REQUEST,
    )
    assert seen == {"name": "Warga Contoh"}


def test_second_person_with_a_nik_is_refused_and_leaves_nothing(now: datetime) -> None:
    person(nik=NIK)
    with pytest.raises(errors.AlreadyRegistered):
        services.register(identity=Identity(nik=NIK, name="Lain"), by=VERIFIER, now=now)
    assert (Person.objects.count(), PersonIndex.objects.count()) == (1, 1)
    assert AuditEntry.objects.filter(verb="people.register").count() == 1


def test_same_nik_under_old_and_new_platform_key_is_refused(settings: Settings, now: datetime) -> None:
    settings.PEOPLE_KEYS = ["old " * 10]
    person(nik=NIK)
    settings.PEOPLE_KEYS = ["new " * 10, "old " * 10]
    with pytest.raises(errors.AlreadyRegistered):
        services.register(identity=Identity(nik=NIK), by=VERIFIER, now=now)
    assert queries.find_by_nik(NIK) is not None


@pytest.mark.parametrize(
    ("identity", "refusal"),
    [
        (Identity(nik="3171010101900000"), errors.NotANik),
        (Identity(kk="317101"), errors.NotAKk),
        (Identity(phone="12"), errors.NotAContact),
        (Identity(email="warga"), errors.NotAContact),
    ],
)
def test_value_that_cannot_be_one_is_refused_with_the_reason(
    identity: Identity, refusal: type[Exception], now: datetime
) -> None:
    with pytest.raises(refusal):
        services.register(identity=identity, by=VERIFIER, now=now)
    assert not Person.objects.exists()


def test_refused_nik_is_explained_and_not_repeated(now: datetime) -> None:
    with pytest.raises(errors.NotANik) as refusal:
        services.register(identity=Identity(nik="0071010101900001"), by=VERIFIER, now=now)
    assert refusal.value.details == {"fault": "unknown-area"}
    assert "0071" not in str(refusal.value)
    assert "no area of Indonesia" in str(refusal.value)


@pytest.mark.parametrize("identity", [Identity(nik=NIK), Identity(kk="3171011506190007")])
@pytest.mark.parametrize("actor", [VISITOR, Actor.user(9), Actor.user(9, (Role("partner_admin", 1),))])
def test_stranger_may_not_register_a_number_nor_learn_that_it_is_taken(
    identity: Identity, actor: Actor, now: datetime
) -> None:
    person(nik=NIK, kk="3171011506190007")
    with pytest.raises(NotPermitted):
        services.register(identity=identity, by=actor, now=now)
    assert Person.objects.count() == 1


def test_families_may_share_a_phone(now: datetime) -> None:
    one, two = person(phone="081234567890"), person(phone="081234567890")
    assert queries.find_by_phone("081234567890") == sorted([one.pk, two.pk])


def test_correction_moves_the_index_and_unconfirms_the_contact(now: datetime) -> None:
    somebody = person(email="lama@contoh.example", name="Warga")
    services.vouch_for_contact(person=somebody, channel="email", by=SYSTEM, now=now)
    services.correct(
        person=somebody, changes={"email": "baru@contoh.example", "name": ""}, by=VERIFIER, now=now
    )
    assert queries.find_by_email("lama@contoh.example") == []
    assert queries.find_by_email("baru@contoh.example") == [somebody.pk]
    assert not queries.is_confirmed(somebody.pk, "email")
    somebody.refresh_from_db()
    assert somebody.name is None


def test_owner_may_correct_contacts_but_not_the_nik(now: datetime) -> None:
    somebody = person(name="Warga")
    owner = Actor.user(account(of=somebody).pk)
    services.correct(person=somebody, changes={"phone": "081234567890"}, by=owner, now=now)
    with pytest.raises(NotPermitted):
        services.correct(person=somebody, changes={"nik": NIK}, by=owner, now=now)
    assert queries.find_by_nik(NIK) is None
    assert queries.address_of(somebody.pk, "sms") == "+6281234567890"


def test_stranger_may_not_correct(now: datetime) -> None:
    somebody = person(phone="081234567890")
    with pytest.raises(NotPermitted):
        services.correct(person=somebody, changes={"phone": "081111111111"}, by=VISITOR, now=now)
    assert queries.address_of(somebody.pk, "sms") == "+6281234567890"


def test_field_that_is_none_is_a_mistake_of_the_caller(now: datetime) -> None:
    somebody = person()
    with pytest.raises(ValueError, match="birthday"):
        services.correct(person=somebody, changes={"birthday": "x"}, by=VERIFIER, now=now)
    with pytest.raises(ValueError, match="wrapped_key"):
        services.look(
            person=somebody, fields=["wrapped_key"], by=VERIFIER, now=now, reason=LookReason.DELIVERY
        )


def test_address_is_the_phone_for_sms_and_whatsapp(now: datetime) -> None:
    somebody = person(phone="081234567890", email="warga@contoh.example")
    assert (
        queries.address_of(somebody.pk, "sms")
        == queries.address_of(somebody.pk, "whatsapp")
        == "+6281234567890"
    )
    assert queries.address_of(somebody.pk, "email") == "warga@contoh.example"
    assert queries.address_of(person().pk, "email") is None


def test_code_confirms_once_and_is_not_stored(now: datetime) -> None:
    somebody = person(email="warga@contoh.example")
    services.request_code(person=somebody, channel="email", by=VISITOR, now=now)
    code = code_sent_to(somebody)
    assert len(code) == 6
    assert code.encode() not in bytes(Contact.objects.get().code_digest or b"")
    assert not queries.is_confirmed(somebody.pk, "email")
    services.confirm_contact(person=somebody, channel="email", code=f" {code} ", by=VISITOR, now=now)
    assert queries.is_confirmed(somebody.pk, "email")
    with pytest.raises(errors.WrongCode):
        services.confirm_contact(person=somebody, channel="email", code=code, by=VISITOR, now=now)


def test_wrong_tries_are_counted_though_refused_and_end_after_ten(now: datetime) -> None:
    somebody = person(email="warga@contoh.example")
    services.request_code(person=somebody, channel="email", by=VISITOR, now=now)
    code = code_sent_to(somebody)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _try in range(MOST_ATTEMPTS):
        with pytest.raises(errors.WrongCode):
            services.confirm_contact(person=somebody, channel="email", code=wrong, by=VISITOR, now=now)
    assert Contact.objects.get().attempts == MOST_ATTEMPTS
    with pytest.raises(errors.WrongCode):
        services.confirm_contact(person=somebody, channel="email", code=code, by=VISITOR, now=now)
    assert not queries.is_confirmed(somebody.pk, "email")
    with pytest.raises(errors.TooManyCodes):
        services.request_code(person=somebody, channel="email", by=VISITOR, now=now + timedelta(minutes=5))


def test_code_ends_after_half_an_hour(now: datetime) -> None:
    somebody = person(phone="081234567890")
    services.request_code(person=somebody, channel="whatsapp", by=VISITOR, now=now)
    late = now + timedelta(minutes=30)
    with pytest.raises(errors.WrongCode):
        services.confirm_contact(
            person=somebody, channel="whatsapp", code=code_sent_to(somebody), by=VISITOR, now=late
        )
    assert not queries.is_confirmed(somebody.pk, "whatsapp")


def test_code_is_not_sent_twice_within_a_minute(now: datetime) -> None:
    somebody = person(email="warga@contoh.example")
    services.request_code(person=somebody, channel="email", by=VISITOR, now=now)
    with pytest.raises(errors.TooManyCodes):
        services.request_code(person=somebody, channel="email", by=VISITOR, now=now + timedelta(seconds=30))
    assert Message.objects.count() == 1


def test_code_is_not_sent_where_there_is_no_contact(now: datetime) -> None:
    with pytest.raises(errors.NoContact):
        services.request_code(person=person(), channel="sms", by=VISITOR, now=now)
    assert not Message.objects.exists()


def test_second_code_replaces_the_first(now: datetime) -> None:
    somebody = person(email="warga@contoh.example")
    services.request_code(person=somebody, channel="email", by=VISITOR, now=now)
    first = code_sent_to(somebody)
    later = now + timedelta(minutes=2)
    services.request_code(person=somebody, channel="email", by=VISITOR, now=later)
    second = code_sent_to(somebody)
    if first != second:
        with pytest.raises(errors.WrongCode):
            services.confirm_contact(person=somebody, channel="email", code=first, by=VISITOR, now=later)
    services.confirm_contact(person=somebody, channel="email", code=second, by=VISITOR, now=later)


def test_only_the_system_vouches(now: datetime) -> None:
    somebody = person(email="warga@contoh.example")
    with pytest.raises(NotPermitted):
        services.vouch_for_contact(person=somebody, channel="email", by=COORDINATOR, now=now)
    assert not queries.is_confirmed(somebody.pk, "email")


def test_erased_person_cannot_be_read_reached_or_found(now: datetime) -> None:
    somebody = person(**FULL)
    services.request_code(person=somebody, channel="email", by=VISITOR, now=now)
    services.erase(person=somebody, by=COORDINATOR, now=now)
    somebody.refresh_from_db()
    assert (somebody.wrapped_key, somebody.key_id, somebody.erased_at) == (None, None, now)
    assert {getattr(somebody, field) for field in FULL} == {None}
    assert (PersonIndex.objects.count(), Contact.objects.count()) == (0, 0)
    assert queries.address_of(somebody.pk, "email") is None
    assert queries.find_by_nik(NIK) is None
    for verb in (
        lambda: services.look(
            person=somebody, fields=["name"], by=VERIFIER, now=now, reason=LookReason.DELIVERY
        ),
        lambda: services.correct(person=somebody, changes={"name": "x"}, by=VERIFIER, now=now),
        lambda: services.request_code(person=somebody, channel="email", by=VISITOR, now=now),
        lambda: services.erase(person=somebody, by=COORDINATOR, now=now),
    ):
        with pytest.raises(errors.PersonErased):
            verb()
    person(nik=NIK)


def test_erasing_closes_the_account_and_frees_its_address(now: datetime) -> None:
    somebody = person(email="warga@contoh.example")
    owner = account(of=somebody)
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    services.erase(person=somebody, by=Actor.user(owner.pk), now=now)
    owner.refresh_from_db()
    assert (owner.is_active, owner.has_usable_password()) == (False, False)
    assert "warga" not in owner.email
    assert not EmailAddress.objects.exists()
    account("warga@contoh.example")


def test_stranger_may_not_erase(now: datetime) -> None:
    somebody = person(**FULL)
    for actor in (VISITOR, Actor.user(9), VERIFIER):
        with pytest.raises(NotPermitted):
            services.erase(person=somebody, by=actor, now=now)
    assert queries.find_by_nik(NIK) == somebody.pk


@pytest.mark.parametrize(
    "change",
    [
        {"erased_at": None, "wrapped_key": None},
        {"key_id": None},
        {"erased_at": datetime.fromisoformat("2021-08-01T00:00+00:00")},
    ],
)
def test_database_refuses_a_person_half_erased(change: dict[str, object]) -> None:
    somebody = person(**FULL)
    with pytest.raises(IntegrityError, match="person_has_a_key_or_is_erased"), transaction.atomic():
        Person.objects.filter(pk=somebody.pk).update(**change)


def test_rewrap_moves_everybody_and_lets_the_old_key_go(settings: Settings, now: datetime) -> None:
    settings.PEOPLE_KEYS = ["old " * 10]
    people = [person(**FULL), person(name="Lain", phone="081111111111"), person()]
    services.erase(person=people[2], by=COORDINATOR, now=now)
    settings.PEOPLE_KEYS = ["new " * 10, "old " * 10]
    assert queries.waiting_for_new_key() == 2
    assert [services.rewrap(by=SYSTEM, now=now, limit=1) for _turn in range(3)] == [1, 1, 0]
    settings.PEOPLE_KEYS = ["new " * 10]
    assert queries.waiting_for_new_key() == 0
    assert queries.find_by_nik(NIK) == people[0].pk
    assert queries.address_of(people[1].pk, "sms") == "+6281111111111"
    seen = services.look(person=people[0], fields=["name"], by=VERIFIER, now=now, reason=LookReason.DELIVERY)
    assert seen == {"name": "Warga Contoh"}


def test_rewrap_drops_index_rows_of_keys_that_left(settings: Settings, now: datetime) -> None:
    settings.PEOPLE_KEYS = ["new " * 10, "old " * 10]
    person(nik=NIK)
    assert PersonIndex.objects.count() == 2
    settings.PEOPLE_KEYS = ["new " * 10]
    services.rewrap(by=SYSTEM, now=now)
    assert list(PersonIndex.objects.values_list("key_id", flat=True)) == [vault.platform_keys()[0].id]


def test_rewrap_stops_at_a_key_that_is_gone_and_changes_nothing(settings: Settings, now: datetime) -> None:
    settings.PEOPLE_KEYS = ["old " * 10]
    somebody = person(nik=NIK)
    settings.PEOPLE_KEYS = ["new " * 10]
    with pytest.raises(vault.KeyMissing), transaction.atomic():
        services.rewrap(by=SYSTEM, now=now)
    settings.PEOPLE_KEYS = ["old " * 10]
    assert queries.find_by_nik(NIK) == somebody.pk


def test_verification_finds_lost_keys_and_a_broken_index(settings: Settings) -> None:
    settings.PEOPLE_KEYS = ["old " * 10]
    one, two, lost = person(nik=NIK), person(email="dua@contoh.example"), person()
    assert [(check.rows, check.faults) for check in queries.checks()] == [(3, []), (2, [])]
    PersonIndex.objects.filter(person=one).update(person=two)
    Person.objects.filter(pk=lost.pk).update(key_id="00000000")
    keys, index = queries.checks()
    assert keys.faults == [f"person {lost.pk}: its key 00000000 is not listed"]
    assert index.faults == [
        f"person {one.pk}: nik is stored but not indexed",
        f"person {two.pk}: nik is indexed but not stored",
    ]


def test_account_gets_a_person_once(now: datetime) -> None:
    owner = account("warga@contoh.example")
    first = services.register_account(account=owner, by=Actor.user(owner.pk), now=now)
    second = services.register_account(account=owner, by=SYSTEM, now=now)
    assert first.pk == second.pk
    assert Person.objects.count() == 1
    assert queries.find_by_email("warga@contoh.example") == [first.pk]


def test_account_adopts_the_person_who_confirmed_its_address(now: datetime) -> None:
    donor = person(name="Donatur Contoh", email="warga@contoh.example")
    services.vouch_for_contact(person=donor, channel="email", by=SYSTEM, now=now)
    owner = account("warga@contoh.example")
    assert services.register_account(account=owner, by=SYSTEM, now=now).pk == donor.pk


def test_account_does_not_adopt_somebody_who_only_claimed_its_address(now: datetime) -> None:
    claimant = person(name="Donatur Contoh", email="warga@contoh.example")
    owner = account("warga@contoh.example")
    assert services.register_account(account=owner, by=SYSTEM, now=now).pk != claimant.pk


def test_stranger_may_not_give_an_account_its_person(now: datetime) -> None:
    owner = account()
    with pytest.raises(NotPermitted):
        services.register_account(account=owner, by=VISITOR, now=now)
    assert User.objects.get().person is None


def test_every_verb_left_one_entry_and_one_event(now: datetime) -> None:
    somebody = person(email="warga@contoh.example")
    services.request_code(person=somebody, channel="email", by=VISITOR, now=now)
    services.confirm_contact(
        person=somebody, channel="email", code=code_sent_to(somebody), by=VISITOR, now=now
    )
    services.correct(person=somebody, changes={"note": "x"}, by=VERIFIER, now=now)
    services.erase(person=somebody, by=COORDINATOR, now=now)
    verbs = ["register", "request_code", "confirm_contact", "correct", "erase"]
    assert list(AuditEntry.objects.order_by("id").values_list("verb", flat=True)) == [
        f"people.{v}" for v in verbs
    ]
    assert list(Event.objects.order_by("id").values_list("name", flat=True)) == [
        *("people.registered", "people.code_requested", "people.contact_confirmed"),
        *("people.corrected", "people.erased"),
    ]


def test_database_refuses_an_email_in_capitals() -> None:
    with pytest.raises(IntegrityError, match="user_email_in_lower_case"), transaction.atomic():
        User.objects.create(email="Warga@contoh.example")


def test_passport_finds_one_person_and_is_registered_once(now: datetime) -> None:
    guest = services.register(identity=Identity(name="Tamu", passport="x 123-4567"), by=SYSTEM, now=now)
    assert queries.find_by_passport("X1234567") == guest.pk
    assert queries.find_by_passport("?") is None
    with pytest.raises(errors.AlreadyRegistered, match=r"paspor|passport"):
        services.register(identity=Identity(name="Lain", passport="X1234567"), by=SYSTEM, now=now)
    with pytest.raises(errors.NotAPassport):
        services.register(identity=Identity(passport="not one"), by=SYSTEM, now=now)
    with pytest.raises(NotPermitted):
        services.register(identity=Identity(passport="Y1234567"), by=VISITOR, now=now)
    assert Person.objects.count() == 1


def test_many_are_seen_in_three_statements_each_look_on_record(now: datetime) -> None:
    people = [services.register(identity=Identity(name=f"Warga {n}"), by=SYSTEM, now=now) for n in range(3)]
    services.erase(person=people[2], by=COORDINATOR, now=now)
    with CaptureQueriesContext(connection) as captured:
        seen = services.look_at_many_for_care(people=people, fields=["name"], by=VERIFIER, now=now)
    statements = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    assert len(statements) == 3
    assert seen == {people[0].pk: {"name": "Warga 0"}, people[1].pk: {"name": "Warga 1"}}
    assert AuditEntry.objects.filter(verb="people.look").count() == 2
    with pytest.raises(NotPermitted):
        services.look_at_many_for_care(people=people, fields=["name"], by=VISITOR, now=now)
