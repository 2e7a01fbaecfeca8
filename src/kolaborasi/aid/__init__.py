"""Aid: help reaches a kampung. KSBB, citizens helping citizens, beside the government's own aid.

Owns: sub-programmes and items, needs with their lines, offers, pledges, deliveries and their proof; lists of households;
government aid with its periods, allotments, entitlements, suspensions and rounds.
Promises: a need is public only after a verifier has seen it; needed, committed and delivered are three numbers
everywhere; delivered counts only what the receiving side acknowledged; a pledge is made once, by law 1.
A household gets a benefit once in a period, by whichever government; one that does not get it has a reason and may appeal.
Leaves to others: who a person is (`people`), which partner may act (`partners`), where help goes best
(`allocation`). Money: Kolaborasi never holds any; of cash it keeps the books of a
licensed aggregator's account, where every rupiah is a movement.
"""
