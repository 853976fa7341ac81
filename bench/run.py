"""One run: every engine in turn, every concurrency, and in each the parts beside each other."""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench import rig
from bench.growth import Grown, measure_growth
from bench.sample import Part, Sample
from bench.timing import Timing, measure_timing


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is to be measured, and how long."""

    parts: frozenset[Part]
    engines: list[str]
    in_flight: list[int]
    people: int
    many: int
    seconds: float
    turns: int
    asked: int


@dataclass(slots=True, kw_only=True)
class Findings:
    """What was measured."""

    samples: list[Sample] = field(default_factory=list)
    growth: list[Grown] = field(default_factory=list)
    timing: list[Timing] = field(default_factory=list)


def run(wishes: Wishes, tell: Callable[[str], None]) -> Findings:
    """Measure it all; raises `WrongAnswers`."""
    found = Findings()
    with tempfile.TemporaryDirectory(prefix="otpward-bench-") as folder, ExitStack() as held:
        engines = [held.enter_context(rig.engine(name, Path(folder) / name)) for name in wishes.engines]
        for engine in engines:
            engine.folder.mkdir()
        if wishes.parts & {Part.BARE, Part.ECHO, Part.PRODUCT}:
            found.samples += _side_by_side(wishes, engines, Path(folder), tell)
        for engine in engines:
            if Part.GROWTH in wishes.parts:
                tell(f"{engine.name}: {wishes.people} and {wishes.many} people")
                few, many, seconds = wishes.people, wishes.many, wishes.seconds
                found.growth.append(measure_growth(engine, few=few, many=many, seconds=seconds, turns=wishes.turns))
            if Part.TIMING in wishes.parts:
                tell(f"{engine.name}: {wishes.asked} questions of each kind, one after another")
                found.timing.append(measure_timing(engine, asked=wishes.asked))
    return found


def _side_by_side(wishes: Wishes, engines: list[rig.Engine], folder: Path, tell: Callable[[str], None]) -> list[Sample]:
    taken: list[Sample] = []
    with ExitStack() as held:
        stands: list[_Stand] = []
        echo = held.enter_context(rig.echo(folder, wishes.people)) if Part.ECHO in wishes.parts else None
        for engine in engines:
            stand = _Stand(engine=engine, echo=echo)
            if Part.BARE in wishes.parts:
                stand.bare = held.enter_context(rig.bare(engine, wishes.people))
            if Part.PRODUCT in wishes.parts:
                installation = engine.install("product", wishes.people)
                stand.product = held.enter_context(rig.product(engine, installation))
            stands.append(stand)
        for turn in range(wishes.turns):
            for stand in stands:
                for in_flight in wishes.in_flight:
                    for one in stand.samples(in_flight, wishes.seconds, turn):
                        tell(said(one))
                        taken.append(one)
        for stand in stands:
            if stand.product is not None:
                stand.product.settle_up()
    return taken


@dataclass(slots=True, kw_only=True)
class _Stand:
    """What is measured on one engine."""

    engine: rig.Engine
    bare: rig.Bare | None = None
    echo: rig.Echo | None = None
    product: rig.Product | None = None

    def samples(self, in_flight: int, seconds: float, turn: int) -> list[Sample]:
        """One of each, close together."""
        taken = []
        if self.bare is not None:
            taken.append(self.bare.sample(in_flight, seconds, turn))
        if self.echo is not None:
            taken.append(self.echo.sample(self.engine.name, in_flight, seconds, turn))
        if self.product is not None:
            taken.append(self.product.sample(Part.PRODUCT, in_flight, seconds, turn))
        return taken


def said(sample: Sample) -> str:
    """A sample in one line."""
    parts = [
        f"{sample.engine:10} {sample.part:7} {sample.in_flight:4} in flight: {sample.per_second:7.0f}/s",
        f"p50 {sample.p50_ms:6.2f} ms",
        f"p99 {sample.p99_ms:6.2f} ms",
        f"CPU {sample.server_us:6.1f} + {sample.database_us:5.1f} µs",
        f"generator {sample.generator_us:4.1f} µs",
        f"{sample.peak_mb:4.0f} MB",
        f"others {sample.others:.2f} cores",
    ]
    return ", ".join(parts)
