"""A counter becomes a code (RFC 4226 §5.3)."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from struct import Struct
from typing import TYPE_CHECKING, Final

from otpward.core.errors import Invalid
from otpward.core.oath.model import COUNTER_MAX, Algorithm
from otpward.core.secret import Secret

if TYPE_CHECKING:
    from hashlib import _Hash

HASHES: Final[Mapping[Algorithm, tuple[Callable[[bytes], "_Hash"], int]]] = {
    Algorithm.SHA1: (hashlib.sha1, 64),
    Algorithm.SHA256: (hashlib.sha256, 64),
    Algorithm.SHA512: (hashlib.sha512, 128),
}
"""Each hash with the octets of its block."""
INNER_PAD: Final = bytes(octet ^ 0x36 for octet in range(256))  # RFC 2104 §2
OUTER_PAD: Final = bytes(octet ^ 0x5C for octet in range(256))
AS_COUNTER: Final = Struct(">Q").pack
FOUR_OCTETS: Final = Struct(">I").unpack_from


class CodeMaker:
    """The codes of one seed. The two padded-key states of the HMAC are built once and copied per counter, which halves the
    cost of searching a window. It holds what is as good as the seed: keep it no longer than the search."""

    __slots__ = ("_digits", "_inner", "_outer")

    def __init__(self, seed: Secret, *, algorithm: Algorithm, digits: int) -> None:
        make, block_octets = HASHES[algorithm]
        key = seed.reveal()
        if len(key) > block_octets:
            key = make(key).digest()
        key = key.ljust(block_octets, b"\0")
        self._inner = make(key.translate(INNER_PAD))
        self._outer = make(key.translate(OUTER_PAD))
        self._digits = digits

    def code(self, counter: int) -> str:
        """The code at `counter`, with its leading zeros."""
        return self.codes((counter,))[0]

    def codes(self, counters: Iterable[int]) -> list[str]:
        """The codes at `counters`, in their order (RFC 4226 §5.3, dynamic truncation). Every code that anybody types comes
        through here for its whole window: nothing is called in the loop but what computes."""
        new_inner, new_outer = self._inner.copy, self._outer.copy
        modulus = 10**self._digits
        made = []
        for counter in counters:
            inner = new_inner()
            inner.update(AS_COUNTER(counter))
            outer = new_outer()
            outer.update(inner.digest())
            mac = outer.digest()
            (number,) = FOUR_OCTETS(mac, mac[-1] & 0x0F)
            made.append(str((number & 0x7FFF_FFFF) % modulus + modulus)[1:])  # the first digit kept the zeros
        return made


def hotp(seed: Secret, counter: int, *, algorithm: Algorithm = Algorithm.SHA1, digits: int = 6) -> str:
    """The code of `seed` at `counter` (RFC 4226 §5.3).

    Raises:
        Invalid: the counter does not fit eight octets.
    """
    if not 0 <= counter <= COUNTER_MAX:
        raise Invalid("a counter is a whole number of at most 64 bits", field="counter")
    return CodeMaker(seed, algorithm=algorithm, digits=digits).code(counter)
