"""The bare limit on SQLite: one connection, one transaction a batch."""

import random
import sqlite3
import time
from pathlib import Path
from typing import Final

from bench.bare.judge import Book, Question, Work, line_keys
from bench.devices import serial_of
from otpward.store.engine import open_engine, sqlite_url

_SCHEMA: Final = """
CREATE TABLE hot (
    id INTEGER PRIMARY KEY, serial TEXT NOT NULL UNIQUE, high_water INTEGER NOT NULL, failures INTEGER NOT NULL,
    used_at INTEGER NOT NULL, version INTEGER NOT NULL, seed BLOB NOT NULL
);
CREATE TABLE line (
    id BLOB NOT NULL PRIMARY KEY, at INTEGER NOT NULL, event TEXT NOT NULL, subject_id INTEGER NOT NULL, result TEXT NOT NULL
);
"""
_FIND: Final = "SELECT id, high_water, failures, version, seed FROM hot WHERE serial = ?"
_CHANGE: Final = """
UPDATE hot SET high_water = ?, failures = 0, used_at = ?, version = version + 1 WHERE id = ? AND version = ?
"""
_WRITE: Final = "INSERT INTO line (id, at, event, subject_id, result) VALUES (?, ?, 'code:accepted', ?, 'accepted')"


class BareSqlite:
    """A file of its own, set up as the product sets up its connections."""

    def __init__(self, file: str, devices: int) -> None:
        self._file = file
        self._book = Book(devices)
        self._chance = random.Random(devices)
        self._keys = line_keys()

    async def open(self) -> None:
        """Make the file and fill it."""
        self._engine = open_engine(sqlite_url(Path(self._file)))
        self._pooled = self._engine.raw_connection()
        driver = self._pooled.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        self._connection = driver
        self._connection.executescript(_SCHEMA)
        rows = ((device, serial_of(device), self._book.sealed(device)) for device in range(self._book.devices))
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT INTO hot VALUES (?, ?, -1, 0, 0, 0, ?)", rows)
        self._connection.execute("COMMIT")

    def prepare(self, in_flight: int, count: int) -> Work:
        """About `count` questions, `in_flight` a transaction."""
        devices = range(self._book.devices)
        turns = range(max(1, count // in_flight))
        return [[self._book.questions(self._chance.choices(devices, k=in_flight)) for _ in turns]]

    async def verify(self, work: Work) -> list[float]:
        """Verify them all; how long each transaction took."""
        spent = []
        for batch in work[0]:
            began = time.perf_counter()
            self._accept(batch)
            spent.append(time.perf_counter() - began)
        return spent

    def _accept(self, batch: list[Question]) -> None:
        execute = self._connection.execute
        now = time.time_ns() // 1000
        execute("BEGIN IMMEDIATE")
        moved: dict[int, tuple[int, int]] = {}
        changes, lines = [], []
        for question in batch:
            [(key, high_water, _failures, version, seed)] = execute(_FIND, (question.serial,)).fetchall()
            # The same device again in this batch: it sees what the one before it did.
            high_water, version = moved.get(key, (high_water, version))
            position = self._book.judge(question, seed, high_water)
            moved[key] = position, version + 1
            changes.append((position, now, key, version))
            lines.append((next(self._keys), now, key))
        changed = self._connection.executemany(_CHANGE, changes).rowcount
        if changed != len(batch):
            raise RuntimeError(f"{changed} rows moved, not {len(batch)}")
        self._connection.executemany(_WRITE, lines)
        execute("COMMIT")
