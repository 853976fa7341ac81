"""What an address says, read with care: a value of a kind, a key."""

from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from otpward.core.errors import NotFound

E = TypeVar("E", bound=StrEnum)


def pick(kind: type[E], text: str | None) -> E | None:
    """The value of this kind that is written so, or None."""
    return next((value for value in kind if value == text), None)


def key_of(text: str) -> UUID:
    """The key in an address; raises `NotFound` if it cannot be one."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("no such key") from None
