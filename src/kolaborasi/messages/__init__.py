"""Messages: what the platform tells people, by the channel they chose.

Owns: templates in both languages, the outbox with its retries, the gateways behind it.
Promises: a message is written in the verb's transaction and sent after it, at least once, or kept as dead with the
reason; the outbox holds person ids and values that name nobody, the address is looked up when it is sent.
Leaves to others: who is told what, and where people's addresses are kept (`people`, through a setting).
"""
