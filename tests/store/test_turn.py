"""Writers of one file take turns: nobody starves beside one who always has work."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from otpward.core.errors import Unavailable
from otpward.store import turn as turns
from otpward.store.engine import open_engine, sqlite_url
from otpward.store.turn import Turn

GREEDY = """
import sys, time
from pathlib import Path
from otpward.store.turn import Turn

turn = Turn(Path(sys.argv[1]))
print("begun", flush=True)
until = time.monotonic() + 30
while time.monotonic() < until:
    turn.take()
    time.sleep(0.01)
    turn.give()
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "otpward.db"


def test_one_writes_at_a_time(place: Path) -> None:
    ours, theirs, inside, most = Turn(place), Turn(place), [0], [0]

    def work(turn: Turn) -> None:
        for _ in range(50):
            turn.take()
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            time.sleep(0)
            inside[0] -= 1
            turn.give()

    threads = [threading.Thread(target=work, args=(turn,)) for turn in (ours, ours, theirs, theirs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (inside, most) == ([0], [1])


def test_a_busy_thread_lets_another_in(place: Path) -> None:
    """The busy one asks again at once, each time; the other is in after one turn of it, not when it gets tired."""
    turn, stop, rounds, seen = Turn(place), threading.Event(), [0], list[int]()

    def busy() -> None:
        while not stop.is_set():
            turn.take()
            rounds[0] += 1
            time.sleep(0.002)
            turn.give()

    thread = threading.Thread(target=busy)
    thread.start()
    for _ in range(20):
        before = rounds[0]
        turn.take()
        seen.append(rounds[0] - before)
        turn.give()
    stop.set()
    thread.join(30)
    assert max(seen) <= 3, seen


def test_a_busy_process_lets_another_in(place: Path) -> None:
    turn = Turn(place)
    process = subprocess.Popen([sys.executable, "-c", GREEDY, str(place)], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        for _ in range(30):
            turn.take()
            turn.give()
            time.sleep(0.001)
        assert process.poll() is None, "it was there all the time"
    finally:
        process.kill()
        process.communicate()


def test_the_turn_of_a_process_that_was_killed_is_free(place: Path) -> None:
    turn = Turn(place)
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", GREEDY, str(place)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
        process.communicate()
        turn.take()
        turn.give()


def test_nobody_waits_for_ever(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_PATIENCE_S", 0.05)
    ours, theirs = Turn(place), Turn(place)
    ours.take()
    with pytest.raises(Unavailable):
        theirs.take()
    refused: list[Exception] = []

    def beside() -> None:
        try:
            ours.take()
        except Unavailable as error:
            refused.append(error)

    thread = threading.Thread(target=beside)
    thread.start()
    thread.join(30)
    assert len(refused) == 1
    ours.give()
    theirs.take()
    theirs.give()
    ours.close()
    theirs.close()


def test_an_engine_that_is_let_go_leaves_no_file_open(tmp_path: Path) -> None:
    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = open_files()
    for _ in range(3):
        engine = open_engine(sqlite_url(tmp_path / "otpward.db"))
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS one (id INTEGER)")
        assert open_files() > before
        engine.dispose()
    assert open_files() == before
