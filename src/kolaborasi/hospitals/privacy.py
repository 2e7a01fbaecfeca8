"""Classes of the fields of hospitals: clinical facts are plain, under the pseudonymous id of the person."""

from kolaborasi.common.classification import Data, Declared

FIELDS: Declared = {
    "Hospital": {
        Data.NONE: (
            *("registry_code", "kind", "hospital_class", "ownership", "total_beds", "hotline", "dialysis"),
            *("obstetrics", "paediatrics", "ventilator", "network", "acceptance"),
        ),
    },
    "NetworkPeriod": {Data.NONE: ("paused", "starts_date", "ends_date")},
    "HospitalName": {Data.NONE: ("normal_name", "city_code", "confirmed_at")},
    "NameInQuestion": {Data.NONE: ("name", "normal_name", "city_code", "seen_at", "answered_at")},
    "BedLoad": {
        Data.NONE: ("file_name", "source", "loaded_at", "rows", "taken", "repeated", "silent", "problems"),
    },
    "HeldRow": {Data.NONE: ("line", "seen", "outcome", "reason")},
    "BedMove": {Data.CLINICAL: ("moved_at",)},
    "AgreedBeds": {Data.NONE: ("bed_class", "beds", "starts_date", "ends_date")},
    "ConversionRequest": {Data.NONE: ("bed_class", "beds", "asked_at", "state", "answered_at")},
    "BedCounts": {
        Data.NONE: (
            *("staffed", "occupied", "others", "cleaning", "preparing", "waiting_outside", "waiting_inside"),
            *("free_only", "age_unknown"),
        ),
    },
    "BedPool": {Data.NONE: ("bed_class", "observed_at", "received_at", "source")},
    "BedReport": {Data.NONE: ("others_estimated", "observed_at", "received_at", "source")},
    "Referral": {
        Data.CLINICAL: (
            *("severity", "severity_reasons", "age_group", "pregnant", "pcr", "spo2", "breaths"),
            *("needs_ventilator", "needs_dialysis", "needs_obstetric", "needs_paediatric", "needs_isolation"),
            *("in_labour", "state"),
        ),
        Data.NONE: (
            "source",
            "on_behalf",
            "is_transfer",
            "requested_at",
            "state_at",
            "cancel_reason",
            "ask_next",
        ),
    },
    "Placement": {
        Data.CLINICAL: ("admitted_at", "ended_at"),
        Data.NONE: (
            *("is_transfer", "grade", "minutes", "answer", "decline_reason", "offered_at", "answered_at"),
            "departed_at",
        ),
    },
    "IsolationCase": {
        Data.CLINICAL: ("age_group", "pregnant", "at_risk", "started_date", "state", "ended_date"),
    },
    "FollowUp": {
        Data.CLINICAL: ("spo2", "breaths", "breathless", "chest_pain", "confused", "not_drinking"),
        Data.NONE: ("at", "date", "reached"),
    },
    "Ambulance": {Data.NONE: ("call_sign", "retired_date")},
    "AmbulanceRequest": {
        Data.CLINICAL: ("severity",),
        Data.NONE: ("state", "requested_at", "dispatched_at", "picked_up_at", "arrived_at"),
    },
    "Cylinder": {Data.NONE: ("serial", "litres", "state", "state_at")},
    "RefillRound": {Data.NONE: ("date", "total", "each", "planned_at")},
    "RefillLine": {Data.NONE: ("quota", "sent", "returned")},
}
