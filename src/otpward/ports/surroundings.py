"""Time and chance, which the core never takes for itself."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The server's time; a client's clock is never asked."""

    def now(self) -> datetime:
        """Now, aware and in UTC."""
        ...


class Entropy(Protocol):
    """An approved random generator (SP 800-63B §3.2.12)."""

    def octets(self, count: int) -> bytes:
        """`count` unpredictable octets."""
        ...
