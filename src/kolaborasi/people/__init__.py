"""People: who somebody is, and nothing about their health.

Owns: persons, their identity fields (encrypted under a key of their own), the keyed blind index that finds them,
confirmed contacts, and accounts.
Promises: identity never leaves this room except through `services.look`, which records every look, and
`queries.address_of`, which the outbox asks at the moment of sending; erasing a person destroys their key; one person
per NIK.
Leaves to others: roles (`partners`), what somebody gave or received (the programmes, by the person's id).
"""
