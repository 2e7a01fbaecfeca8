"""What the database refused, said in the room's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext

from django.db import IntegrityError, connection, transaction

from kolaborasi.common.errors import Refused


@contextmanager
def refusing(refusals: Mapping[str, Callable[[], Refused]]) -> Iterator[None]:
    """Turn a constraint that the database refused into a refusal; stands outside the verb's transaction.

    Args:
        refusals: what to raise, by name of the constraint; any other refusal of the database is let through.
    """
    try:
        yield
    except IntegrityError as error:
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if not isinstance(constraint, str) or constraint not in refusals:
            raise
        raise refusals[constraint]() from error


def joined() -> AbstractContextManager[None]:
    """The caller's transaction, or one of its own when there is none; without a savepoint.

    For verbs that make all their refusals before they write anything, so that there is nothing to undo in the
    transaction of a caller who goes on after a refusal.
    """
    return nullcontext() if connection.in_atomic_block else transaction.atomic()
