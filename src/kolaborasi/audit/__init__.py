"""Audit: who did what, when, so that a changed past shows.

Owns: the append-only log of every verb and its hash chain.
Promises: an entry is written in the verb's own transaction; the database refuses to change or delete one; the
worker seals entries into the chain afterwards, so that verbs never wait for one another.
Leaves to others: what the entry means, and any personal value: an entry holds ids and field names only.
"""
