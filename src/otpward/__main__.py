"""The start: read settings, wire, hand over to a door."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING

import structlog
from structlog.tracebacks import ExceptionDictTransformer

from otpward.edges.cli.main import run
from otpward.settings import read_settings

if TYPE_CHECKING:
    from otpward.core.formats.reading import Chunks, SeedFile
    from otpward.core.formats.unlock import Unlock
    from otpward.wiring import Wiring


class Assembled:
    """What the command line asks for.

    A command imports what it joins, so that help and a mistyped word are answered at once.
    """

    def check_settings(self, data: Path) -> str:
        """Read and check the settings; the database's address without its password."""
        from otpward.wiring import shown_database

        return shown_database(read_settings(data))

    def set_up(self, data: Path) -> None:
        """Make keys and schema, or bring them up to date."""
        from otpward.wiring import set_up

        set_up(read_settings(data))

    def write_on(self, data: Path, line: socket) -> None:
        """Judge codes that come on this line until it ends."""
        from otpward.wiring import write_on

        write_on(read_settings(data), line)

    @contextmanager
    def open(self, data: Path) -> Iterator["Wiring"]:
        """Open the installation of this folder, and close it again."""
        from otpward.wiring import open_wiring

        opened = open_wiring(read_settings(data))
        try:
            yield opened
        finally:
            opened.close()

    def trusted_proxies(self, data: Path) -> str:
        """Whose forwarding headers are believed."""
        return read_settings(data).trusted_proxies

    def open_seeds(self, path: Path, unlock: "Unlock") -> "SeedFile":
        """Read a seed file in a process of its own."""
        from otpward.adapters.seeds.apart import open_apart

        return open_apart(path, unlock)

    def open_octets(self, chunks: "Chunks", unlock: "Unlock") -> "SeedFile":
        """Read a small seed file here; what is encrypted with OpenPGP is opened in a process of its own."""
        from otpward.adapters.seeds.openpgp import open_any

        return open_any(chunks, unlock)

    def make_authority(self, folder: Path) -> bytes:
        """The sandbox's certificate authority, made or found in its folder: what an institution pins, in PEM."""
        from otpward.adapters.system import SystemClock
        from otpward.sandbox.identity.registry import Registry

        return Registry(folder, clock=SystemClock().now).trusted()

    def make_stock(self, folder: Path, count: int) -> Path:
        """Demo only: the sandbox's factory makes devices."""
        from otpward.adapters.system import SystemEntropy
        from otpward.sandbox.factory import put_stock

        return put_stock(folder, count, entropy=SystemEntropy().octets)


def main() -> None:
    """Run the command that was typed. Logs go to standard error, as JSON lines, and never hold secrets."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Never the local variables: codes, passwords and keys are among them.
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    run(Assembled())


if __name__ == "__main__":
    main()
