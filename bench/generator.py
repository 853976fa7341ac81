"""The load: one process that asks over so many connections and checks every answer.

It shares the machine with what it measures, so it does as little as it can: the requests are made before the clock starts, a
connection sends the next one from the callback that brought the last answer, and nothing but the status, the length and one
piece of the body is looked at.

python -m bench.generator reads orders from standard input and writes what came of each, one JSON document a line: first a
`Target`, then any number of `Order`s. It ends with its input.
"""

import asyncio
import gc
import json
import random
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass, replace
from typing import Final, cast

import uvloop

from bench.devices import Ask, Devices, Plan, Wording
from bench.outcome import Order, Outcome, at
from bench.usage import Spent, between, moment

_FINE: Final = b"HTTP/1.1 200 "
_LENGTH: Final = b"content-length: "
_END: Final = b"\r\n\r\n"
_PATIENCE_S: Final = 30.0
_FIRST_LOOK_S: Final = 0.3
"""Before the first sample at a concurrency: how fast is it, so that enough requests are made ahead?"""
_SPARE: Final = 1.3
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Who is asked, with which key, about how many devices; `echo` for the server that gives back what it was sent."""

    port: int
    key: str
    secret: str
    devices: int
    echo: bool = False
    host: str = "127.0.0.1"


class Connection(asyncio.Protocol):
    """One connection: at most one request on its way."""

    __slots__ = ("_ask", "_began", "_kept", "_load", "_plan", "_queue", "_transport")

    def __init__(self, load: "Load", plan: Plan, queue: deque[Ask]) -> None:
        self._load = load
        self._plan = plan
        self._queue = queue
        self._kept = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Being left in the middle is odd; afterwards it is not."""
        self._load.lost(self, f"the connection was lost: {error}")

    def data_received(self, data: bytes) -> None:
        """Check the answer, and ask the next. An answer in pieces waits for the rest."""
        now = time.perf_counter()
        if self._kept:
            data = self._kept + data
            self._kept = b""
        at = data.find(_LENGTH)
        end = data.find(_END, at)
        if at < 0 or end < 0 or len(data) < end + 4 + int(data[at + 16 : data.find(b"\r", at)]):
            self._kept = data
            return
        load = self._load
        if data.startswith(_FINE) and self._ask.wanted in data:
            load.spent.append(now - self._began)
        else:
            load.wonder(self._ask, data)
        if load.running:
            self.ask(now)
        else:
            load.leave(self)

    def ask(self, now: float) -> None:
        """Send the next request."""
        if self._queue:
            ask = self._queue.popleft()
        elif self._load.limited:
            self._load.leave(self)
            return
        else:
            ask = self._plan.make()
            self._load.made_late += 1
        self._ask = ask
        self._began = now
        self._transport.write(ask.octets)

    def close(self) -> None:
        """Hang up."""
        self._transport.close()


class Load:
    """All connections of one sample."""

    def __init__(self, *, limited: bool) -> None:
        self.spent: list[float] = []
        self.odd: list[str] = []
        self.made_late = 0
        self.running = True
        self.limited = limited
        self.done = asyncio.get_running_loop().create_future()
        self._open: set[Connection] = set()

    def enter(self, connection: Connection) -> None:
        """One more asks."""
        self._open.add(connection)

    def leave(self, connection: Connection) -> None:
        """This one is through."""
        self._open.discard(connection)
        if not self._open and not self.done.done():
            self.done.set_result(None)

    def lost(self, connection: Connection, why: str) -> None:
        """This one was cut off, unless it was through already."""
        if connection in self._open:
            self.odd.append(why)
            self.leave(connection)

    def wonder(self, ask: Ask, data: bytes) -> None:
        """An answer that is not as it should be. The run is lost, so nothing is gained by more of it."""
        self.running = False
        self.odd.append(f"device {ask.device}: wanted {ask.wanted!r}, came {data[:600]!r}")


class Generator:
    """Samples of one target, and the devices in between."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._wording = Wording(target.host, target.key, echo=target.echo)
        self._devices = Devices(bytes.fromhex(target.secret), target.devices)
        self._chance = random.Random(target.secret)
        self._pace: dict[int, float] = {}

    async def sample(self, order: Order) -> Outcome:
        """One sample, after a short look at a concurrency that is new."""
        if order.limit or order.in_flight in self._pace:
            return await self._sample(order)
        look = Order(in_flight=order.in_flight, seconds=_FIRST_LOOK_S, warm_s=0.05)
        seen = await self._sample(look)
        self._pace[order.in_flight] *= 2  # it was held up by making its requests
        outcome = seen if seen.odd else await self._sample(order)
        return replace(outcome, accepted=outcome.accepted + seen.accepted, refused=outcome.refused + seen.refused)

    async def _sample(self, order: Order) -> Outcome:
        chance = [random.Random(self._chance.random()) for _ in range(order.in_flight)]
        plans = [
            Plan(self._devices, self._wording, one, place=place, places=order.in_flight) for place, one in enumerate(chance)
        ]
        ahead = self._pace.get(order.in_flight, 0.0) * (order.seconds + order.warm_s) / order.in_flight
        queues: list[deque[Ask]] = [
            deque(plan.make() for _ in range(len(range(place, order.limit, order.in_flight)) if order.limit else int(ahead)))
            for place, plan in enumerate(plans)
        ]
        load = Load(limited=bool(order.limit))
        connections = [await self._connect(load, plan, queue) for plan, queue in zip(plans, queues, strict=True)]
        gc.collect()
        gc.freeze()
        gc.disable()
        for connection in connections:
            load.enter(connection)
        for connection in connections:
            connection.ask(time.perf_counter())
        answers, spent = await self._watch(load, order)
        gc.enable()
        gc.unfreeze()
        for connection in connections:
            connection.close()
        for plan, queue in zip(plans, queues, strict=True):
            for ask in reversed(queue):
                plan.take_back(ask)
        if not order.limit:
            self._pace[order.in_flight] = len(answers) / spent.seconds * _SPARE
        return Outcome(
            answers=len(answers),
            p50_ms=at(answers, 0.5) * 1000,
            p99_ms=at(answers, 0.99) * 1000,
            spent=spent,
            accepted=sum(plan.made_right for plan in plans),
            refused=sum(plan.made_wrong for plan in plans),
            made_late=load.made_late,
            odd=load.odd[:_SHOWN],
        )

    async def _connect(self, load: Load, plan: Plan, queue: deque[Ask]) -> Connection:
        make = asyncio.get_running_loop().create_connection
        _, connection = await make(lambda: Connection(load, plan, queue), self._target.host, self._target.port)
        return connection

    async def _watch(self, load: Load, order: Order) -> tuple[list[float], Spent]:
        """How long each answer on the clock took, sorted, and what everyone spent meanwhile."""
        if not order.limit:
            await asyncio.wait([load.done], timeout=order.warm_s)
            load.spent.clear()
        before = moment(order.watch)
        await asyncio.wait([load.done], timeout=_PATIENCE_S if order.limit else order.seconds)
        after = moment(order.watch)
        answers = sorted(load.spent)
        load.running = False
        await asyncio.wait([load.done], timeout=_PATIENCE_S)
        if not load.done.done():
            load.odd.append(f"no answer within {_PATIENCE_S:.0f} s")
        return answers, between(before, after)


async def _obey() -> None:
    loop = asyncio.get_running_loop()
    generator = Generator(Target(**json.loads(sys.stdin.readline())))
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        outcome = await generator.sample(Order(**json.loads(line)))
        print(json.dumps(asdict(outcome)), flush=True)


if __name__ == "__main__":
    uvloop.run(_obey())
