"""Measures how well numbers are covered, on photographs made here; writes nothing but what it found.

    python -m tools.masking_set [--count 200] [--only 12] [--save FOLDER]

The same photographs come out each time: every one is drawn and taken by chance that its own number seeds.
"""

import argparse
import resource
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np

from otpward.adapters.documents.apart import ApartReader
from otpward.adapters.documents.cover import read_covered
from otpward.adapters.documents.opening import pages
from otpward.adapters.documents.reading import paint
from otpward.adapters.documents.see import Eye
from otpward.core.policy.covering import enough
from otpward.core.policy.papers import Paper
from tools.masking_set.cards import KINDS, draw_card
from tools.masking_set.measure import Count, measure
from tools.masking_set.photograph import SIZES, Photograph, take

THREADS = 2
AGAIN = 5


def photograph(number: int, *, size: tuple[int, int] | None = None) -> tuple[Paper, Photograph]:
    """The photograph of this number, and what it is of."""
    chance = Random(f"masking-{number}")
    kind = KINDS[number % len(KINDS)]
    return Paper(kind), take(draw_card(kind, chance), chance, size=size)


def judge(number: int, eye: Eye, save: Path | None) -> tuple[Paper, Count, bool, str]:
    """How the photograph of this number was covered, and whether the reader was sure."""
    paper, taken = photograph(number)
    page = next(iter(pages(taken.jpeg)))
    read = read_covered(np.asarray(page)[:, :, ::-1].copy(), paper, eye)
    if save is not None:
        paint(page, read.covers)
        page.save(save / f"{number:03d}-{paper}.jpg")
    count = measure(taken, read.covers, width=page.width, height=page.height)
    return paper, count, enough(read.found, paper), f"{taken.width}×{taken.height}, {taken.faults}"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.masking_set")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--only", type=int)
    parser.add_argument("--save", type=Path)
    asked = parser.parse_args(arguments)
    numbers = range(asked.count) if asked.only is None else [asked.only]
    eye = Eye(threads=THREADS)
    sums: dict[str, Counter[str]] = {}
    for number in numbers:
        paper, count, sure, faults = judge(number, eye, asked.save)
        for name in (str(paper), "all"):
            sums.setdefault(name, Counter()).update(_counted(count, sure))
        if count.covered < count.secret:
            print(
                f"{number:03d} {paper}: {count.covered} of {count.secret}, {'sure' if sure else 'unsure'}; {faults}", flush=True
            )
    for name, sum_ in sums.items():
        print(_line(name, sum_))
    _time_one()
    every = sums["all"]
    return 0 if every["covered"] >= 0.99 * every["secret"] and every["mistaken"] <= 0.05 * every["other"] else 1


def _counted(count: Count, sure: bool) -> dict[str, int]:
    whole = count.covered == count.secret
    return {
        "cards": 1,
        "secret": count.secret,
        "covered": count.covered,
        "other": count.other,
        "mistaken": count.mistaken,
        "area": round(count.area * 10_000),
        "unsure": not sure,
        "left while sure": sure and not whole,
    }


def _line(name: str, sum_: Counter[str]) -> str:
    return (
        f"{name}: {sum_['cards']} cards; covered {sum_['covered']} of {sum_['secret']} "
        f"({100 * sum_['covered'] / max(1, sum_['secret']):.2f} %); by mistake {sum_['mistaken']} of {sum_['other']} "
        f"({100 * sum_['mistaken'] / max(1, sum_['other']):.2f} %); black beyond "
        f"{sum_['area'] / max(1, sum_['cards']) / 100:.1f} % of the card; unsure {sum_['unsure']}; "
        f"something left while sure {sum_['left while sure']}"
    )


def _time_one() -> None:
    """A photograph of 12 megapixels, through the processes that the server uses, and what starting them costs."""
    _, taken = photograph(3, size=SIZES[-1])
    first, started = _read(taken.jpeg, 1)
    later, worked = _read(taken.jpeg, 1 + AGAIN)
    print(f"12 megapixels: {statistics.median(later[1:]):.2f} s, {(worked - started) / AGAIN:.2f} s of CPU")
    print(f"the first one, with loading: {first[0]:.2f} s, {started:.2f} s of CPU; the largest process held {_peak()} MB")


def _read(jpeg: bytes, times: int) -> tuple[list[float], float]:
    """How long each took, and the CPU of all together, with new processes."""
    before, walls = _cpu(), []
    reader = ApartReader()
    try:
        for _ in range(times):
            began = time.monotonic()
            reader.read(jpeg, Paper.ALIEN_REGISTRATION_CARD)
            walls.append(time.monotonic() - began)
    finally:
        reader.close()
    return walls, _cpu() - before


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
