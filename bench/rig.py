"""What a run has set up: the product on an engine with its load, the bare limit beside it, and the echo."""

import secrets
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import sqlalchemy as sa

from bench.children import Helper, free_port, server
from bench.generator import Target
from bench.installation import Installation, Served, counted, install, served
from bench.outcome import Order, Outcome
from bench.sample import Part, Sample
from bench.usage import peak_mb
from tests.postgres import Postgres

DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
SHARED_BUFFERS = "512MB"


class WrongAnswers(Exception):
    """The product answered otherwise than it should have, or not at all. No figure of such a run means anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A database engine; a PostgreSQL has a server of its own as long as the run."""

    name: str
    folder: Path
    postgres: Postgres | None = None

    @property
    def watch(self) -> dict[str, int]:
        """The processes of the database."""
        return {"database": self.postgres.server.pid} if self.postgres and self.postgres.server else {}

    def database(self, name: str) -> str:
        """The address of a new database; empty where the installation brings its own file."""
        return self.postgres.create_database(name) if self.postgres else ""

    def install(self, name: str, people: int) -> Installation:
        """A product of its own on this engine."""
        secret, url = secrets.token_bytes(32), self.database(name)
        return install(self.name, self.folder / name, people=people, secret=secret, database_url=url)


@contextmanager
def engine(name: str, folder: Path) -> Iterator[Engine]:
    """The engine while the context lasts."""
    if name == "sqlite":
        yield Engine(name=name, folder=folder)
    else:
        with Postgres(**DURABLE, shared_buffers=SHARED_BUFFERS) as postgres:
            yield Engine(name=name, folder=folder, postgres=postgres)


class Product:
    """`otpward serve` under load."""

    def __init__(self, engine: Engine, installation: Installation, running: Served, generator: Helper) -> None:
        self.engine = engine
        self.installation = installation
        self.running = running
        self._generator = generator
        self.accepted = 0

    def sample(self, part: Part, in_flight: int, seconds: float, turn: int) -> Sample:
        """One sample; raises `WrongAnswers`."""
        watch = {"server": self.running.pid} | self.engine.watch
        outcome = _checked(self._generator.ask(asdict(Order(in_flight=in_flight, seconds=seconds, watch=watch))))
        self.accepted += outcome.accepted
        return Sample.of(
            outcome,
            part=part,
            engine=self.engine.name,
            in_flight=in_flight,
            turn=turn,
            people=self.installation.people,
            peak_mb=peak_mb(self.running.pid),
        )

    def settle_up(self) -> None:
        """The counters of the tokens and those of the devices have come equally far; raises `WrongAnswers`."""
        found = counted(self.installation)
        if found != self.accepted:
            raise WrongAnswers(f"{self.accepted} codes were accepted, and the tokens have moved by {found}")


@contextmanager
def product(engine: Engine, installation: Installation) -> Iterator[Product]:
    """The product and its load, while the context lasts."""
    with served(installation) as running, Helper("bench.generator") as generator:
        secret = installation.secret.hex()
        generator.tell(asdict(Target(port=running.port, key=installation.key, secret=secret, devices=installation.people)))
        yield Product(engine, installation, running, generator)


class Echo:
    """The server that gives back what it was sent, under the same load."""

    def __init__(self, pid: int, port: int, generator: Helper, people: int) -> None:
        self.port = port
        self._pid = pid
        self._generator = generator
        self._people = people

    def sample(self, engine: str, in_flight: int, seconds: float, turn: int) -> Sample:
        """One sample, taken in the turn of this engine."""
        order = Order(in_flight=in_flight, seconds=seconds, watch={"server": self._pid})
        outcome, peak = _checked(self._generator.ask(asdict(order))), peak_mb(self._pid)
        return Sample.of(
            outcome, part=Part.ECHO, engine=engine, in_flight=in_flight, turn=turn, people=self._people, peak_mb=peak
        )


@contextmanager
def echo(folder: Path, people: int) -> Iterator[Echo]:
    """The echo and its load, while the context lasts. Its requests are as long as the product's."""
    port = free_port()
    key = f"otpw_{'a' * 10}_{'0' * 64}"
    command = [sys.executable, "-m", "bench.echo", str(port)]
    with server(command, port, folder / "echo.log", {}) as (pid, _), Helper("bench.generator") as generator:
        target = Target(port=port, key=key, secret=secrets.token_hex(32), devices=people, echo=True)
        generator.tell(asdict(target))
        yield Echo(pid, port, generator, people)


class Bare:
    """The bare limit of an engine."""

    def __init__(self, engine: Engine, helper: Helper, people: int) -> None:
        self._engine = engine
        self._helper = helper
        self._people = people

    def sample(self, in_flight: int, seconds: float, turn: int) -> Sample:
        """One sample."""
        told = self._helper.ask(asdict(Order(in_flight=in_flight, seconds=seconds, watch=self._engine.watch)))
        name, people = self._engine.name, self._people
        return Sample.of(Outcome.read(told), part=Part.BARE, engine=name, in_flight=in_flight, turn=turn, people=people)


@contextmanager
def bare(engine: Engine, people: int) -> Iterator[Bare]:
    """The bare limit, while the context lasts."""
    url = engine.database("bare")
    where = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False) if url else ""
    with ExitStack() as held:
        helper = held.enter_context(Helper("bench.bare", engine.name, where or str(engine.folder / "bare.db"), str(people)))
        yield Bare(engine, helper, people)


def _checked(told: dict[str, object]) -> Outcome:
    outcome = Outcome.read(told)
    if outcome.odd:
        raise WrongAnswers("\n".join(outcome.odd))
    return outcome
