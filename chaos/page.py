"""docs/reference/chaos.md: what was done, on which machine, and the counts."""

import os
import platform
import re
import sqlite3
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from chaos.findings import Finding
from tests.postgres import binaries

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "reference" / "chaos.md"

METHODS: Final = {
    "replay-race": """The same valid code goes out 32 times at once, 16 times to each of two server processes, half of them
naming the token and half its member. All but the last octet of each request is there before; the last octets follow in one
go. A fresh token each round. Expected each time: 1 accepted, 10 refused as used, which locks the token, 21 refused as
locked.""",
    "lock-race": """200 different wrong codes go out at once to one token, 100 to each of two processes. Expected: 10
evaluated, 190 refused as locked. Then the right code and a wrong one are asked through both processes, by a key that is
told reasons and one that is not: status, headers and body are equal but for the date and the answer's id.""",
    "hang-up": """50 connections send a verification each and go: in order, with a reset, or one octet short. Afterwards
every token's next code is accepted, and its newest used one is not.""",
    "kill": """Six users enter the codes of 48 tokens in turn, three guessers try fresh tokens until they are locked, and
the server gets kill -9 in the middle. With SQLite it goes in turn to the server and to its writer alone; with PostgreSQL to
the server, to the server and every process of the database, and to the database alone, which the server must find back to
by itself. Before the restart the rows are compared with what was acknowledged; after it the newest acknowledged code of
each token is sent again, and guessing goes on from the counts in the rows. In the end each acknowledged answer has its
audit line, under its id, and no more accepts stand there than were acknowledged or went without an answer.""",
    "plug": """The server works on a file system that keeps what is not synced to itself. Under load the power fails:
what is left is what was synced, and in every other round also a random half of the other sectors, torn and out of order.
The server starts on what is left, and everything is compared as after a kill. The control is a plain writer on the same
file system, five times with our setting and five times with `synchronous=NORMAL`, which must lose, or this test could not
see a loss.""",
    "clock": """The server runs under libfaketime, which moves its clock while it works: an hour back, an hour on, back
again, and a second back over a step's end as at a leap second. Codes come from a device whose clock is right. See [what the
clock does](../explanation/clock.md).""",
}


def page(findings: Sequence[Finding]) -> str:
    """The whole page."""
    parts = [
        "# Chaos",
        "",
        "What happens when many things happen at once, or something breaks in the middle. Written by `make chaos`, which took",
        f"{max(1, round(sum(found.took_s for found in findings) / 60))} minutes; `make test` does the same in short.",
        "",
        f"{datetime.now(UTC):%d %B %Y}. {machine()}.",
    ]
    for name, method in METHODS.items():
        here = [found for found in findings if found.experiment == name]
        if not here:
            continue
        parts += ["", f"## {name}", "", method, "", f"| {name} | {' | '.join(found.engine for found in here)} |"]
        parts.append("| --- |" + " ---: |" * len(here))
        rows = {"rounds": [f"{found.rounds:,}" for found in here], "seconds": [f"{found.took_s:,.0f}" for found in here]}
        for what in dict.fromkeys(key for found in here for key in [*found.counts, *found.figures] if key != "faults"):
            rows[what] = [f"{found.figures.get(what, found.counts.get(what, 0)):,}" for found in here]
        rows["**faults**"] = [f"**{found.counts['faults']:,}**" for found in here]
        parts += [f"| {what} | {' | '.join(values)} |" for what, values in rows.items()]
        parts += [f"\nFault on {found.engine}: {fault}" for found in here for fault in found.faults]
    return "\n".join([*parts, ""])


def machine() -> str:
    """Where this ran."""
    about = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    model = re.search(r"model name\s*:\s*(.+)", about)
    version = [str(binaries() / "postgres"), "--version"]
    postgres = subprocess.run(version, capture_output=True, text=True, check=True).stdout.strip()
    database = postgres.replace("postgres (PostgreSQL)", "PostgreSQL")
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    model_name = model[1].strip() if model else platform.machine()
    return (
        f"{os.cpu_count()} cores ({model_name}), {memory_gib:.0f} GiB, {platform.system()} {platform.release()}, "
        f"{platform.python_implementation()} {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {database}"
    )
