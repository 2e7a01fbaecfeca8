"""Files of beds that were loaded, and their rows that were held back."""

from __future__ import annotations

from django.db import models
from django.db.models import Count, F, Func, Q, QuerySet

from kolaborasi.hospitals.models import BedLoad, HeldRow, RowOutcome


def bed_loads() -> QuerySet[BedLoad]:
    """Loaded files, newest first, each with how many rows were `refused`, `held` back, and are `waiting` still."""
    return BedLoad.objects.annotate(
        refused=Func(F("problems"), function="jsonb_array_length", output_field=models.IntegerField()),
        held_back=Count("held"),
        waiting=Count("held", filter=Q(held__outcome=RowOutcome.WAITING)),
    ).order_by("-loaded_at", "-pk")


def bed_load_by_id(pk: int) -> BedLoad | None:
    """A loaded file with the counts of `bed_loads()`, or None."""
    return bed_loads().filter(pk=pk).first()


def held_rows_of(load: BedLoad) -> QuerySet[HeldRow]:
    """Rows of a file that were held back, in the order of the file, each with its question."""
    return HeldRow.objects.filter(load=load).select_related("question").order_by("line", "pk")
