"""The product with a load's worth of people in it, set up by its own services and served as a person would."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from bench.children import ROOT, environment, free_port, server
from bench.people import Crowd
from otpward import wiring
from otpward.core.policy.keys import SCOPES
from otpward.services.oversee.create_api_key import create_api_key
from otpward.services.oversee.open_institution import OpenInstitution, open_institution
from otpward.settings import DATABASE, FILE, read_settings
from otpward.store import tables
from otpward.store.engine import open_engine, sqlite_url

_SETTINGS: Final = 'profile = "test"\ninstitution = "bench"\n'
_OPTION: Final = "--processes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Where it lies, and what the load has to know. `about_people` names the tables that grow with the people."""

    engine: str
    data: Path
    database_url: str
    key: str
    secret: bytes
    people: int
    about_people: tuple[str, ...]

    @property
    def environment(self) -> dict[str, str]:
        """What its processes find in theirs."""
        return {DATABASE: self.database_url}


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A server of it that is ready."""

    pid: int
    port: int
    ready_s: float


def install(engine: str, data: Path, *, people: int, secret: bytes, database_url: str = "") -> Installation:
    """Make it: settings, keys, schema, an institution, a key, and so many people with a token each."""
    data.mkdir(mode=0o700, parents=True)
    (data / FILE).write_text(_SETTINGS, encoding="utf-8")
    url = database_url or sqlite_url(data / "otpward.db")
    settings = read_settings(data, {DATABASE: url})
    wiring.set_up(settings)
    ask = OpenInstitution(code="bench", name_ko="시험", name_en="Bench", phone="", phone_abroad="")
    with closing(wiring.open_wiring(settings)) as opened:
        house = opened.house
        inside = house.do(None, lambda desk: open_institution(ask, desk=desk)).id
        key = house.do(inside, lambda desk: create_api_key(inside, SCOPES, "bench", None, desk=desk))
        grown = Crowd(opened.engine, house, inside, secret).settle(people)
    return Installation(
        engine=engine, data=data, database_url=url, key=key, secret=secret, people=people, about_people=tuple(grown)
    )


@contextmanager
def served(installation: Installation) -> Iterator[Served]:
    """`otpward serve` while the context lasts; on PostgreSQL as two processes, where it can be had."""
    port = free_port()
    command = [sys.executable, "-m", "otpward", "serve", "--data", str(installation.data), "--port", str(port)]
    if installation.engine == "postgresql" and _has_processes():
        command += [_OPTION, "2"]
    log = installation.data / "serve.log"
    with server(command, port, log, installation.environment, "/readyz") as (pid, ready_s):
        yield Served(pid=pid, port=port, ready_s=ready_s)


def counted(installation: Installation) -> int:
    """How many codes the tokens have moved on by, all together, as the database has it."""
    engine = open_engine(installation.database_url)
    try:
        with engine.connect() as connection:
            query = sa.select(sa.func.sum(tables.token.c.high_water) + sa.func.count()).select_from(tables.token)
            return int(connection.execute(query).scalar_one())
    finally:
        engine.dispose()


def _has_processes() -> bool:
    command = [sys.executable, "-m", "otpward", "serve", "--help"]
    return _OPTION in subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=True).stdout
