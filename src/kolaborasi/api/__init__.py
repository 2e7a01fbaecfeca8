"""The API as a whole: one NinjaAPI object, who a request is from, how errors look, the OpenAPI document.

Owns: API tokens of accounts, the addresses below `/api/v1/`, the pages that explain each problem type.
Promises: every answer is documented, every error is a problem document, a token never gives more than its account
may do, and no staff role without a second factor.
Leaves to others: the operations themselves (`aid.api`, `places.api`, `partners.api`), conventions every operation
follows (`common.http`).
"""
