"""The site the booking benchmark serves: one endpoint that books, and the same endpoint in hand-written SQL.

Run by granian in processes of its own; `benchmarks.bookings` prepares the database and sets the environment.
"""

from __future__ import annotations

import os
import secrets

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kolaborasi.config.settings")

import django
from django.conf import settings

django.setup()
settings.ROOT_URLCONF = "benchmarks.booking_site"
# Both endpoints are measured without middleware: the site's own is the same for every page.
settings.MIDDLEWARE = []

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402

application = WSGIHandler()

from django.db import connection, transaction  # noqa: E402
from django.http import HttpRequest, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402

from kolaborasi.common.actors import Actor  # noqa: E402
from kolaborasi.common.errors import Refused  # noqa: E402
from kolaborasi.vaccination import services  # noqa: E402
from kolaborasi.vaccination.models import Booking, Recipient, Slot  # noqa: E402
from tests.conftest import NOW  # noqa: E402

VISITOR = Actor.visitor()
COLUMNS = [field.column for field in Booking._meta.concrete_fields if not field.primary_key]
INSERT = f"INSERT INTO vaccination_booking ({', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * len(COLUMNS))}) RETURNING id"


def book(request: HttpRequest, recipient: str, slot: int) -> JsonResponse:
    """Book through the verb: permission, eligibility, partner, quota, dose, audit and event."""
    try:
        made = services.book(recipient=Recipient(pk=recipient), slot=Slot(pk=slot), by=VISITOR, now=NOW)
    except Refused as refusal:
        return JsonResponse({"code": refusal.code}, status=refusal.status)
    return JsonResponse({"booking": made.booking.pk, "link": made.token})


def bare(request: HttpRequest, recipient: str, quota: int, balance: int, session: int) -> JsonResponse:
    """Two conditional UPDATEs and one INSERT, nothing else."""
    values = dict.fromkeys(COLUMNS)
    values |= {"quantity": 1, "delivered": 0, "state": "confirmed", "channel": "booking", "dose_number": 1}
    values |= {"recipient_id": recipient, "session_id": session, "quota_id": quota, "balance_id": balance}
    values |= {"booked_at": NOW, "end_reason": "", "link_hash": secrets.token_hex(32)}
    with transaction.atomic(), connection.cursor() as cursor:
        for table, pk in (("stock_balance", balance), ("vaccination_slotquota", quota)):
            cursor.execute(
                f'UPDATE {table} SET committed = committed + 1 WHERE id = %s AND "limit" >= committed + 1',
                [pk],
            )
            if not cursor.rowcount:
                transaction.set_rollback(True)
                return JsonResponse({"code": "full"}, status=422)
        cursor.execute(INSERT, [values[column] for column in COLUMNS])
        (pk,) = cursor.fetchone()
    return JsonResponse({"booking": pk})


urlpatterns = [
    path("book/<uuid:recipient>/<int:slot>", book),
    path("bare/<uuid:recipient>/<int:quota>/<int:balance>/<int:session>", bare),
]
