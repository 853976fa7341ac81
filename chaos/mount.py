"""The forgetful disk as a file system over FUSE: `python -m chaos.mount LIVE DISK MOUNT [SEED]`; SIGUSR1 pulls the plug.

Needs /dev/fuse, the system's fuse3 and the package mfusepy.
"""

import errno
import functools
import os
import random
import signal
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import mfusepy

from chaos.forgetful import Forgetful, PowerFailed

T = TypeVar("T")
SHOWN = ("st_mode", "st_nlink", "st_uid", "st_gid", "st_ino", "st_size")


def mounted(operation: Callable[..., T]) -> Callable[..., T]:
    """Errors reach the kernel as their numbers."""

    @functools.wraps(operation)
    def answered(*arguments: Any, **more: Any) -> T:
        try:
            return operation(*arguments, **more)
        except PowerFailed:
            raise mfusepy.FuseOSError(errno.EIO) from None
        except OSError as error:
            raise mfusepy.FuseOSError(error.errno or errno.EIO) from None

    return answered


class Disk(mfusepy.Operations):  # type: ignore[misc]  # the package comes without types
    """Each call of the kernel, as one of `Forgetful`. Locks and shared memory stay with the kernel."""

    use_ns = True

    def __init__(self, files: Forgetful) -> None:
        self.files = files

    def _live(self, path: str) -> Path:
        return self.files.live / path.lstrip("/")

    @mounted
    def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
        found = self._live(path).lstat()
        shown = {name: getattr(found, name) for name in SHOWN}
        return shown | {name: getattr(found, f"{name}_ns") for name in ("st_atime", "st_mtime", "st_ctime")}

    @mounted
    def readdir(self, path: str, fh: int) -> list[str]:
        return [".", "..", *os.listdir(self._live(path))]  # noqa: PTH208 - names, not paths

    @mounted
    def create(self, path: str, mode: int, fi: Any = None) -> int:
        self.files.refuse_without_power()
        return os.open(self._live(path), os.O_CREAT | os.O_RDWR, stat.S_IMODE(mode))

    @mounted
    def open(self, path: str, flags: int) -> int:
        return os.open(self._live(path), flags & os.O_ACCMODE)

    @mounted
    def release(self, path: str, fh: int) -> int:
        os.close(fh)
        return 0

    @mounted
    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        self.files.refuse_without_power()
        return os.pread(fh, size, offset)

    @mounted
    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        return self.files.write(path.lstrip("/"), fh, data, offset)

    @mounted
    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        self.files.truncate(path.lstrip("/"), length)
        return 0

    @mounted
    def fsync(self, path: str, datasync: int, fh: int) -> int:
        self.files.sync(path.lstrip("/"))
        return 0

    @mounted
    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        self.files.sync_folder(path.lstrip("/"))
        return 0

    @mounted
    def mkdir(self, path: str, mode: int) -> int:
        self.files.make_folder(path.lstrip("/"), stat.S_IMODE(mode))
        return 0

    @mounted
    def unlink(self, path: str) -> int:
        self.files.remove(path.lstrip("/"))
        return 0

    @mounted
    def rmdir(self, path: str) -> int:
        self.files.remove(path.lstrip("/"))
        return 0

    @mounted
    def rename(self, old: str, new: str, flags: int = 0) -> int:
        self.files.rename(old.lstrip("/"), new.lstrip("/"))
        return 0

    @mounted
    def chmod(self, path: str, mode: int) -> int:
        self._live(path).chmod(stat.S_IMODE(mode))
        return 0

    @mounted
    def chown(self, path: str, uid: int, gid: int) -> int:
        os.chown(self._live(path), uid, gid)
        return 0

    @mounted
    def utimens(self, path: str, times: Any = None) -> int:
        return 0

    @mounted
    def statfs(self, path: str) -> dict[str, int]:
        found = os.statvfs(self.files.live)
        names = ("f_bavail", "f_bfree", "f_blocks", "f_bsize", "f_files", "f_ffree", "f_frsize", "f_namemax")
        return {name: getattr(found, name) for name in names}


def main() -> None:
    live, disk, mount = map(Path, sys.argv[1:4])
    chance = random.Random(int(sys.argv[4])) if len(sys.argv) > 4 else None
    files = Forgetful(live, disk)

    def wait_for_the_end() -> None:
        signal.sigwait([signal.SIGUSR1])
        lost = files.fail(chance)
        print(f"{files.syncs} syncs, then {lost} sectors lost", flush=True)

    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    threading.Thread(target=wait_for_the_end, daemon=True).start()
    mfusepy.FUSE(Disk(files), str(mount), foreground=True, nothreads=True)


if __name__ == "__main__":
    main()
