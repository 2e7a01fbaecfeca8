"""Commitments: the first law. Nothing is promised twice.

Owns: two abstract models, `Capacity` (something finite) and `Commitment` (a promise against it), and the verbs
that move both together.
Promises: taking is one conditional UPDATE for each capacity row, all rows or none, in one global order, so that
promises never exceed the limit and crossing promises never deadlock; the CHECKs refuse what code forgets.
Leaves to others: their own tables in their own words, who may promise, the audit entry of the programme's verb.
"""
