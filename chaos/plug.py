"""The power fails under load on SQLite: what was acknowledged is on the disk. The control, with a weaker setting, loses."""

import contextlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chaos.findings import Finding
from chaos.ground import ground
from chaos.kills import compare_audit, compare_rows, guess_on, send_again
from chaos.load import Load
from chaos.site import Site

HERE: Final = Path(__file__).resolve().parent.parent
GUESS_TOKENS: Final = 60
LOAD_S: Final = 2.5
CONTROL_S: Final = 1.5
CONTROLS: Final = 5
"""A failure in the middle of a checkpoint finds everything synced: one alone may lose nothing by chance."""
MOUNT_S: Final = 20


@dataclass(frozen=True, slots=True)
class Mounted:
    """A forgetful disk: `seen` is what programs work on, `kept` what is left of it."""

    process: subprocess.Popen[str]
    seen: Path
    kept: Path

    def pull(self) -> int:
        """Pull the plug; return how many sectors were lost."""
        self.process.send_signal(signal.SIGUSR1)
        assert self.process.stdout is not None
        return int(self.process.stdout.readline().split()[-3])

    def unmount(self) -> None:
        """Let go of it, whoever still holds a file there."""
        if self.seen.is_mount():
            subprocess.run(["fusermount3", "-uz", str(self.seen)], check=True)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def mounted(live: Path, seed: int | None) -> Iterator[Mounted]:
    """The folder `live` as it looks on a forgetful disk. With a seed, chance decides what comes through a failure."""
    with tempfile.TemporaryDirectory(prefix="otpward-plug-") as folder:
        seen, kept = Path(folder) / "seen", Path(folder) / "kept"
        seen.mkdir()
        command = [sys.executable, "-m", "chaos.mount", str(live), str(kept), str(seen), *([] if seed is None else [str(seed)])]
        disk = Mounted(subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, text=True), seen, kept)
        try:
            deadline = time.monotonic() + MOUNT_S
            while not seen.is_mount():
                if disk.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("the forgetful disk was not mounted: it needs /dev/fuse, fuse3 and mfusepy")
                time.sleep(0.02)
            yield disk
        finally:
            disk.unmount()
            if disk.process.stdout is not None:
                disk.process.stdout.close()


def plug(rounds: int) -> Finding:
    """Every other round chance lets some of what was not synced through, so that writes are torn and out of order."""
    found = Finding("plug", "sqlite", rounds)
    for number in range(rounds):
        with ground("sqlite") as here:
            _pull_once(here.site, number, found)
    for level in ("FULL", "NORMAL"):
        for _ in range(CONTROLS):
            acknowledged, lost = _control(level)
            found.counts[f"control {level}: acknowledged"] += acknowledged
            found.counts[f"control {level}: lost"] += lost
    found.expect(found.counts["control FULL: lost"] == 0, "the control with synchronous=FULL lost")
    found.expect(
        found.counts["control NORMAL: lost"] > 0, "the control with synchronous=NORMAL lost nothing: this shows nothing"
    )
    return found.done()


def _pull_once(site: Site, number: int, found: Finding) -> None:
    load = Load(site, GUESS_TOKENS)
    with mounted(site.data, number if number % 2 else None) as disk:
        site.data = disk.seen
        site.serve()
        with load.running():
            load.await_accepts(20)
            time.sleep(LOAD_S)
            found.counts["sectors lost"] += disk.pull()
        site.kill()
        disk.unmount()
        site.data = disk.kept
        whole = _look(disk.kept / "otpward.db", "PRAGMA integrity_check")
        found.expect(whole == "ok", f"round {number}: the file is damaged: {whole}")
        compare_rows(load, found, list(load.ledger.guessed))
        site.serve()
        send_again(load, found, load.ledger.newest)
        guess_on(load, found, list(load.ledger.guessed)[:10])
        site.kill()
        compare_audit(load, found)
    found.counts["accepts acknowledged"] += load.ledger.accepts
    found.counts["failures acknowledged"] += sum(line.acknowledged for line in load.ledger.guessed.values())
    found.counts["good codes without a proper answer"] += load.ledger.unknown.total()


def _control(level: str) -> tuple[int, int]:
    """How many commits a plain writer had acknowledged when the power failed, and how many of them are gone."""
    with tempfile.TemporaryDirectory() as live, mounted(Path(live), None) as disk:
        command = [sys.executable, "-m", "chaos.writer", str(disk.seen / "control.db"), level]
        with subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as writer:
            told: list[str] = []
            reader = threading.Thread(target=lambda: told.extend(writer.stdout or ()))
            reader.start()
            time.sleep(CONTROL_S)
            disk.pull()
            writer.kill()
            reader.join()
        disk.unmount()
        kept = _look(disk.kept / "control.db", "SELECT count(*) FROM said")
        return len(told), max(0, len(told) - int(str(kept)))  # the last one may be there and not said yet


def _look(file: Path, question: str) -> object:
    """The one value that SQLite answers with; 0 if the table is not even there."""
    with contextlib.closing(sqlite3.connect(file)) as database:
        try:
            return database.execute(question).fetchone()[0]
        except sqlite3.OperationalError:
            return 0
