"""Somebody who hashes passwords slowly."""

from typing import Protocol


class Passwords(Protocol):
    """argon2id behind a seam."""

    def hash(self, password: str) -> str:
        """A salted hash, with its parameters in it."""
        ...

    def verify(self, stored: str, password: str) -> bool:
        """Whether `password` was the one; an empty `stored` costs as much time and is always wrong."""
        ...
