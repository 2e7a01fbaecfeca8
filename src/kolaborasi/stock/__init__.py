"""Stock: the second law. Nothing is lost.

Owns: items, lots with expiry, locations, balances and movements.
Promises: goods move between locations as double entries, in one transaction with the balances; a balance never
goes below zero; a movement is never changed or deleted; what is wasted, expired or returned is a movement too.
A balance is a Capacity: what is on hand or surely arriving can be promised, by law 1 and by nothing else.
Leaves to others: what the goods mean, and the audit entry of the programme's verb.
"""
