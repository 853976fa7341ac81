"""What the command line is handed by `__main__`, which alone may join implementations."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from socket import socket
from typing import Any, Protocol

from otpward.core.formats.reading import Chunks, SeedFile
from otpward.core.formats.unlock import Unlock
from otpward.core.model.institution import Institution
from otpward.ports.desk import House


class Opened(Protocol):
    """An opened installation."""

    @property
    def house(self) -> House: ...

    def institution(self, code: str) -> Institution:
        """The institution of this code; raises `NotFound`."""
        ...

    def institutions(self) -> list[Institution]:
        """All of them."""
        ...

    def app(self) -> Any:
        """The HTTP door, an ASGI application."""
        ...

    def server_options(self) -> Mapping[str, Any]:
        """How the server of that door is to speak."""
        ...

    def start_workers(self) -> Callable[[], None]:
        """Start the background door; the returned function ends it."""
        ...


class Assembly(Protocol):
    """How the command line gets at an installation."""

    def check_settings(self, data: Path) -> str:
        """Read and check the settings; where the database is. Raises `BadSettings`."""
        ...

    def set_up(self, data: Path) -> None:
        """Make keys and schema, or bring them up to date."""
        ...

    def write_on(self, data: Path, line: socket) -> None:
        """Judge codes that come on this line until it ends."""
        ...

    def open(self, data: Path) -> AbstractContextManager[Opened]:
        """Open the installation of this folder."""
        ...

    def trusted_proxies(self, data: Path) -> str:
        """Whose forwarding headers are believed."""
        ...

    def open_seeds(self, path: Path, unlock: Unlock) -> SeedFile:
        """Read a seed file in a process of its own; raises `SeedFileFault`."""
        ...

    def open_octets(self, chunks: Chunks, unlock: Unlock) -> SeedFile:
        """Read a small seed file here, also one inside an OpenPGP message; raises `SeedFileFault`."""
        ...

    def make_authority(self, folder: Path) -> bytes:
        """The sandbox's certificate authority in its folder: what an institution pins, in PEM."""
        ...

    def make_stock(self, folder: Path, count: int) -> Path:
        """Demo only: let the sandbox's factory make devices, and write their seed file."""
        ...
