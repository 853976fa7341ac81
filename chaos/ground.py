"""Where an experiment takes place: a new installation on SQLite or on a PostgreSQL of its own."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chaos.site import Site, plain_environment
from tests.postgres import Postgres

ENGINES: Final = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Ground:
    """A founded installation; `postgres` is its database server, if it has one."""

    engine: str
    site: Site
    postgres: Postgres | None = None


@contextlib.contextmanager
def ground(engine: str) -> Iterator[Ground]:
    """A new installation, gone afterwards with all its processes."""
    with contextlib.ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="otpward-chaos-")))
        environment = plain_environment()
        # What is killed must have been kept by the settings of the product, not by luck.
        postgres = held.enter_context(Postgres(fsync="on", full_page_writes="on")) if engine == "postgresql" else None
        if postgres is not None:
            environment["OTPWARD_DATABASE_URL"] = postgres.url()
        data = folder / "data"
        data.mkdir()
        site = Site(data, environment, log=folder / "servers.log")
        held.callback(site.kill)
        site.found()
        yield Ground(engine, site, postgres)
