"""One measured sample, and what several of them say together."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Self

from bench.outcome import Outcome

_MICRO = 1_000_000


class Part(StrEnum):
    """What is measured."""

    BARE = "bare"
    ECHO = "echo"
    PRODUCT = "product"
    GROWTH = "growth"
    TIMING = "timing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """CPU in µs a request, load of others and steal in cores, memory of the largest server process."""

    part: Part
    engine: str
    in_flight: int
    turn: int
    people: int
    per_second: float
    p50_ms: float
    p99_ms: float
    server_us: float
    database_us: float
    generator_us: float
    peak_mb: float
    others: float
    steal: float
    made_late: int

    @classmethod
    def of(
        cls, outcome: Outcome, *, part: Part, engine: str, in_flight: int, turn: int, people: int, peak_mb: float = 0.0
    ) -> Self:
        """From what a measuring process answered. The bare limit is its own server and has no generator."""
        spent, answers = outcome.spent, max(1, outcome.answers)
        own_us = spent.own_s / answers * _MICRO
        alone = part is Part.BARE
        return cls(
            part=part,
            engine=engine,
            in_flight=in_flight,
            turn=turn,
            people=people,
            per_second=outcome.answers / spent.seconds,
            p50_ms=outcome.p50_ms,
            p99_ms=outcome.p99_ms,
            server_us=own_us if alone else spent.watched_s["server"] / answers * _MICRO,
            database_us=spent.watched_s.get("database", 0.0) / answers * _MICRO,
            generator_us=0.0 if alone else own_us,
            peak_mb=peak_mb,
            others=spent.others_s / spent.seconds,
            steal=spent.steal_s / spent.seconds,
            made_late=outcome.made_late,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A figure that was taken several times: its median, and from where to where it went."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Self | None:
        """None where there are no values."""
        taken = sorted(values)
        return cls(middle=median(taken), low=taken[0], high=taken[-1]) if taken else None


def chosen(samples: Iterable[Sample], **wanted: object) -> list[Sample]:
    """The samples that have all these values."""
    return [one for one in samples if all(getattr(one, name) == value for name, value in wanted.items())]


def ratio(over: Sequence[Sample], under: Sequence[Sample], figure: Callable[[Sample], float]) -> Range | None:
    """One figure over another, turn by turn, so that both come from the same minute."""
    beside = {one.turn: figure(one) for one in under}
    return Range.of(figure(one) / beside[one.turn] for one in over if beside.get(one.turn))


def rate(sample: Sample) -> float:
    """Requests a second."""
    return sample.per_second


def cost(sample: Sample) -> float:
    """CPU a request, of server and database together."""
    return sample.server_us + sample.database_us
