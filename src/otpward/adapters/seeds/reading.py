"""The reading process: hears which file and what opens it, and says its rows."""

import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from otpward.adapters.seeds.frames import ROWS, fault_as_list, opened, put, row_as_list, take_octets
from otpward.adapters.seeds.openpgp import open_any
from otpward.core.formats.faults import SeedFileFault
from otpward.core.formats.unlock import Unlock
from otpward.core.secret import Secret

_PIECE_OCTETS = 256 * 1024


class FileOctets:
    """The octets of a file, in pieces, from the start each time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            while piece := file.read(_PIECE_OCTETS):
                yield piece


def _unlock(asked: dict[str, Any]) -> Unlock:
    def secret(name: str) -> Secret | None:
        return None if asked[name] is None else Secret(asked[name])

    return Unlock(
        key=secret("key"),
        password=secret("password"),
        private_key=secret("private_key"),
        signer=asked["signer"],
        unverified=asked["unverified"],
    )


def _main() -> None:
    gc.disable()  # millions of small objects, no cycles among them
    asked = opened(take_octets(sys.stdin.buffer))
    out = sys.stdout.buffer
    try:
        file = open_any(FileOctets(Path(asked["path"])), _unlock(asked))
        put(out, ["format", file.format])
        rows: list[Any] = []
        for row in file.rows:
            rows.append(row_as_list(row))
            if len(rows) == ROWS:
                put(out, ["rows", rows])
                rows = []
        put(out, ["rows", rows])
        put(out, ["end", file.signature])
    except SeedFileFault as fault:
        put(out, ["fault", fault_as_list(fault)])
    except OSError as error:
        put(out, ["unreadable", error.strerror])


if __name__ == "__main__":
    _main()
