"""`python -m chaos [--only NAME …] [--engine NAME] [--rounds N] [--json FILE]`: all that may go wrong, at length.

A whole run writes docs/reference/chaos.md. Ends with 1 if there was a fault.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from chaos.clock import clock
from chaos.findings import Finding
from chaos.ground import ENGINES, ground
from chaos.kills import kills
from chaos.page import PAGE, page
from chaos.plug import plug
from chaos.races import lock_race, replay_race
from chaos.rude import hang_up

ROUNDS: Final = {"replay-race": 1000, "lock-race": 50, "kill": 30, "hang-up": 200, "plug": 6, "clock": 1}


def experiments(engines: tuple[str, ...]) -> Iterator[tuple[str, str, Callable[[int], Finding]]]:
    """Name, engine, and what runs it for so many rounds."""
    for name, race in (("replay-race", replay_race), ("lock-race", lock_race), ("hang-up", hang_up), ("clock", clock)):
        for engine in engines:

            def run(rounds: int, race: Callable[..., Finding] = race, engine: str = engine) -> Finding:
                with ground(engine) as here:
                    return race(here.site, engine, rounds)

            yield name, engine, run
    for engine in engines:

        def kill(rounds: int, engine: str = engine) -> Finding:
            with ground(engine) as here:
                return kills(here, rounds)

        yield "kill", engine, kill
    if "sqlite" in engines:
        yield "plug", "sqlite", plug


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m chaos", description="All that may go wrong, at length.")
    asked.add_argument("--only", nargs="+", choices=sorted(ROUNDS), default=sorted(ROUNDS))
    asked.add_argument("--engine", choices=ENGINES)
    asked.add_argument("--rounds", type=int, help="instead of each experiment's own number")
    asked.add_argument("--json", type=Path, help="write the findings there, too")
    options = asked.parse_args()
    findings: list[Finding] = []
    for name, engine, run in experiments((options.engine,) if options.engine else ENGINES):
        if name not in options.only:
            continue
        found = run(options.rounds or ROUNDS[name])
        findings.append(found)
        print(f"{name} on {engine}, {found.rounds} rounds, {found.took_s:.0f} s", flush=True)
        for what, count in {**found.counts, **found.figures}.items():
            print(f"  {count:>10,}  {what}")
        for fault in found.faults:
            print(f"  FAULT: {fault}")
        if options.json:
            options.json.write_text(json.dumps([one.plain() for one in findings], indent=1, ensure_ascii=False) + "\n")
    if options.only == sorted(ROUNDS) and not options.engine and not options.rounds:
        PAGE.write_text(page(findings), encoding="utf-8")
        print(f"written: {PAGE}")
    return 1 if any(found.faults for found in findings) else 0


if __name__ == "__main__":
    sys.exit(main())
