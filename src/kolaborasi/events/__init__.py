"""Events: what happened, for rules and subscribers to read later.

Owns: the outbox, written in the verb's own transaction and never changed.
Promises: an event is there exactly when its verb was committed; it holds ids and field names, no personal value.
Leaves to others: who reads it and what they do.
"""
