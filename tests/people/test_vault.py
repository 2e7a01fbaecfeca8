"""Encryption of identity: bound to person and field, several platform keys at once."""

from __future__ import annotations

from uuid import uuid4

import pytest
from pytest_django import Settings

from kolaborasi.people import vault

ONE, TWO = uuid4(), uuid4()


def test_text_comes_back_only_for_its_person_and_field() -> None:
    key = vault.new_person_key()
    closed = vault.close(key, "Warga Contoh", ONE, "name")
    assert vault.open_(key, closed, ONE, "name") == "Warga Contoh"
    for person, field in ((TWO, "name"), (ONE, "note")):
        with pytest.raises(vault.Tampered):
            vault.open_(key, closed, person, field)


def test_same_text_is_closed_differently_each_time() -> None:
    key = vault.new_person_key()
    assert vault.close(key, "Warga", ONE, "name") != vault.close(key, "Warga", ONE, "name")


def test_one_changed_bit_is_noticed() -> None:
    key = vault.new_person_key()
    closed = bytearray(vault.close(key, "Warga", ONE, "name"))
    closed[-1] ^= 1
    with pytest.raises(vault.Tampered):
        vault.open_(key, bytes(closed), ONE, "name")


def test_older_platform_key_still_opens_and_the_newest_closes(settings: Settings) -> None:
    settings.PEOPLE_KEYS = ["old " * 10]
    key = vault.new_person_key()
    old_id, wrapped = vault.wrap(key, ONE)
    settings.PEOPLE_KEYS = ["new " * 10, "old " * 10]
    assert vault.unwrap(wrapped, old_id, ONE) == key
    assert vault.wrap(key, ONE)[0] == vault.platform_keys()[0].id != old_id


def test_key_that_left_the_list_is_named(settings: Settings) -> None:
    settings.PEOPLE_KEYS = ["old " * 10]
    old_id, wrapped = vault.wrap(vault.new_person_key(), ONE)
    settings.PEOPLE_KEYS = ["new " * 10]
    with pytest.raises(vault.KeyMissing, match=old_id):
        vault.unwrap(wrapped, old_id, ONE)


def test_wrapped_key_of_another_person_does_not_open() -> None:
    key_id, wrapped = vault.wrap(vault.new_person_key(), ONE)
    with pytest.raises(vault.Tampered):
        vault.unwrap(wrapped, key_id, TWO)


def test_index_differs_by_kind_and_key_and_never_holds_the_value(settings: Settings) -> None:
    settings.PEOPLE_KEYS = ["new " * 10, "old " * 10]
    nik, kk = vault.digests("nik", "3171010101900001"), vault.digests("kk", "3171010101900001")
    assert len({*nik.values(), *kk.values()}) == 4
    assert {len(digest) for digest in nik.values()} == {32}
    assert vault.digests("nik", "3171010101900001") == nik


def test_code_is_recognised_for_its_person_and_channel_only() -> None:
    stored = vault.code_digest(ONE, "email", "012345")
    assert vault.is_code(stored, ONE, "email", "012345")
    assert not vault.is_code(stored, ONE, "email", "012346")
    assert not vault.is_code(stored, TWO, "email", "012345")
    assert not vault.is_code(stored, ONE, "phone", "012345")


def test_secret_opens_only_for_its_purpose() -> None:
    sealed = vault.seal_secret("JBSWY3DPEHPK3PXP", "authenticator")
    assert "JBSWY3DPEHPK3PXP" not in sealed
    assert vault.open_secret(sealed, "authenticator") == "JBSWY3DPEHPK3PXP"
    with pytest.raises(vault.Tampered):
        vault.open_secret(sealed, "other")
