"""Whether an answer's time tells what the answer does not: right and wrong, locked and unknown, asked in turn by one client."""

import math
import random
import secrets
import socket
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

import sqlalchemy as sa

from bench.devices import DIGITS, Devices, Wording, serial_of
from bench.installation import Installation, served
from bench.outcome import at
from bench.rig import Engine, WrongAnswers
from otpward.core.lifecycle.token import Hold
from otpward.store import tables
from otpward.store.engine import open_engine

_LOCKED: Final = 200
_SPARE: Final = 100
"""Devices whose first code comes again by chance near its counter: one in ten thousand, and not to be asked about."""
_SHARES: Final = (0.1, 0.5, 0.9, 0.99)
_NOBODYS: Final = 9_000_000
"""Serials from here on belong to nobody."""


class Kind(StrEnum):
    """What was asked."""

    RIGHT = "right"
    WRONG = "wrong"
    REPLAYED = "replayed"
    LOCKED_RIGHT = "right, but locked"
    LOCKED_WRONG = "wrong, and locked"
    UNKNOWN = "unknown serial"


_REASONS: Final = {
    Kind.RIGHT: "accepted",
    Kind.WRONG: "wrong_code",
    Kind.REPLAYED: "replayed",
    Kind.LOCKED_RIGHT: "locked",
    Kind.LOCKED_WRONG: "locked",
    Kind.UNKNOWN: "unknown",
}
_OWN: Final = (Kind.RIGHT, Kind.WRONG, Kind.REPLAYED)
"""Kinds that need a device for each question."""
PAIRS: Final = (
    (Kind.RIGHT, Kind.WRONG),
    (Kind.WRONG, Kind.REPLAYED),
    (Kind.LOCKED_RIGHT, Kind.LOCKED_WRONG),
    (Kind.WRONG, Kind.LOCKED_WRONG),
    (Kind.UNKNOWN, Kind.WRONG),
    (Kind.UNKNOWN, Kind.LOCKED_WRONG),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Two kinds compared: how far their medians are apart, how often an answer of the first took longer than one of the second
    (0.5 if time tells nothing), and how likely chance alone would make that so unequal (Mann-Whitney, two-sided)."""

    first: Kind
    second: Kind
    medians_apart_us: float
    longer: float
    chance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """All kinds: how many were asked, and the 10, 50, 90 and 99 % points in µs."""

    engine: str
    asked: int
    points_us: dict[Kind, list[float]]
    told: list[Told]


def measure_timing(engine: Engine, *, asked: int) -> Timing:
    """Ask `asked` of each kind, in an order drawn by chance; raises `WrongAnswers`."""
    installation = engine.install("timing", _LOCKED + asked * len(_OWN) + _SPARE)
    _lock(installation)
    with served(installation) as running, socket.create_connection(("127.0.0.1", running.port)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        taken = _ask_all(line, installation, asked)
    points = {kind: [at(sorted(taken[kind]), share) * 1e6 for share in _SHARES] for kind in Kind}
    told = [compare(first, taken[first], second, taken[second]) for first, second in PAIRS]
    return Timing(engine=engine.name, asked=asked, points_us=points, told=told)


def compare(first: Kind, ones: list[float], second: Kind, others: list[float]) -> Told:
    """The Mann-Whitney statistic of two samples, by ranks and the normal approximation."""
    ranked = sorted([(value, True) for value in ones] + [(value, False) for value in others])
    ranks = sum(rank for rank, (_, mine) in enumerate(ranked, 1) if mine)
    n, m = len(ones), len(others)
    wins = ranks - n * (n + 1) / 2
    z = (wins - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
    apart = at(sorted(ones), 0.5) - at(sorted(others), 0.5)
    return Told(
        first=first,
        second=second,
        medians_apart_us=apart * 1e6,
        longer=wins / (n * m),
        chance=math.erfc(abs(z) / math.sqrt(2)),
    )


def _lock(installation: Installation) -> None:
    """Lock the first devices, as ten wrong codes would."""
    engine, token = open_engine(installation.database_url), tables.token
    lock = {"holds": frozenset({Hold.LOCKED}), "locked_until": datetime.now(UTC) + timedelta(days=1)}
    try:
        with engine.begin() as connection:
            serials = [serial_of(device) for device in range(_LOCKED)]
            connection.execute(sa.update(token).where(token.c.serial.in_(serials)).values(lock))
    finally:
        engine.dispose()


def _ask_all(line: socket.socket, installation: Installation, asked: int) -> dict[Kind, list[float]]:
    """Every device that is not locked shows one code beforehand, so that all have a past; then it is asked about once."""
    chance = random.Random(secrets.token_bytes(16))
    devices = Devices(installation.secret, installation.people)
    wording = Wording("127.0.0.1", installation.key, echo=False)
    good = [device for device in range(_LOCKED, installation.people) if not devices.repeats(device)]
    free = chance.sample(good, asked * len(_OWN))
    for device in free:
        _ask(line, Kind.RIGHT, wording.ask(serial_of(device), devices.right(device)))
    # All made before the first is asked: some take longer to make, and the server must not rest meanwhile.
    questions = []
    for kind in Kind:
        for _ in range(asked):
            device = free.pop() if kind in _OWN else chance.randrange(_LOCKED)
            questions.append((kind, wording.ask(*_question(kind, device, devices, chance))))
    chance.shuffle(questions)
    taken: dict[Kind, list[float]] = {kind: [] for kind in Kind}
    for kind, octets in questions:
        taken[kind].append(_ask(line, kind, octets))
    return taken


def _question(kind: Kind, device: int, devices: Devices, chance: random.Random) -> tuple[str, str]:
    match kind:
        case Kind.RIGHT | Kind.LOCKED_RIGHT:
            code = devices.shown(device, devices.counters[device])
        case Kind.WRONG | Kind.LOCKED_WRONG:
            code = devices.wrong(device, chance)
        case Kind.REPLAYED:
            code = devices.shown(device, devices.counters[device] - 1)
        case Kind.UNKNOWN:
            return serial_of(_NOBODYS + chance.randrange(100_000)), f"{chance.randrange(10**DIGITS):0{DIGITS}d}"
        case other:
            assert_never(other)
    return serial_of(device), code


def _ask(line: socket.socket, kind: Kind, octets: bytes) -> float:
    """How long the answer took; raises `WrongAnswers`."""
    began = time.perf_counter()
    line.sendall(octets)
    answer = _whole_answer(line)
    took = time.perf_counter() - began
    if f'"reason":"{_REASONS[kind]}"'.encode() not in answer:
        raise WrongAnswers(f"{kind}: wanted {_REASONS[kind]}, came {answer!r}")
    return took


def _whole_answer(line: socket.socket) -> bytes:
    """The answer with its body, however many pieces it comes in."""
    data = line.recv(65536)
    while (end := data.find(b"\r\n\r\n")) < 0 or len(data) < end + 4 + _length(data):
        more = line.recv(65536)
        if not more:
            raise WrongAnswers(f"the connection ended after {data!r}")
        data += more
    return data


def _length(data: bytes) -> int:
    place = data.find(b"content-length: ")
    return int(data[place + 16 : data.find(b"\r", place)])
