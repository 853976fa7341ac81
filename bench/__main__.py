"""python -m bench: measure, print, and write docs/reference/benchmarks.md."""

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from bench.children import ROOT, allow_many_files
from bench.machine import describe
from bench.report import page
from bench.rig import SHARED_BUFFERS, WrongAnswers
from bench.run import Wishes, run
from bench.sample import Part

_PAGE: Final = ROOT / "docs" / "reference" / "benchmarks.md"
_ENGINES: Final = ("sqlite", "postgresql")
_MAIN: Final = frozenset({Part.BARE, Part.ECHO, Part.PRODUCT})


def wishes(words: Sequence[str] | None = None) -> tuple[Wishes, Path | None, Path | None]:
    """What the command line asks for: what to measure, the file for JSON and the file for the page."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    add = parser.add_argument
    add("--engines", default=",".join(_ENGINES), help="of sqlite,postgresql (default: both)")
    add("--tokens", type=int, default=10_000, help="how many (default: 10000)")
    add("--seconds", type=float, default=3.0, help="of each sample (default: 3)")
    add("--rounds", type=int, default=3, help="samples of each kind (default: 3)")
    add("--concurrency", default="1,8,32,128", help="requests in flight (default: 1,8,32,128)")
    add("--only", help="some of product,bare,echo,growth,timing; then no page is written unless --page names one")
    add("--growth", action="store_true", help="also a million tokens: cost, disk, start")
    add("--many", type=int, default=1_000_000, help="how many that is (default: 1000000)")
    add("--timing", action="store_true", help="also whether an answer's time tells what it was")
    add("--asked", type=int, default=3_000, help="questions of each kind for that (default: 3000)")
    add("--json", type=Path, help="write every sample to this file")
    add("--page", type=Path, help=f"write the page to this file (default: {_PAGE.relative_to(ROOT)})")
    given = parser.parse_args(words)
    also = {Part.GROWTH} if given.growth else set()
    also |= {Part.TIMING} if given.timing else set()
    try:
        parts = frozenset(map(Part, given.only.split(","))) if given.only else _MAIN
        in_flight = [int(word) for word in given.concurrency.split(",")]
    except ValueError as error:
        parser.error(str(error))
    engines = given.engines.split(",")
    if not set(engines) <= set(_ENGINES):
        parser.error(f"--engines is of {','.join(_ENGINES)}, not {given.engines}")
    asked = Wishes(
        parts=parts | also,
        engines=engines,
        in_flight=in_flight,
        people=given.tokens,
        many=given.many,
        seconds=given.seconds,
        turns=given.rounds,
        asked=given.asked,
    )
    return asked, given.json, given.page or (None if given.only else _PAGE)


def main() -> int:
    """Measure; 1 if any answer was not as it should have been."""
    asked, file, page_file = wishes()
    allow_many_files()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # in order: nothing is left running
    machine = describe(asked.engines)
    try:
        found = run(asked, lambda line: print(line, flush=True))
    except WrongAnswers as error:
        print(f"\nWRONG ANSWERS; no figure of this run counts.\n{error}", file=sys.stderr)
        return 1
    text = page(machine, asked, found, buffers=SHARED_BUFFERS)
    print(f"\n{text}")
    if file is not None:
        file.write_text(json.dumps({"machine": machine} | asdict(found), indent=1) + "\n", encoding="utf-8")
    if page_file is not None:
        page_file.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
