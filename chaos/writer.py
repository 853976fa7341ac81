"""The control: a plain SQLite writer that says each number once it is committed: `python -m chaos.writer FILE SYNCHRONOUS`."""

import itertools
import sqlite3
import sys


def main() -> None:
    database = sqlite3.connect(sys.argv[1], isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute(f"PRAGMA synchronous={sys.argv[2]}")
    database.execute("CREATE TABLE IF NOT EXISTS said (id INTEGER PRIMARY KEY)")
    for number in itertools.count(1):
        database.execute("INSERT INTO said VALUES (?)", (number,))
        print(number, flush=True)


if __name__ == "__main__":
    main()
