"""The devices of the load: counter tokens whose seeds follow from one secret, and how far each has counted."""

import random
from array import array
from collections.abc import Iterable
from hashlib import blake2b, sha1
from struct import Struct
from typing import Final, NamedTuple

DIGITS: Final = 6
SEED_OCTETS: Final = 20
_MODULUS: Final = 10**DIGITS
_BLOCK_OCTETS: Final = 64
_unpack: Final = Struct(">I").unpack_from
_INNER_PAD: Final = bytes(octet ^ 0x36 for octet in range(256))
_OUTER_PAD: Final = bytes(octet ^ 0x5C for octet in range(256))
_WRONG_EVERY: Final = 10
"""One code in ten is wrong."""
_BEHIND, _AHEAD = 12, 104
"""Where the server may look for a code, seen from the next counter: a wrong code is none of these."""


def serial_of(device: int) -> str:
    """What is printed on the back of this device."""
    return f"B{device:07d}"


def seed_of(secret: bytes, device: int) -> bytes:
    """Its seed: the same for whoever knows the secret, so that nobody has to keep a million of them."""
    return blake2b(device.to_bytes(8), key=secret, digest_size=SEED_OCTETS).digest()


def numbers(seed: bytes, counters: Iterable[int]) -> list[int]:
    """The codes of this seed as numbers, without their leading zeros (RFC 4226 §5.3); our own arithmetic, not the product's."""
    key = seed.ljust(_BLOCK_OCTETS, b"\0")
    inner, outer = sha1(key.translate(_INNER_PAD)), sha1(key.translate(_OUTER_PAD))  # noqa: S324 -- HOTP is HMAC-SHA-1
    found = []
    for counter in counters:
        first, second = inner.copy(), outer.copy()
        first.update(counter.to_bytes(8))
        second.update(first.digest())
        mac = second.digest()
        found.append((_unpack(mac, mac[-1] & 15)[0] & 0x7FFFFFFF) % _MODULUS)
    return found


def codes(seed: bytes, counters: Iterable[int]) -> list[str]:
    """What a device with this seed shows at these counters."""
    return [f"{number:0{DIGITS}d}" for number in numbers(seed, counters)]


class Ask(NamedTuple):
    """One request, ready to be sent, and what the answer to it must hold. `erred`: whether the code before it was wrong."""

    octets: bytes
    wanted: bytes
    device: int
    right: bool
    erred: int


class Wording:
    """How a question and its right answer read, to the octet."""

    def __init__(self, host: str, key: str, *, echo: bool) -> None:
        length = len(self._body(serial_of(0), "0" * DIGITS))
        lines = [
            "POST /v1/verifications HTTP/1.1",
            f"Host: {host}",
            f"Authorization: Bearer {key}",
            "Content-Type: application/json",
            f"Content-Length: {length}",
        ]
        self._head = ("\r\n".join(lines) + "\r\n\r\n").encode()
        self._echo = echo

    @staticmethod
    def _body(serial: str, code: str) -> bytes:
        return f'{{"serial":"{serial}","code":"{code}"}}'.encode()

    def ask(self, serial: str, code: str) -> bytes:
        """The request. All are of one length."""
        return self._head + self._body(serial, code)

    def answer(self, serial: str, *, right: bool) -> bytes:
        """What must stand in the answer."""
        if self._echo:
            return f'"serial":"{serial}"'.encode()
        return b'"reason":"accepted"' if right else b'"reason":"wrong_code"'


class Devices:
    """All devices. A counter moves when a code is made, and back when that code was not sent after all."""

    def __init__(self, secret: bytes, count: int) -> None:
        self._secret = secret
        self.count = count
        self.counters = array("Q", bytes(8 * count))
        self.erred = bytearray(count)

    def right(self, device: int) -> str:
        """The next code of this device."""
        counter = self.counters[device]
        self.counters[device] = counter + 1
        self.erred[device] = 0
        return self.shown(device, counter)

    def shown(self, device: int, counter: int) -> str:
        """Its code at this counter; nothing moves."""
        return codes(seed_of(self._secret, device), (counter,))[0]

    def repeats(self, device: int) -> bool:
        """Whether its first code comes again where the server may look for it."""
        first, *others = codes(seed_of(self._secret, device), range(_AHEAD))
        return first in others

    def wrong(self, device: int, chance: random.Random) -> str:
        """A code that this device does not show anywhere near its counter."""
        self.erred[device] = 1
        here = self.counters[device]
        shown = numbers(seed_of(self._secret, device), range(max(0, here - _BEHIND), here + _AHEAD))
        while (number := int(chance.random() * _MODULUS)) in shown:
            pass
        return f"{number:0{DIGITS}d}"

    def take_back(self, ask: Ask) -> None:
        """This code was made and not sent. The last one made is taken back first."""
        self.erred[ask.device] = ask.erred
        self.counters[ask.device] -= ask.right


class Plan:
    """What one connection asks: fresh codes of random devices of its own share, every tenth a wrong one.

    Since no two connections share a device, no two of a device's codes are on their way at once. No device gets two wrong codes
    in a row, so none comes near its lock.
    """

    def __init__(self, devices: Devices, wording: Wording, chance: random.Random, *, place: int, places: int) -> None:
        self._devices = devices
        self._wording = wording
        self._chance = chance
        self._place, self._places = place, places
        self._share = devices.count // places
        self._turn = place % (_WRONG_EVERY - 1)  # so that some right one comes before the first wrong one
        self.made_right = self.made_wrong = 0

    def make(self) -> Ask:
        """The next question."""
        self._turn = (self._turn + 1) % _WRONG_EVERY
        right = self._turn != 0
        device = self._draw()
        while not right and self._devices.erred[device]:
            device = self._draw()
        erred = self._devices.erred[device]
        code = self._devices.right(device) if right else self._devices.wrong(device, self._chance)
        self.made_right += right
        self.made_wrong += not right
        serial = serial_of(device)
        return Ask(self._wording.ask(serial, code), self._wording.answer(serial, right=right), device, right, erred)

    def take_back(self, ask: Ask) -> None:
        """This one is not asked after all."""
        self._devices.take_back(ask)
        self.made_right -= ask.right
        self.made_wrong -= not ask.right

    def _draw(self) -> int:
        return self._place + self._places * int(self._chance.random() * self._share)
