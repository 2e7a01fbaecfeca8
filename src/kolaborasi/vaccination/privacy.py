"""Classes of the fields of vaccination: what a person's body had is clinical, what only counts is nothing."""

from kolaborasi.common.classification import Data, Declared

FIELDS: Declared = {
    "Product": {
        Data.NONE: (
            *("code", "name", "manufacturer", "icd11", "cvx", "dose_microlitres", "storage", "thawed_days"),
            *("opened_minutes", "observation_minutes", "source"),
        ),
    },
    "ScheduleRule": {
        Data.NONE: (
            *(
                "number",
                "booster",
                "min_days",
                "max_days",
                "min_age",
                "max_age",
                "starts_date",
                "ends_date",
                "source",
            ),
        ),
    },
    "VaccineLot": {
        Data.NONE: (
            *("doses_per_vial", "thawed_until_date", "vvm_stage", "state", "recall_reason", "recalled_at"),
            "registered_at",
        ),
    },
    "StorageReading": {Data.NONE: ("at", "tenths_celsius", "vvm_stage", "excursion")},
    "Quarantine": {Data.NONE: ("reason", "opened_at", "closed_at", "fit")},
    "Vial": {Data.NONE: ("opened_at", "discard_at", "doses", "given", "wasted", "closed_at")},
    "Wastage": {Data.NONE: ("reason", "doses", "at")},
    "StockCount": {Data.NONE: ("counted_at", "expected", "counted", "explanation")},
    "SupplyPlan": {Data.NONE: ("starts_date", "days", "proposed_at", "effect")},
    "SupplyLine": {Data.NONE: ("arrives_date", "doses", "reasons", "state", "refusal", "decided_at")},
    "Session": {
        Data.NONE: (
            *(
                "kind",
                "date",
                "vaccinators",
                "minutes_per_dose",
                "state",
                "planned_at",
                "opened_at",
                "ended_at",
            ),
        ),
    },
    "Slot": {Data.NONE: ("starts_at", "ends_at")},
    "SlotQuota": {Data.NONE: ("channel",)},
    "Recipient": {
        Data.CLINICAL: ("birth_date", "sex", "group"),
        Data.NONE: ("identified_by", "enrolled_at"),
    },
    "Booking": {
        Data.CLINICAL: ("dose_number",),
        Data.PSEUDONYMOUS: ("link_hash",),
        Data.NONE: ("channel", "booked_at", "reminded_at", "ended_at", "end_reason"),
    },
    "WaitingWish": {Data.NONE: ("joined_at", "state", "offers")},
    "Visit": {Data.NONE: ("number", "lane", "arrived_at", "due_at", "called_at", "ended_at", "state")},
    "Screening": {Data.CLINICAL: ("answers", "outcome", "observation_minutes"), Data.NONE: ("at",)},
    "Dose": {
        Data.CLINICAL: ("number", "given_at", "lot_code", "route", "observe_until", "observed_at", "country"),
        Data.PSEUDONYMOUS: ("entry_key",),
        Data.NONE: ("state", "recorded_at"),
    },
    "AdverseEvent": {
        Data.CLINICAL: ("kind", "onset_at", "serious", "outcome"),
        Data.NONE: ("state", "reported_at", "due_date", "followed_at"),
    },
    "Correction": {
        Data.CLINICAL: ("said_date", "said_lot"),
        Data.NONE: ("kind", "opened_at", "due_date", "state", "decided_at", "reference", "said_fields"),
    },
    "Certificate": {
        Data.CLINICAL: ("doses",),
        Data.PSEUDONYMOUS: ("rid",),
        Data.NONE: ("kid", "issued_at", "revoked_at", "revoke_reason"),
    },
}
