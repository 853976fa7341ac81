"""What is ordered of a process that measures, and what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from bench.usage import Spent


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One sample: so many in flight, `warm_s` before the clock starts, `seconds` on the clock; or exactly `limit` requests.

    `watch` names processes, whose families' CPU time is taken at the same two moments.
    """

    in_flight: int
    seconds: float = 0.0
    warm_s: float = 0.2
    limit: int = 0
    watch: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was seen. Of the load: `accepted` and `refused` count all answers that were as they should be, also those off the
    clock; `odd` are the others, and must be empty; `made_late` requests were made while the clock ran."""

    answers: int
    p50_ms: float
    p99_ms: float
    spent: Spent
    accepted: int = 0
    refused: int = 0
    made_late: int = 0
    odd: Sequence[str] = ()

    @classmethod
    def read(cls, told: dict[str, Any]) -> Self:
        """From JSON."""
        return cls(**told | {"spent": Spent(**told["spent"])})


def at(ordered: Sequence[float], share: float) -> float:
    """The value below which this share of the sorted values lies; 0 where there are none."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
