"""The machine's own clock and random generator, and argon2id."""

import base64
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

import argon2

from otpward.core.errors import Unavailable

_AT_ONCE: Final = 2
_WAIT_S: Final = 10.0


class SystemClock:
    """The server's clock."""

    def now(self) -> datetime:
        """Now, in UTC."""
        return datetime.now(UTC)


class SystemEntropy:
    """The operating system's generator."""

    def octets(self, count: int) -> bytes:
        """Unpredictable octets."""
        return secrets.token_bytes(count)


class Argon2Passwords:
    """argon2id with the parameters of RFC 9106 §4 for little memory (64 MiB, three passes)."""

    def __init__(self) -> None:
        self._hasher: Final = argon2.PasswordHasher()
        self._nobody: Final = _hash_of_nothing(self._hasher)
        self._turns: Final = threading.BoundedSemaphore(_AT_ONCE)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Each hash takes 64 MiB and a core, and anybody may ask for one: few at a time, and nobody waits for ever."""
        if not self._turns.acquire(timeout=_WAIT_S):
            raise Unavailable("too many passwords are being checked at once")
        try:
            yield
        finally:
            self._turns.release()

    def hash(self, password: str) -> str:
        """A salted hash with its parameters in it; raises `Unavailable` where too many wait."""
        with self._turn():
            return self._hasher.hash(password)

    def verify(self, stored: str, password: str) -> bool:
        """Whether it was the password; without one on file it takes as long and is wrong."""
        try:
            with self._turn():
                self._hasher.verify(stored or self._nobody, password)
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False
        return bool(stored)


def _hash_of_nothing(like: argon2.PasswordHasher) -> str:
    """A hash with the same parameters that no password has. Written and not computed, since every command would wait for it."""
    salt, digest = (base64.b64encode(bytes(size)).decode().rstrip("=") for size in (like.salt_len, like.hash_len))
    return f"$argon2id$v=19$m={like.memory_cost},t={like.time_cost},p={like.parallelism}${salt}${digest}"
