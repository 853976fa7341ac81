"""The bare limit on PostgreSQL: two statements a batch over arrays, rows locked in the order of their keys, two batches on
their way at once."""

import asyncio
import random
import time
from typing import Any, Final

import asyncpg

from bench.bare.judge import Book, Question, Work, line_keys
from bench.devices import serial_of

_SCHEMA: Final = """
CREATE TABLE hot (
    id bigint PRIMARY KEY, serial text NOT NULL UNIQUE, high_water bigint NOT NULL, failures bigint NOT NULL,
    used_at bigint NOT NULL, version bigint NOT NULL, seed bytea NOT NULL
);
CREATE TABLE line (
    id bytea NOT NULL PRIMARY KEY, at bigint NOT NULL, event text NOT NULL, subject_id bigint NOT NULL, result text NOT NULL
);
"""
_FIND: Final = "SELECT serial, id, high_water, version, seed FROM hot WHERE serial = any($1)"
_ACCEPT: Final = """
WITH asked AS (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[]) AS a (id, version, high_water, line_id)
), locked AS (
    SELECT hot.id, asked.high_water, asked.line_id FROM hot JOIN asked ON hot.id = asked.id AND hot.version = asked.version
    ORDER BY hot.id FOR UPDATE OF hot
), changed AS (
    UPDATE hot SET high_water = locked.high_water, failures = 0, used_at = $5, version = version + 1
    FROM locked WHERE hot.id = locked.id RETURNING hot.id, locked.line_id
), written AS (
    INSERT INTO line (id, at, event, subject_id, result)
    SELECT line_id, $5, 'code:accepted', id, 'accepted' FROM changed
)
SELECT id FROM changed
"""
_LANES: Final = 2


class BarePostgresql:
    """A database of its own. Each of the two lanes has a connection and half of the devices."""

    def __init__(self, url: str, devices: int) -> None:
        self._url = url
        self._book = Book(devices)
        self._chance = random.Random(devices)
        self._keys = line_keys()
        self._lanes: list[asyncpg.Connection[Any]] = []

    async def open(self) -> None:
        """Connect, and fill the table."""
        self._lanes = [await asyncpg.connect(self._url) for _ in range(_LANES)]
        first = self._lanes[0]
        await first.execute(_SCHEMA)
        rows = [(device, serial_of(device), -1, 0, 0, 0, self._book.sealed(device)) for device in range(self._book.devices)]
        await first.copy_records_to_table("hot", records=rows)
        await first.execute("VACUUM ANALYZE")

    def prepare(self, in_flight: int, count: int) -> Work:
        """About `count` questions, `in_flight` of them on their way: in two batches, or one alone."""
        lanes = min(_LANES, in_flight)
        turns = range(max(1, count // in_flight))
        size = in_flight // lanes
        return [[self._book.questions(self._devices(lane, size)) for _ in turns] for lane in range(lanes)]

    async def verify(self, work: Work) -> list[float]:
        """Verify them all; how long each batch took."""
        spent: list[float] = []

        async def follow(lane: int) -> None:
            for batch in work[lane]:
                began = time.perf_counter()
                await self._accept(self._lanes[lane], batch)
                spent.append(time.perf_counter() - began)

        await asyncio.gather(*map(follow, range(len(work))))
        return spent

    def _devices(self, lane: int, size: int) -> list[int]:
        """No two of a batch are the same, nor are any two lanes'."""
        return [lane + _LANES * place for place in self._chance.sample(range(self._book.devices // _LANES), size)]

    async def _accept(self, connection: "asyncpg.Connection[Any]", batch: list[Question]) -> None:
        rows = await connection.fetch(_FIND, [question.serial for question in batch])
        found = {row[0]: row for row in rows}
        keys, versions, positions = [], [], []
        for question in batch:
            _, key, high_water, version, seed = found[question.serial]
            keys.append(key)
            versions.append(version)
            positions.append(self._book.judge(question, seed, high_water))
        lines = [next(self._keys) for _ in batch]
        changed = await connection.fetch(_ACCEPT, keys, versions, positions, lines, time.time_ns() // 1000)
        if len(changed) != len(batch):
            raise RuntimeError(f"{len(changed)} rows moved, not {len(batch)}")
