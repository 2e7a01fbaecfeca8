"""Exchange: building blocks of the standards the platform speaks, and the keys it signs with.

Owns: signing keys, signatures and their revocation; readers of HL7 v2 messages.
Promises: a private key leaves the database only encrypted; a retired key still checks what it signed; what was revoked
does not check.
Leaves to others: what a document says and to whom it is shown (the programmes), the pages that check one (`web`).
"""
