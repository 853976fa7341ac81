"""The disk that forgets: only what was synced is there after the power failed."""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chaos.forgetful import SECTOR, Forgetful, PowerFailed


@pytest.fixture
def files(tmp_path: Path) -> Forgetful:
    live = tmp_path / "live"
    live.mkdir()
    (live / "old").write_bytes(b"o" * 3 * SECTOR)
    return Forgetful(live, tmp_path / "disk")


@contextmanager
def handle(files: Forgetful, name: str) -> Iterator[int]:
    opened = os.open(files.live / name, os.O_RDWR | os.O_CREAT)
    yield opened
    os.close(opened)


def kept(files: Forgetful, name: str) -> bytes:
    return (files.disk / name).read_bytes()


def test_what_was_there_is_there(files: Forgetful) -> None:
    assert files.fail() == 0
    assert kept(files, "old") == b"o" * 3 * SECTOR


def test_what_was_written_and_not_synced_is_forgotten(files: Forgetful) -> None:
    with handle(files, "old") as one:
        files.write("old", one, b"n" * 10, SECTOR - 5)
    assert (files.live / "old").read_bytes()[SECTOR - 5 : SECTOR + 5] == b"n" * 10
    assert files.fail() == 2
    assert kept(files, "old") == b"o" * 3 * SECTOR


def test_what_was_synced_stays_and_what_came_later_goes(files: Forgetful) -> None:
    with handle(files, "old") as one:
        files.write("old", one, b"n" * SECTOR, SECTOR)
        files.sync("old")
        files.write("old", one, b"x" * SECTOR, 5 * SECTOR)
    assert files.fail() == 1
    assert kept(files, "old") == b"o" * SECTOR + b"n" * SECTOR + b"o" * SECTOR


def test_a_new_file_is_there_only_once_it_was_synced(files: Forgetful) -> None:
    for name in ("synced", "unsynced", "named"):
        with handle(files, name) as one:
            files.write(name, one, b"n" * 7, 0)
        if name == "synced":
            files.sync(name)
        if name == "named":
            (files.live / "unsynced").unlink()
            files.sync_folder(".")
    files.fail()
    assert kept(files, "synced") == b"n" * 7
    assert kept(files, "named") == b""
    assert not (files.disk / "unsynced").exists()


def test_a_cut_and_a_new_length_wait_for_the_sync(files: Forgetful) -> None:
    files.truncate("old", 10)
    files.truncate("old", 2 * SECTOR)
    assert kept(files, "old") == b"o" * 3 * SECTOR
    files.sync("old")
    assert kept(files, "old") == b"o" * 10 + b"\0" * (2 * SECTOR - 10)


def test_a_name_moves_and_goes_at_once(files: Forgetful) -> None:
    with handle(files, "old") as one:
        files.write("old", one, b"n" * SECTOR, 0)
    files.rename("old", "new")
    files.sync("new")
    assert kept(files, "new") == b"n" * SECTOR + b"o" * 2 * SECTOR
    files.remove("new")
    assert list(files.disk.iterdir()) == []


def test_chance_lets_some_sectors_through(files: Forgetful) -> None:
    with handle(files, "old") as one:
        files.write("old", one, b"n" * 100 * SECTOR, 0)
    lost = files.fail(random.Random(1))
    assert 20 < lost < 80
    assert kept(files, "old").count(b"n" * SECTOR) == 100 - lost


@pytest.mark.parametrize("act", ["write", "sync", "truncate", "remove"])
def test_without_power_nothing_works(files: Forgetful, act: str) -> None:
    files.fail()
    with handle(files, "old") as one:
        acts: dict[str, Callable[[], object]] = {
            "write": lambda: files.write("old", one, b"x", 0),
            "sync": lambda: files.sync("old"),
            "truncate": lambda: files.truncate("old", 0),
            "remove": lambda: files.remove("old"),
        }
        with pytest.raises(PowerFailed):
            acts[act]()
