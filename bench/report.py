"""The figures as tables: for the terminal, and as docs/reference/benchmarks.md."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from bench.growth import IN_FLIGHT, Grown
from bench.run import Findings, Wishes
from bench.sample import Part, Range, Sample, chosen, cost, rate, ratio
from bench.timing import Timing

_HEAD: Final = """\
# Benchmarks

Written by `make bench`, which measures all of it in one run; the figures are those of the machine below and of no other. A cell
is the median of the turns, and in brackets where they went from and to. Load generator, server and database share the machine.
"""
_METHOD: Final = """\
## Method

- **product**: `otpward serve` (on PostgreSQL `--processes 2`), over HTTP/1.1 on as many open connections as are in flight. Each
  request is `POST /v1/verifications` with an API key and a fresh code of a random counter token; one code in ten is wrong.
  Every answer is checked, and at the end the counters in the database against those of the devices; if one is not as it should
  be, there are no figures.
- **bare**: no HTTP, no key, no policy. One transaction for as many codes as are in flight (on PostgreSQL two at a time, of half
  as many): the narrow row found by its serial, the seed unsealed (AES-256-GCM), the eleven codes of the window, the row changed
  and an audit line with a key of its own; all codes right. Its p50 and p99 are those of a whole batch.
- **echo**: uvicorn (httptools, uvloop) that gives back what it was sent, under the same load from the same generator.
- SQLite: WAL, synchronous=FULL. PostgreSQL: fsync, full_page_writes and synchronous_commit on, shared_buffers {buffers},
  otherwise as it comes, over its socket in the file system.
- CPU is user and system time of the process and its children (`/proc/PID/stat`), a request; that of the load generator beside
  it. *Others* is what all other processes used meanwhile, in cores. Memory is the largest process's peak.
- The ratios are formed turn by turn from samples taken one after another, so a slow minute takes from both.
"""
_WANTED: Final[dict[tuple[str, int], tuple[float, float, float]]] = {
    ("sqlite", 1): (0, 0.7, 0),
    ("sqlite", 8): (4_500, 0, 0),
    ("sqlite", 32): (8_000, 0, 0),
    ("sqlite", 128): (10_000, 0, 25),
    ("postgresql", 1): (0, 1.0, 0),
    ("postgresql", 8): (4_500, 0, 0),
    ("postgresql", 32): (8_000, 0, 0),
    ("postgresql", 128): (12_000, 0, 30),
}
"""Requests a second at least, p50 and p99 in ms at most; 0 where nothing is asked."""
_NAMES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def page(machine: dict[str, str], wishes: Wishes, found: Findings, *, buffers: str) -> str:
    """The whole page."""
    parts = [_HEAD, _table(["machine", ""], [[name, value] for name, value in machine.items()])]
    for engine in wishes.engines:
        if found.samples:
            parts += [f"## {_NAMES[engine]}, {wishes.people:,} tokens\n", _figures(engine, wishes.in_flight, found.samples)]
            parts.append(_aims(engine, wishes.in_flight, found.samples))
    if found.growth:
        parts += ["## Growth\n", *map(_growth, found.growth)]
    if found.timing:
        parts += ["## What time tells\n", _TIMING_SAYS, *map(_timing, found.timing)]
    parts.append(_METHOD.format(buffers=buffers))
    parts.append(f"{wishes.turns} turn{'s' * (wishes.turns > 1)} of {wishes.seconds:g} s for each cell.\n")
    return "\n".join(part for part in parts if part)


def _figures(engine: str, in_flight: Sequence[int], samples: Sequence[Sample]) -> str:
    rows = []
    for part in (Part.PRODUCT, Part.BARE, Part.ECHO):
        for many in in_flight:
            some = chosen(samples, engine=engine, part=part, in_flight=many)
            if not some:
                continue
            rows.append(
                [
                    part.value,
                    str(many),
                    _cell(some, rate, 0),
                    _cell(some, lambda one: one.p50_ms, 2),
                    _cell(some, lambda one: one.p99_ms, 2),
                    _cell(some, lambda one: one.server_us, 0),
                    _cell(some, lambda one: one.database_us, 0),
                    _cell(some, lambda one: one.generator_us, 1),
                    f"{max(one.peak_mb for one in some):.0f}" if any(one.peak_mb for one in some) else "",
                    _cell(some, lambda one: one.others, 2),
                ]
            )
    head = ["", "in flight", "a second", "p50 ms", "p99 ms", "server µs", "database µs", "generator µs", "MB", "others"]
    return _table(head, rows)


def _aims(engine: str, in_flight: Sequence[int], samples: Sequence[Sample]) -> str:
    rows = []
    for many in in_flight:
        product = chosen(samples, engine=engine, part=Part.PRODUCT, in_flight=many)
        if not product:
            return ""
        per_bare = ratio(product, chosen(samples, engine=engine, part=Part.BARE, in_flight=many), rate)
        per_echo = ratio(product, chosen(samples, engine=engine, part=Part.ECHO, in_flight=many), rate)
        rows.append(
            [str(many), _spread(per_bare, 2), _spread(per_echo, 2), _verdict(engine, many, product, per_bare, per_echo)]
        )
    return _table(["in flight", "product / bare", "product / echo", "aims (DESIGN)"], rows)


def _verdict(engine: str, many: int, product: Sequence[Sample], per_bare: Range | None, per_echo: Range | None) -> str:
    """The aims at this concurrency, and whether the medians reach them."""
    fast, p50, p99 = _WANTED.get((engine, many), (0.0, 0.0, 0.0))
    aims = [
        (fast, "≥", "{:,.0f}/s", Range.of(map(rate, product))),
        (p50, "≤", "p50 {:g} ms", Range.of(one.p50_ms for one in product)),
        (p99, "≤", "p99 {:g} ms", Range.of(one.p99_ms for one in product)),
        (0.5 if many == 32 else 0, "≥", "{:g} of bare", per_bare),
        (0.5 if many == 128 else 0, "≥", "{:g} of echo", per_echo),
    ]
    told = []
    for aim, side, words, value in aims:
        if aim and value is not None:
            reached = value.middle >= aim if side == "≥" else value.middle <= aim
            told.append(f"{side} {words.format(aim)}: {'reached' if reached else '**missed**'}")
    return ", ".join(told)


def _growth(grown: Grown) -> str:
    rows = []
    for many in IN_FLIGHT:
        few = chosen(grown.samples, in_flight=many, people=grown.few)
        lot = chosen(grown.samples, in_flight=many, people=grown.many)
        rows.append(
            [
                str(many),
                *(_cell(some, rate, 0) for some in (few, lot)),
                *(_cell(some, cost, 0) for some in (few, lot)),
                _spread(ratio(lot, few, cost), 2),
            ]
        )
    heads = [f"{count:,}: {what}" for what in ("a second", "CPU µs") for count in (grown.few, grown.many)]
    octets = ", ".join(f"{table} {size:.0f}" for table, size in sorted(grown.octets.items()))
    ready = (
        f"Ready after {grown.few_ready_s:.2f} s with {grown.few:,} tokens and {grown.many_ready_s:.2f} s with {grown.many:,}."
    )
    disk = f"On disk {sum(grown.octets.values()):.0f} octets a person with a token, indexes included: {octets}."
    return f"### {_NAMES[grown.engine]}\n\n{_table(['in flight', *heads, 'cost ratio'], rows)}\n{ready} {disk}\n"


_TIMING_SAYS: Final = """\
One client on one connection, every kind in an order drawn by chance. *Longer* is how often an answer of the first kind took
longer than one of the second: 0.50 if time tells nothing. *By chance* is how likely so unequal a count is if it does not
(Mann-Whitney, two-sided).
"""


def _timing(timing: Timing) -> str:
    kinds = [[kind.value, *(f"{point:.0f}" for point in points)] for kind, points in timing.points_us.items()]
    pairs = [
        [f"{one.first} – {one.second}", f"{one.medians_apart_us:+.0f}", f"{one.longer:.3f}", f"{one.chance:.2g}"]
        for one in timing.told
    ]
    points = _table([f"asked {timing.asked:,} times", "10 % µs", "median µs", "90 % µs", "99 % µs"], kinds)
    return f"### {_NAMES[timing.engine]}\n\n{points}\n{_table(['pair', 'medians apart µs', 'longer', 'by chance'], pairs)}"


def _cell(samples: Iterable[Sample], figure: Callable[[Sample], float], places: int) -> str:
    return _spread(Range.of(map(figure, samples)), places)


def _spread(found: Range | None, places: int) -> str:
    if found is None:
        return ""
    middle, low, high = (f"{value:,.{places}f}" for value in (found.middle, found.low, found.high))
    return middle if low == high else f"{middle} [{low}–{high}]"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
