"""Lifecycles as tables, and the one `move()` that walks them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from django.utils.translation import gettext_lazy as _

from kolaborasi.common.errors import Conflict

State = TypeVar("State", bound=StrEnum)


class WrongState(Conflict):
    """The event is not possible in the present state."""

    code = "wrong-state"


@dataclass(frozen=True)
class Lifecycle(Generic[State]):
    """States and the events between them.

    Args:
        name: the noun that lives it, for the generated diagram.
        start: the first state.
        moves: event → {state before: state after}.
    """

    name: str
    start: State
    moves: Mapping[str, Mapping[State, State]]

    def sources(self, event: str) -> tuple[State, ...]:
        """States in which the event is possible."""
        return tuple(self.moves[event])

    def move(self, state: str, event: str) -> State:
        """The state after an event.

        Raises:
            WrongState: the event is not possible in this state.
        """
        for before, after in self.moves[event].items():
            if before == state:
                return after
        raise WrongState(
            _("This was changed in the meantime, so that is no longer possible. Load the page again."),
            details={"state": str(state), "event": event},
        )

    def final_states(self) -> tuple[State, ...]:
        """States no event leads out of, in the order they are first reached."""
        before = {state for table in self.moves.values() for state in table}
        after = dict.fromkeys(state for table in self.moves.values() for state in table.values())
        return tuple(state for state in after if state not in before)
