"""python -m bench.seeds: a million PSKC keys and a hundred thousand lines of OATH CSV taken in, on both engines.

Each file is made here and given to `otpward token import`, as an operator would. What is told is the time at the clock, the CPU
time of the process that stores, of the one that reads and of the database server, and the most memory that either of the two
held. Then a delivery is taken back, and one is killed half way and begun again.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.children import ROOT, environment
from bench.installation import Installation
from bench.machine import describe
from bench.rig import Engine
from bench.rig import engine as engine_of
from bench.usage import cpu_s, family, peak_mb
from otpward.core.formats.pskc.writing import Lock, write_pskc
from otpward.core.formats.records import KeyKind, SeedRecord
from otpward.core.oath.model import Algorithm
from otpward.core.secret import Secret

_KEY: Final = os.urandom(32)
_SEED_OCTETS: Final = 20
_LOOK_S: Final = 0.1
_HEAD: Final = (
    "| what | wall s | store CPU s | reader CPU s | server CPU s | memory MB, store / reader |\n"
    "| --- | --- | --- | --- | --- | --- |"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One command: what it said, and what it took."""

    said: str
    wall_s: float
    store_s: float
    reader_s: float
    server_s: float
    store_mb: float
    reader_mb: float


def pskc(path: Path, count: int, first: str) -> None:
    """A delivery as a vendor sends it, each seed encrypted and with its check value."""
    begins, ends = datetime(2026, 1, 1, tzinfo=UTC), datetime(2034, 12, 31, tzinfo=UTC)

    def records() -> Iterator[SeedRecord]:
        for number in range(count):
            yield SeedRecord(
                row=number,
                serial=f"{first}{number:09d}",
                kind=KeyKind.TOTP,
                algorithm=Algorithm.SHA1,
                digits=6,
                period_s=60,
                seed=Secret(os.urandom(_SEED_OCTETS)),
                manufacturer="Bench",
                issuer="Bench",
                model="KF-60",
                valid_from=begins,
                valid_until=ends,
            )

    with path.open("wb") as file:
        file.writelines(write_pskc(records(), Lock(key=Secret(_KEY)), entropy=os.urandom))


def oath_csv(path: Path, count: int, first: str) -> None:
    """The same as a list."""
    with path.open("w", encoding="ascii") as file:
        file.writelines(f"{first}{number:09d},{os.urandom(_SEED_OCTETS).hex()},totp,6,60\n" for number in range(count))


def run(place: Installation, watch: dict[str, int], *words: str, until: Callable[[float], bool] = lambda _s: False) -> Run:
    """`otpward` with these words, looked at while it runs; killed when `until` says so of its CPU seconds."""
    command = [sys.executable, "-m", "otpward", *words, "--data", str(place.data)]
    before = {name: cpu_s(pid) for name, pid in watch.items()}
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(**place.environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    reader_s = store_mb = reader_mb = 0.0
    while (ended := os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)) is None:
        for other in family(process.pid)[1:]:
            reader_s, reader_mb = max(reader_s, cpu_s(other)), max(reader_mb, peak_mb(other))
        store_mb = max(store_mb, _alone_mb(process.pid))
        if until(cpu_s(process.pid)):
            process.kill()
        time.sleep(_LOOK_S)
    wall_s, total_s = time.perf_counter() - began, cpu_s(process.pid)
    said = process.communicate()[0]
    if process.returncode and ended.si_code == os.CLD_EXITED:
        raise RuntimeError(f"{' '.join(words)}: {said}")
    server_s = sum(cpu_s(pid) - before[name] for name, pid in watch.items())
    return Run(
        said=said,
        wall_s=wall_s,
        store_s=total_s if ended.si_code == os.CLD_KILLED else total_s - reader_s,  # who is killed has not counted its children
        reader_s=reader_s,
        server_s=server_s,
        store_mb=store_mb,
        reader_mb=reader_mb,
    )


def _alone_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return max([0.0, *(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))])


def told(what: str, taken: Run) -> None:
    """A line of the table."""
    times = " | ".join(f"{one:.1f}" for one in (taken.wall_s, taken.store_s, taken.reader_s, taken.server_s))
    print(f"| {what} | {times} | {taken.store_mb:.0f} / {taken.reader_mb:.0f} |", flush=True)


def measure(engine: Engine, folder: Path, keys: int, lines: int) -> None:
    """Everything on one engine, in an installation of its own."""
    place = engine.install("seeds", 1)
    key_file, file = folder / "key", folder / "file"
    key_file.write_text(_KEY.hex(), encoding="ascii")
    key_file.chmod(0o600)
    take = ("token", "import", str(file), "--key-file", str(key_file))

    def imported(what: str, count: int, *words: str, until: Callable[[float], bool] = lambda _s: False) -> Run:
        taken = run(place, engine.watch, *words, until=until)
        if f"{count} imported, 0 refused" not in taken.said and taken.said:
            raise RuntimeError(taken.said)
        told(what, taken)
        return taken

    oath_csv(file, lines, "BC")
    taken = imported(f"{lines:,} lines of OATH CSV", lines, *take[:3])
    key = taken.said.split()[-1]
    told(f"… taken back: {lines:,} devices", run(place, engine.watch, "token", "import-undo", key))
    pskc(file, keys, "BP")
    whole = imported(f"{keys:,} PSKC keys", keys, *take)
    pskc(file, keys // 5, "BK")
    half = (whole.store_s + whole.reader_s) / 10
    told("… a fifth as many more, killed half way", run(place, engine.watch, *take, until=lambda seconds: seconds > half))
    again = imported("… the same command again", keys // 5, *take)
    print("\n" + next((line.strip() for line in again.said.splitlines() if "Went on" in line), "It had not begun to store."))


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.seeds", description=__doc__)
    parser.add_argument("--engines", default="sqlite,postgresql")
    parser.add_argument("--keys", type=int, default=1_000_000, help="in the PSKC file (default: 1000000)")
    parser.add_argument("--lines", type=int, default=100_000, help="in the CSV file (default: 100000)")
    given = parser.parse_args()
    engines = given.engines.split(",")
    for what, said in describe(engines).items():
        print(f"| {what} | {said} |")
    print(f"| load before | {os.getloadavg()[0]:.1f} |")
    for name in engines:
        print(f"\n## {name}\n\n{_HEAD}", flush=True)
        with tempfile.TemporaryDirectory() as folder, engine_of(name, Path(folder)) as engine:
            measure(engine, Path(folder), given.keys, given.lines)


if __name__ == "__main__":
    main()
