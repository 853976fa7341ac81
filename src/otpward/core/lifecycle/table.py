"""How a life is written down: a table from state and event to the next state."""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar, TypeVar

from otpward.core.errors import Conflict

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


class IllegalTransition(Conflict):
    """This event cannot happen in this state."""

    code: ClassVar[str] = "illegal_transition"

    def __init__(self, state: StrEnum, event: StrEnum) -> None:
        super().__init__(f"{event} is not possible in state {state}")
        self.state = state
        self.event = event


def follow(table: Mapping[S, Mapping[E, S]], state: S, event: E) -> S:
    """The state after `event`.

    Raises:
        IllegalTransition: the table leaves this pair out.
    """
    try:
        return table[state][event]
    except KeyError:
        raise IllegalTransition(state, event) from None
