"""Classes of the fields of diagnostics: results are clinical facts under a pseudonymous id; labs are public."""

from kolaborasi.common.classification import Data, Declared

TIMES = (
    *("collected_at", "keeps_until", "late_at", "picked_up_at", "received_at", "run_started_at"),
    *("resulted_at", "validated_at", "notified_at", "disposed_at"),
)

FIELDS: Declared = {
    "Lab": {
        Data.NONE: (
            *("biosafety", "mobile", "preparation_minutes", "state", "down_reason", "registered_at"),
            *("verified_at", "state_at"),
        ),
    },
    "Machine": {Data.NONE: ("name", "model", "wells", "run_minutes", "targets", "in_service")},
    "Shift": {Data.NONE: ("weekday", "starts_minute", "minutes", "staffed_machines")},
    "LabDay": {Data.NONE: ("date", "derived", "offered_at")},
    "Slot": {Data.NONE: ("starts_at", "ends_at")},
    "AntigenTest": {
        Data.CLINICAL: ("birth_date", "sex", "outcome"),
        Data.NONE: ("brand", "tested_at", "recorded_at"),
    },
    "Order": {
        Data.CLINICAL: ("birth_date", "sex", "reason", "priority"),
        Data.NONE: ("channel", "language", "state", "ordered_at"),
    },
    "Booking": {Data.NONE: ("booked_at",)},
    "DispatchPlan": {
        Data.NONE: (
            *("made_at", "departs_at", "expires_at", "state", "waiting", "planned", "expected", "baseline"),
            "decided_at",
        ),
    },
    "DispatchLine": {
        Data.PSEUDONYMOUS: ("specimens",),
        Data.NONE: ("quantity", "travel_minutes", "arrives_at", "results_at", "state", "refusal"),
    },
    "Consignment": {Data.NONE: ("made_at", "departs_at", "arrives_at", "picked_up_at", "closed_at")},
    "Label": {Data.PSEUDONYMOUS: ("barcode",), Data.NONE: ("issued_at",)},
    "Specimen": {
        Data.CLINICAL: ("kind", "priority"),
        Data.NONE: ("state", "discard_reason", "repeats", *TIMES),
    },
    "SpecimenEvent": {Data.NONE: ("kind", "at", "recorded_at")},
    "Assay": {
        Data.NONE: (
            *("code", "name", "cut_offs", "detected_for_positive", "control", "control_cut_off", "cycles"),
            *("loinc", "pooled", "source"),
        ),
    },
    "Run": {Data.NONE: ("plate", "state", "failure", "prepared_at", "started_at", "ended_at")},
    "Pool": {Data.CLINICAL: ("outcome",), Data.NONE: ("made_at", "size", "dissolved_at")},
    "PoolMember": {},
    "Well": {Data.CLINICAL: ("readings",), Data.NONE: ("position", "content")},
    "Result": {
        Data.CLINICAL: ("outcome",),
        Data.NONE: (*("source", "resulted_at", "entered_at", "state", "validated_at", "correction_reason"),),
    },
    "Ct": {Data.CLINICAL: ("target", "ct")},
    "ResultLink": {
        Data.PSEUDONYMOUS: ("link_hash",),
        Data.NONE: ("sent_at", "ends_at", "wrong_tries", "opened_at"),
    },
    "Catchment": {},
    "CaseNotice": {Data.NONE: ("made_at", "seen_at", "withdrawn_at")},
    "CloseContact": {
        Data.PSEUDONYMOUS: ("link_hash",),
        Data.NONE: ("channel", "listed_at", "told_at"),
    },
}
