"""Verbs of the vaccination programme: one call, one transaction, one audit entry, one event."""

from kolaborasi.vaccination.services.asking import (
    Applicant,
    ask_for_card,
    ask_to_book,
    ask_to_wait,
    confirm_booking,
    send_card,
)
from kolaborasi.vaccination.services.bookings import (
    Booked,
    ListBooked,
    ListedPerson,
    book,
    book_collective,
    book_walk_in,
    cancel_booking,
    mark_no_shows,
    reschedule,
    send_reminders,
)
from kolaborasi.vaccination.services.certificates import (
    Issued,
    issue_certificate,
    issue_certificates,
    revoke_certificate,
)
from kolaborasi.vaccination.services.cold_chain import decide_quarantine, discard_vial, log_storage, open_vial
from kolaborasi.vaccination.services.corrections import (
    Said,
    open_correction,
    reject_correction,
    resolve_correction,
)
from kolaborasi.vaccination.services.doses import end_observation, give_dose, record_elsewhere
from kolaborasi.vaccination.services.paper import PaperDose, record_doses
from kolaborasi.vaccination.services.plans import (
    approve_supply_line,
    propose_supply,
    reject_supply_line,
)
from kolaborasi.vaccination.services.recalls import Rebooked, give_other_lots
from kolaborasi.vaccination.services.recipients import change_recipient, enrol, see_recipients
from kolaborasi.vaccination.services.safety import (
    close_adverse_event,
    follow_up_adverse_event,
    report_adverse_event,
)
from kolaborasi.vaccination.services.sessions import (
    Parts,
    cancel_session,
    change_quota,
    close_session,
    open_session,
    plan_session,
)
from kolaborasi.vaccination.services.supply import (
    count_stock,
    move_doses,
    recall_lot,
    receive_doses,
    receive_shipment,
    register_lot,
    return_doses,
    send_doses,
    waste_doses,
    write_off_expired,
)
from kolaborasi.vaccination.services.visits import call_next, check_in, leave_queue, screen
from kolaborasi.vaccination.services.waiting import (
    accept_offer,
    expire_offers,
    join_waiting_list,
    leave_waiting_list,
    offer_freed_slots,
)

__all__ = [
    "Applicant",
    "Booked",
    "Issued",
    "ListBooked",
    "ListedPerson",
    "PaperDose",
    "Parts",
    "Rebooked",
    "Said",
    "accept_offer",
    "approve_supply_line",
    "ask_for_card",
    "ask_to_book",
    "ask_to_wait",
    "book",
    "book_collective",
    "book_walk_in",
    "call_next",
    "cancel_booking",
    "cancel_session",
    "change_quota",
    "change_recipient",
    "check_in",
    "close_adverse_event",
    "close_session",
    "confirm_booking",
    "count_stock",
    "decide_quarantine",
    "discard_vial",
    "end_observation",
    "enrol",
    "expire_offers",
    "follow_up_adverse_event",
    "give_dose",
    "give_other_lots",
    "issue_certificate",
    "issue_certificates",
    "join_waiting_list",
    "leave_queue",
    "leave_waiting_list",
    "log_storage",
    "mark_no_shows",
    "move_doses",
    "offer_freed_slots",
    "open_correction",
    "open_session",
    "open_vial",
    "plan_session",
    "propose_supply",
    "recall_lot",
    "receive_doses",
    "receive_shipment",
    "record_doses",
    "record_elsewhere",
    "register_lot",
    "reject_correction",
    "reject_supply_line",
    "report_adverse_event",
    "reschedule",
    "resolve_correction",
    "return_doses",
    "revoke_certificate",
    "screen",
    "see_recipients",
    "send_card",
    "send_doses",
    "send_reminders",
    "waste_doses",
    "write_off_expired",
]
