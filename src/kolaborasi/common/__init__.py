"""Common ground of all rooms: time, refusals, actors, lifecycles, idempotency, the page and API toolkits.

Owns: what a verb raises (`errors`), who acts (`actors`), the one `move()` (`lifecycle`), the record of requests
already answered (`idempotency`), list pages (`pages`) and API conventions (`http`).
Promises: no domain word in here; nothing in here imports another room.
"""
