"""The server's clock is moved while it works: no code that is spent or old becomes good. Devices keep the right time."""

import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

from chaos.findings import Finding
from chaos.site import CODE_DIGITS, Site, guesses, seed
from chaos.wire import Wire, request

PERIOD_S: Final = 60
HOUR_S: Final = 3600
TAKES_S: Final = 10
LIBRARY: Final = "libfaketimeMT.so.1"


@dataclass
class Moved:
    """A server whose clock is `ahead_s` before the right time."""

    site: Site
    offset: Path
    found: Finding
    ahead_s: float = 0

    def serve(self) -> None:
        """Start it with the right time."""
        library = next(Path("/usr/lib").glob(f"*/faketime/{LIBRARY}"), None)
        if library is None:
            raise RuntimeError("the clock cannot be moved without libfaketime")
        self.offset.write_text("+0")
        self.site.serve(
            "web",
            LD_PRELOAD=str(library),
            FAKETIME_TIMESTAMP_FILE=str(self.offset),
            FAKETIME_NO_CACHE="1",
            FAKETIME_DONT_FAKE_MONOTONIC="1",
        )

    def set(self, ahead_s: float) -> None:
        """Move the clock, and wait until the server's answers carry the new time."""
        self.ahead_s = ahead_s
        swap = self.offset.with_suffix(".new")
        swap.write_text(f"{ahead_s:+.3f}")
        swap.replace(self.offset)
        deadline = time.monotonic() + TAKES_S
        while abs((self.shown() - self.now()).total_seconds()) > 2:
            if time.monotonic() > deadline:
                raise RuntimeError(f"the server's clock did not move: {self.shown()}, not {self.now()}")
            time.sleep(0.1)
        self.found.counts["times the clock was moved"] += 1

    def shown(self) -> datetime:
        """The server's time, as its answers say it."""
        with Wire(self.site.ports[0]) as wire:
            return parsedate_to_datetime(wire.ask(request("", serial="nobody", code="0" * CODE_DIGITS)).headers["date"])

    def now(self) -> datetime:
        """The server's time, as it should be."""
        return datetime.fromtimestamp(time.time() + self.ahead_s, UTC)

    def enters(self, serial: str, device_s: float, wanted: Iterable[str], when: str) -> None:
        """Enter what the device shows at this time."""
        self.enters_code(serial, shows(serial, device_s), wanted, when)

    def enters_code(self, serial: str, code: str, wanted: Iterable[str], when: str) -> None:
        """Enter a code, and compare what is said of it."""
        with Wire(self.site.ports[0]) as wire:
            said = wire.ask(request(self.site.key, serial=serial, code=code)).reason
        self.found.counts[said] += 1
        self.found.expect(said in wanted, f"{serial}, {when}: {said}")


def shows(serial: str, at_s: float) -> str:
    """What the device shows at this time, by oathtool and not by us."""
    when = f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%d %H:%M:%S} UTC"
    command = ["oathtool", "--totp", "-d", str(CODE_DIGITS), "-s", f"{PERIOD_S}s", "-N", when, seed(serial)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def clock(site: Site, engine: str, rounds: int) -> Finding:
    """Back, on, back again, over a step's end; what is refused may be called used, wrong or out of step, but is refused."""
    found = Finding("clock", engine, rounds)
    names = ("BACK", "ON", "SOME", "LEAP", "LOCK")
    site.add_tokens({f"{name}{number}": "v" for name in names for number in range(rounds)}, f"totp,{CODE_DIGITS},{PERIOD_S}")
    moved = Moved(site, site.data.parent / "clock", found)
    moved.serve()
    for number in range(rounds):
        _back(moved, f"BACK{number}")
        _on(moved, f"ON{number}")
        _some_steps_on(moved, f"SOME{number}")
        _leap(moved, f"LEAP{number}")
        _locked(moved, f"LOCK{number}")
    found.expect(set(found.counts) <= {*_REFUSED, "accepted", "locked", "times the clock was moved"}, f"{dict(found.counts)}")
    return found.done()


_REFUSED: Final = ("replayed", "wrong_code", "resync_needed")


def _back(moved: Moved, serial: str) -> None:
    now = time.time()
    moved.set(0)
    moved.enters(serial, now, ["accepted"], "the right time")
    for back_s in (PERIOD_S, HOUR_S):
        moved.set(-back_s)
        moved.enters(serial, now, _REFUSED, f"{back_s} s back, the same code")
        moved.enters(serial, now - back_s, _REFUSED, f"{back_s} s back, the code of then")
    moved.set(0)
    moved.enters(serial, now, _REFUSED, "the right time again, the same code")
    moved.enters(serial, max(time.time(), now + PERIOD_S), ["accepted"], "the right time again, a new code")


def _on(moved: Moved, serial: str) -> None:
    now = time.time()
    moved.set(HOUR_S)
    moved.enters(serial, now, _REFUSED, "an hour on, the device's code")
    moved.enters(serial, now + HOUR_S, ["accepted"], "an hour on, a code of then")
    moved.set(0)
    moved.enters(serial, now + HOUR_S, _REFUSED, "the right time again, the code that was used")
    moved.enters(serial, now, ["replayed"], "the right time again, the device's code, below the mark")
    moved.set(HOUR_S)
    moved.enters(serial, now + HOUR_S, ["replayed"], "an hour on again, the code that was used")
    moved.set(0)


def _some_steps_on(moved: Moved, serial: str) -> None:
    moved.set(0)
    moved.enters(serial, time.time(), ["accepted"], "the right time")
    moved.set(25 * PERIOD_S)
    moved.enters(serial, time.time() + PERIOD_S, ["resync_needed"], "25 steps on, the device's next code")
    moved.set(0)
    moved.enters(serial, time.time() + PERIOD_S, ["resync_needed"], "the right time again: it waits for two codes in a row")


def _leap(moved: Moved, serial: str) -> None:
    """23:59:59 comes twice, and a step ends between."""
    moved.set(0)
    end = (time.time() // PERIOD_S + 2) * PERIOD_S
    moved.set(end - 3 - time.time())
    before, after = shows(serial, end - 1), shows(serial, end)
    moved.enters_code(serial, before, ["accepted"], "before the leap")
    _await(moved, end + 0.5)
    moved.enters_code(serial, after, ["accepted"], "after the step's end")
    moved.set(moved.ahead_s - 1 - (moved.now().timestamp() - end))  # a second before the end, again
    for code in (before, after):
        moved.enters_code(serial, code, ["replayed"], "the second is there again")
    _await(moved, end + 0.5)
    for code in (before, after):
        moved.enters_code(serial, code, ["replayed"], "after the step's end, again")
    moved.enters_code(serial, shows(serial, end + PERIOD_S), ["accepted"], "the next step")
    moved.set(0)


def _await(moved: Moved, server_s: float) -> None:
    time.sleep(max(0.0, server_s - moved.now().timestamp()))


def _locked(moved: Moved, serial: str) -> None:
    """A lock of half an hour, by the server's clock."""
    for code in guesses(serial, 10):
        moved.enters_code(serial, code, ["wrong_code"], "a guess")
    for ahead_s in (0, -HOUR_S, 29 * 60):
        moved.set(ahead_s)
        moved.enters(serial, time.time() + ahead_s, ["locked"], f"locked, {ahead_s} s on")
    moved.set(31 * 60)
    moved.enters(serial, time.time() + 31 * 60, ["accepted"], "the half hour is over")
    moved.set(0)
    moved.enters(serial, time.time(), ["replayed"], "the right time again, below the mark")
