"""Diagnostics: campuses and laboratories test together.

Owns: labs with machines, shifts and what they offer each day; slots and orders; specimens and every event of theirs;
courier rounds and manifests; plates, pools, readings and results; contacts and notices of positive results.
Promises: a specimen is always somewhere and never in two labs; a lab's day is promised by law 1; each event keeps its
own time; a result is validated by a second person and never overwritten; others see counts, small ones suppressed.
Leaves to others: who a person is (`people`), which partner may act (`partners`), kits as goods (`stock`), keys and
signatures (`exchange`).
"""
