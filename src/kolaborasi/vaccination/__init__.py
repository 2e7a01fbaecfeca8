"""Vaccination: government supplies, many hands give. Every dose has a place, a person or a reason.

Owns: products with their schedules, lots and their cold chain, sessions with slots and quotas, recipients, bookings,
visits, doses, adverse events, corrections, certificates, and the plan that spreads doses over sites.
Promises: a booking takes a slot and a dose together, by law 1; doses move as stock, by law 2; one next dose a person,
held by the database; nothing that is expired, recalled or was too warm is given; coverage is counted by residence.
Leaves to others: who a person is (`people`), which partner may act (`partners`), signing keys (`exchange`).
"""
