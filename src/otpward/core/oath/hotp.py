"""A counter becomes a code (RFC 4226 §5.3)."""

import hashlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from otpward.core.errors import Invalid
from otpward.core.oath.model import COUNTER_MAX, Algorithm
from otpward.core.secret import Secret

if TYPE_CHECKING:
    from hashlib import _Hash

HASHES: Final[Mapping[Algorithm, Callable[[bytes], "_Hash"]]] = {
    Algorithm.SHA1: hashlib.sha1,
    Algorithm.SHA256: hashlib.sha256,
    Algorithm.SHA512: hashlib.sha512,
}
INNER_PAD: Final = bytes(octet ^ 0x36 for octet in range(256))  # RFC 2104 §2
OUTER_PAD: Final = bytes(octet ^ 0x5C for octet in range(256))


class CodeMaker:
    """The codes of one seed. The two padded-key states of the HMAC are built once and copied per counter, which halves the
    cost of searching a window. It holds what is as good as the seed: keep it no longer than the search."""

    __slots__ = ("_digits", "_inner", "_outer")

    def __init__(self, seed: Secret, *, algorithm: Algorithm, digits: int) -> None:
        make = HASHES[algorithm]
        block_octets = make(b"").block_size
        key = seed.reveal()
        if len(key) > block_octets:
            key = make(key).digest()
        key = key.ljust(block_octets, b"\0")
        self._inner = make(key.translate(INNER_PAD))
        self._outer = make(key.translate(OUTER_PAD))
        self._digits = digits

    def code(self, counter: int) -> bytes:
        """The code at `counter`, as ASCII digits with its leading zeros (RFC 4226 §5.3, dynamic truncation)."""
        inner = self._inner.copy()
        inner.update(counter.to_bytes(8, "big"))
        outer = self._outer.copy()
        outer.update(inner.digest())
        mac = outer.digest()
        offset = mac[-1] & 0x0F
        number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFF_FFFF
        return (b"%010d" % number)[-self._digits :]


def hotp(seed: Secret, counter: int, *, algorithm: Algorithm = Algorithm.SHA1, digits: int = 6) -> str:
    """The code of `seed` at `counter` (RFC 4226 §5.3).

    Raises:
        Invalid: the counter does not fit eight octets.
    """
    if not 0 <= counter <= COUNTER_MAX:
        raise Invalid("a counter is a whole number of at most 64 bits", field="counter")
    return CodeMaker(seed, algorithm=algorithm, digits=digits).code(counter).decode("ascii")
