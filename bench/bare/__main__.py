"""python -m bench.bare sqlite FILE DEVICES, or postgresql URL DEVICES

Reads an `Order` a line, and answers each with an `Outcome`, in JSON. Ends with its input.
"""

import asyncio
import gc
import json
import sys
from dataclasses import asdict

import uvloop

from bench.bare.postgresql import BarePostgresql
from bench.bare.sqlite import BareSqlite
from bench.outcome import Order, Outcome, at
from bench.usage import between, moment

_FIRST_LOOKS_S = (0.05, 0.3)
_FIRST_COUNT = 512


async def measure(bare: BareSqlite | BarePostgresql, order: Order) -> Outcome:
    """A sample of about as many seconds as were asked for, after a short look at how fast it is."""
    outcome = await _once(bare, order, _FIRST_COUNT)
    for seconds in (*_FIRST_LOOKS_S, order.seconds):
        outcome = await _once(bare, order, int(outcome.answers / outcome.spent.seconds * seconds))
    return outcome


async def _once(bare: BareSqlite | BarePostgresql, order: Order, count: int) -> Outcome:
    work = bare.prepare(order.in_flight, count)
    gc.collect()
    before = moment(order.watch)
    spent = sorted(await bare.verify(work))
    after = moment(order.watch)
    answers = sum(len(batch) for lane in work for batch in lane)
    return Outcome(answers=answers, p50_ms=at(spent, 0.5) * 1000, p99_ms=at(spent, 0.99) * 1000, spent=between(before, after))


async def _obey(engine: str, where: str, devices: int) -> None:
    bare = BareSqlite(where, devices) if engine == "sqlite" else BarePostgresql(where, devices)
    await bare.open()
    while line := await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline):
        print(json.dumps(asdict(await measure(bare, Order(**json.loads(line))))), flush=True)


if __name__ == "__main__":
    uvloop.run(_obey(sys.argv[1], sys.argv[2], int(sys.argv[3])))
