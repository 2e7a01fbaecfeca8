"""Verbs on sub-programmes."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from kolaborasi.aid import facts
from kolaborasi.aid.errors import ProgrammeRefused
from kolaborasi.aid.models import Item, Programme
from kolaborasi.aid.permissions import TABLE
from kolaborasi.aid.rules.programmes import ProgrammeDefinition
from kolaborasi.aid.services.record import mark
from kolaborasi.common.actors import Actor


def define_programme(*, definition: ProgrammeDefinition, by: Actor, now: datetime) -> Programme:
    """Add a sub-programme, or change it to what the definition says; needs keep the answers they gave.

    Raises:
        NotPermitted: neither the system nor a coordinator of the whole city.
        ProgrammeRefused: an item of its catalogue is unknown.
    """
    TABLE.require(by, "define_programme")
    known = set(Item.objects.filter(code__in=definition.items).values_list("code", flat=True))
    missing = [code for code in definition.items if code not in known]
    if missing:
        raise ProgrammeRefused([f"{definition.code}.items: {code}" for code in missing])
    with transaction.atomic():
        programme = facts.store(definition)
        mark(
            verb="define_programme",
            event="programme_defined",
            subject=("aid.programme", programme.pk),
            by=by,
            now=now,
            code=definition.code,
            items=len(definition.items),
        )
    return programme


def close_programme(*, programme: Programme, by: Actor, now: datetime) -> Programme:
    """Take no new needs and lists for a sub-programme; what is open runs on.

    Raises:
        NotPermitted: neither the system nor a coordinator of the whole city.
    """
    TABLE.require(by, "close_programme")
    with transaction.atomic():
        locked = Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        locked.closed = True
        locked.save(update_fields=["closed"])
        mark(
            verb="close_programme",
            event="programme_closed",
            subject=("aid.programme", programme.pk),
            by=by,
            now=now,
        )
    return locked
