"""The page toolkit of all rooms: list pages, CSV, forms that do their work once, confirmation steps.

Owns: `ListPage` with its `Column`, `Filter` and `Near`; `IdempotentForm` and `submit`; `UnitsField` and `NameField`; `braked`
for forms that visitors send;
`confirm` before a destructive verb.
Promises: a list page costs the same number of queries for one row and for a thousand; bad parameters are named and
ignored on the page and refused in the file; what was typed into a form is never lost; a repeated submit does nothing
twice; everything works without JavaScript.
Leaves to others: what the rows are (the room's queries), what is written (the room's services), how it looks (`web`).
"""

from kolaborasi.common.pages.brake import braked
from kolaborasi.common.pages.columns import Column
from kolaborasi.common.pages.confirmation import confirm
from kolaborasi.common.pages.fields import NameField, UnitsField
from kolaborasi.common.pages.filters import Filter
from kolaborasi.common.pages.forms import IdempotentForm, submit
from kolaborasi.common.pages.listing import ListPage
from kolaborasi.common.pages.position import Near

__all__ = [
    "Column",
    "Filter",
    "IdempotentForm",
    "ListPage",
    "NameField",
    "Near",
    "UnitsField",
    "braked",
    "confirm",
    "submit",
]
