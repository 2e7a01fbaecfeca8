"""How the API speaks, whatever it speaks about.

Owns: problem details (`problems`, `validation`), pages of a list (`cursors`), versions of a representation
(`conditional`), writes that are done once (`writes`).
Promises: every error is an RFC 9457 document; a cursor never skips or repeats a row that stayed; a repeated
Idempotency-Key gets the first answer, and what is kept of that answer opens only with the key.
Leaves to others: the NinjaAPI object, who a request is from, the OpenAPI document (`api`).
"""
