"""The arithmetic of one verification: AES-256-GCM, then every code of the window."""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bench.devices import codes, seed_of, serial_of

_LOOK_AHEAD: Final = 10
_NONCE_OCTETS: Final = 12
_FIELD: Final = b"token.seed"


@dataclass(frozen=True, slots=True)
class Question:
    """A serial, and the code that its device shows."""

    device: int
    serial: str
    code: str


Work = list[list[list[Question]]]
"""What is to be done: lanes beside each other, batches one after another, questions."""


class Book:
    """The sealed seeds, and questions about them."""

    def __init__(self, devices: int) -> None:
        self.devices = devices
        self._secret = os.urandom(32)
        self._cipher = AESGCM(AESGCM.generate_key(256))
        self._counters = [0] * devices

    def sealed(self, device: int) -> bytes:
        """The seed as it is stored."""
        nonce = os.urandom(_NONCE_OCTETS)
        return nonce + self._cipher.encrypt(nonce, seed_of(self._secret, device), _FIELD + serial_of(device).encode())

    def judge(self, question: Question, sealed: bytes, high_water: int) -> int:
        """The counter of this code; every counter of the window is tried, whichever fits."""
        about = _FIELD + question.serial.encode()
        seed = self._cipher.decrypt(sealed[:_NONCE_OCTETS], sealed[_NONCE_OCTETS:], about)
        first = high_water + 1
        window = codes(seed, range(first, first + 1 + _LOOK_AHEAD))
        found = [position for position, shown in enumerate(window, first) if compare_digest(shown, question.code)]
        return found[0]

    def questions(self, devices: Sequence[int]) -> list[Question]:
        """The next right code of each."""
        made = []
        for device in devices:
            [code] = codes(seed_of(self._secret, device), (self._counters[device],))
            self._counters[device] += 1
            made.append(Question(device, serial_of(device), code))
        return made


def line_keys() -> Iterator[bytes]:
    """Keys of audit lines: they rise with time, as the product's do."""
    place = 0
    while True:
        place += 1
        yield (time.time_ns() // 1_000_000).to_bytes(6) + place.to_bytes(4) + os.urandom(6)
