"""Addresses of the vaccination room."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from kolaborasi.vaccination.views import (
    booking,
    card,
    corrections,
    doses,
    find,
    lots,
    plans,
    site,
    situation,
    store,
)
from kolaborasi.vaccination.views import resident as visiting
from kolaborasi.vaccination.views import sessions as planning

app_name = "vaccination"


def _booking(beginning: str, prefix: str) -> list[URLPattern]:
    """The page of a booking and the acts on it: below its secret link, the link of a card, or one's account."""
    return [
        path(beginning, booking.booking, name=prefix),
        path(f"{beginning}confirm/", booking.confirm_own, name=f"{prefix}_confirm"),
        path(f"{beginning}send-card/", booking.send_card, name=f"{prefix}_send_card"),
        path(f"{beginning}move/", booking.move, name=f"{prefix}_move"),
        path(f"{beginning}move/<int:session_pk>/", booking.move_to, name=f"{prefix}_move_to"),
        path(f"{beginning}cancel/", booking.cancel, name=f"{prefix}_cancel"),
        path(f"{beginning}calendar.ics", booking.calendar, name=f"{prefix}_calendar"),
    ]


def _card(beginning: str, prefix: str) -> list[URLPattern]:
    """What a card leads to: below the link of a card, or one's account."""
    files = r"certificate\.(?P<ending>pdf|svg|json|smart-health-card)$"
    key = "m/(?P<key>[^/]+)/" if "<" in beginning else beginning
    return [
        path(f"{beginning}certificate/", card.certificate, name=f"{prefix}_certificate"),
        re_path(f"^{key}{files}", card.certificate_file, name=f"{prefix}_file"),
        path(f"{beginning}correct/", card.correct, name=f"{prefix}_correct"),
        path(f"{beginning}leave/", card.leave, name=f"{prefix}_leave"),
        *_booking(f"{beginning}booking/", f"{prefix}_booking"),
    ]


resident: list[URLPattern] = [
    path("", find.sessions, name="list"),
    path("points.json", find.points, name="points"),
    path("outlines.json", find.outlines, name="outlines"),
    path("book/<int:pk>/", visiting.times, name="times"),
    path("book/<int:pk>/<int:slot_pk>/", visiting.who, name="who"),
    path("asked/", visiting.asked, name="asked"),
    path("waiting/", visiting.wait, name="wait"),
    path("card-link/", visiting.ask_for_card, name="card_link"),
    path("forget/", visiting.forget, name="forget"),
    path("my/", card.card, name="card"),
    *_card("my/", "card"),
    path("m/<str:key>/", card.card_by_link, name="card_by_link"),
    path("m/<str:key>/book/", card.book_with_link, name="book_with_link"),
    *_card("m/<str:key>/", "card_by_link"),
    *_booking("b/<str:token>/", "booking"),
]
"""Pages for residents; they come first."""

_session = "sessions/<int:pk>/"
_balance = "stock/<int:pk>/"
staff: list[URLPattern] = [
    path("coverage/", situation.situation, name="situation"),
    path("sessions/", site.sessions, name="sessions"),
    path("sessions/worker.js", site.worker, name="worker"),
    path("sessions/new/", planning.plan, name="plan_session"),
    path(_session, site.desk, name="desk"),
    path(f"{_session}bookings/", site.bookings, name="bookings"),
    path(f"{_session}came/", site.came, name="came"),
    path(f"{_session}check-in/", site.check_in, name="check_in"),
    path(f"{_session}walk-in/", site.walk_in, name="walk_in"),
    path(f"{_session}call/", site.call_next, name="call_next"),
    path(f"{_session}entry/", site.entry, name="entry"),
    path(f"{_session}enter/", doses.enter, name="enter"),
    path(f"{_session}queue/<int:number>/", doses.visit, name="visit"),
    path(f"{_session}queue/<int:number>/leave/", doses.leave, name="leave"),
    path(f"{_session}doses/<int:dose_pk>/observed/", doses.observed, name="observed"),
    path(f"{_session}doses/<int:dose_pk>/reaction/", doses.report_event, name="report_event"),
    path(f"{_session}vials/new/", doses.open_vial, name="open_vial"),
    path(f"{_session}vials/<int:vial_pk>/discard/", doses.discard_vial, name="discard_vial"),
    path(f"{_session}quotas/", planning.quotas, name="quotas"),
    path(f"{_session}change/", planning.change, name="change_session"),
    path(f"{_session}list/", planning.collective, name="collective"),
    path(f"{_session}<str:name>/", site.act, name="act"),
    path("events/", doses.events, name="events"),
    path("events/<int:pk>/", doses.event, name="event"),
    path("stock/", store.stock, name="stock"),
    path("stock/receive/", store.receive, name="receive"),
    path("stock/write-off/", store.write_off, name="write_off"),
    path("stock/shipments/", store.shipments, name="shipments"),
    path("stock/shipments/<int:pk>/", store.receive_shipment, name="receive_shipment"),
    path("stock/quarantine/<int:pk>/", store.quarantine, name="quarantine"),
    path(_balance, store.balance, name="balance"),
    path(f"{_balance}send/", store.send, name="send"),
    path(f"{_balance}move/", store.move, name="move"),
    path(f"{_balance}return/", store.bring_back, name="return"),
    path(f"{_balance}waste/", store.waste, name="waste"),
    path(f"{_balance}count/", store.count, name="count"),
    path(f"{_balance}temperature/", store.log_storage, name="log_storage"),
    path("lots/", lots.lots, name="lots"),
    path("lots/<int:pk>/", lots.lot, name="lot"),
    path("lots/<int:pk>/recall/", lots.recall, name="recall"),
    path("lots/<int:pk>/rebook/", lots.rebook, name="rebook"),
    path("plans/", plans.plans, name="plans"),
    path("plans/new/", plans.propose, name="propose"),
    path("plans/<int:pk>/", plans.plan, name="plan"),
    path("plans/<int:pk>/approve/", plans.approve_all, name="approve_all"),
    path("plans/lines/<int:pk>/<str:name>/", plans.decide, name="decide"),
    path("corrections/", corrections.corrections, name="corrections"),
    path("corrections/new/", corrections.new, name="new_correction"),
    path("corrections/<int:pk>/", corrections.correction, name="correction"),
    path("corrections/<int:pk>/reject/", corrections.reject, name="reject_correction"),
    path("corrections/<int:pk>/identity/", corrections.identity, name="correction_identity"),
]
"""Pages of sites, stores, planners and coordinators, and the public page on coverage."""

urlpatterns = [*resident, *staff]
