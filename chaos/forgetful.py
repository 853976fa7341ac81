"""Two copies of a folder: what programs see, and what a disk would hold. They differ by what was written and not yet synced.

The rules are a strict disk's: data reach it by fsync or fdatasync of their file, and never otherwise, however long it runs. A
new file is there once it or its folder was synced; a removal or a new name for a file that is there holds at once. When the
power fails, all the rest is gone; or, harsher to databases, chance lets some sectors of it through and not others, so that
writes arrive out of order and torn.
"""

import os
import random
import shutil
import threading
from pathlib import Path
from typing import Final

SECTOR: Final = 512
"""A disk writes a sector whole or not at all."""


class PowerFailed(OSError):
    """There is no disk any more."""


class Forgetful:
    """The two copies, and which sectors of which file differ. Names are relative to both."""

    def __init__(self, live: Path, disk: Path) -> None:
        self.live, self.disk = live, disk
        self.turn = threading.RLock()
        self.failed = False
        self.syncs = 0
        self._unsynced: dict[str, set[int]] = {}
        shutil.copytree(live, disk, dirs_exist_ok=True)

    def refuse_without_power(self) -> None:
        """Raise `PowerFailed` from the moment of the failure on."""
        if self.failed:
            raise PowerFailed("the power has failed")

    def note(self, name: str, start: int, end: int) -> None:
        """The octets from `start` to before `end` of the live file have changed."""
        if end > start:
            self._unsynced.setdefault(name, set()).update(range(start // SECTOR, (end - 1) // SECTOR + 1))

    def write(self, name: str, handle: int, octets: bytes, offset: int) -> int:
        """Write to the live file."""
        with self.turn:
            self.refuse_without_power()
            self.note(name, offset, offset + len(octets))
            return os.pwrite(handle, octets, offset)

    def truncate(self, name: str, length: int) -> None:
        """Cut or lengthen the live file."""
        with self.turn:
            self.refuse_without_power()
            before = (self.live / name).stat().st_size
            os.truncate(self.live / name, length)
            self.note(name, min(before, length), max(before, length))

    def sync(self, name: str) -> None:
        """What was written to this file, and its name, are on the disk."""
        with self.turn:
            self.refuse_without_power()
            self.syncs += 1
            source = self.live / name
            if not source.exists():
                return
            self._carry(name, self._unsynced.pop(name, set()))
            os.truncate(self.disk / name, source.stat().st_size)

    def sync_folder(self, name: str) -> None:
        """The names in this folder are on the disk, if not what stands in the files."""
        with self.turn:
            self.refuse_without_power()
            for entry in (self.live / name).iterdir():
                there = self.disk / entry.relative_to(self.live)
                if entry.is_file() and not there.exists():
                    there.touch(entry.stat().st_mode & 0o777)

    def make_folder(self, name: str, mode: int) -> None:
        """A new folder, in both."""
        with self.turn:
            self.refuse_without_power()
            for root in (self.live, self.disk):
                (root / name).mkdir(mode)

    def remove(self, name: str) -> None:
        """The name is gone, in both."""
        with self.turn:
            self.refuse_without_power()
            self._unsynced.pop(name, None)
            for path in (self.live / name, self.disk / name):
                if path.is_dir():
                    path.rmdir()
                else:
                    path.unlink(missing_ok=path.is_relative_to(self.disk))

    def rename(self, old: str, new: str) -> None:
        """The live file has another name; so has the one on the disk, if it is there."""
        with self.turn:
            self.refuse_without_power()
            (self.live / old).replace(self.live / new)
            if (self.disk / old).exists():
                (self.disk / old).replace(self.disk / new)
            self._unsynced.pop(new, None)
            if old in self._unsynced:
                self._unsynced[new] = self._unsynced.pop(old)

    def fail(self, chance: random.Random | None = None) -> int:
        """The power fails; return how many sectors are lost. With `chance`, about half of them come through."""
        with self.turn:
            self.failed = True
            lost = 0
            for name, sectors in self._unsynced.items():
                through = {one for one in sectors if chance is not None and chance.random() < 0.5}
                if (self.disk / name).exists():
                    self._carry(name, through)
                lost += len(sectors - through)
            self._unsynced.clear()
            return lost

    def _carry(self, name: str, sectors: set[int]) -> None:
        """Copy these sectors from the live file to the one on the disk."""
        source, target = self.live / name, self.disk / name
        if not target.exists():
            target.touch(source.stat().st_mode & 0o777)
        with source.open("rb") as octets, target.open("r+b") as kept:
            for sector in sorted(sectors):
                octets.seek(sector * SECTOR)
                if piece := octets.read(SECTOR):
                    kept.seek(sector * SECTOR)
                    kept.write(piece)
