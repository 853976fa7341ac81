"""Time that stands still until it is moved, and quick passwords."""

import os
from datetime import UTC, datetime, timedelta
from hashlib import sha256, shake_256
from typing import Final

NOON: Final = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # twelve o'clock in Seoul


class FixedClock:
    """A clock that only the test moves."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def move(self, **by: float) -> datetime:
        self.at += timedelta(**by)
        return self.at


class RealEntropy:
    """Real chance: nothing here may depend on which."""

    def octets(self, count: int) -> bytes:
        return os.urandom(count)


class SameChance:
    """Chance that is the same in every run, for a test that must be able to repeat what it found."""

    def __init__(self) -> None:
        self.drawn = 0

    def octets(self, count: int) -> bytes:
        self.drawn += 1
        return shake_256(self.drawn.to_bytes(8)).digest(count)


class PlainPasswords:
    """Not slow, not salted, and not readable: only for tests that are about something else."""

    def hash(self, password: str) -> str:
        return "quick:" + sha256(password.encode()).hexdigest()

    def verify(self, stored: str, password: str) -> bool:
        return bool(stored) and stored == self.hash(password)
