"""What an experiment found: counts to be shown, and faults, of which there must be none."""

import statistics
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Finding:
    """One experiment on one engine."""

    experiment: str
    engine: str
    rounds: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    figures: dict[str, float] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    took_s: float = 0.0

    def expect(self, true: bool, otherwise: str) -> None:
        """Note a fault if this is not true."""
        if not true:
            self.counts["faults"] += 1
            if len(self.faults) < 20:
                self.faults.append(otherwise)

    def median(self, name: str, values: Sequence[float]) -> None:
        """Keep the median and the largest of these."""
        if values:
            self.figures[f"{name}, median"] = round(statistics.median(values), 3)
            self.figures[f"{name}, largest"] = round(max(values), 3)

    def plain(self) -> dict[str, object]:
        """What JSON can carry."""
        return {
            "experiment": self.experiment,
            "engine": self.engine,
            "rounds": self.rounds,
            "took_s": self.took_s,
            **self.counts,
            **self.figures,
            "faults": self.faults,
        }

    def done(self) -> "Finding":
        """Stop the watch."""
        self.took_s = round(time.monotonic() - self.began, 1)
        return self
