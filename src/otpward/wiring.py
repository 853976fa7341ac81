"""The one place where implementations are chosen and joined.

Doors and what reaches outside are imported where they are joined: a command that opens no door does not wait for its framework,
and an institution without a gateway not for its client.
"""

import fcntl
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from dbos import DBOSClient

from otpward.adapters.system import Argon2Passwords, SystemClock, SystemEntropy
from otpward.adapters.vault.files import FileVault, make_master_key, read_master_key, wrap_new_key
from otpward.clerk.policy import as_published, policy_now
from otpward.core.errors import NotFound, Unavailable
from otpward.core.ids import InstitutionId
from otpward.core.model.institution import Institution
from otpward.core.policy.called import Called, called_in
from otpward.core.secret import Secret
from otpward.notifiers import open_notifiers, report_secrets
from otpward.ports.carrier import Carrier
from otpward.ports.desk import House
from otpward.ports.judging import Judging
from otpward.ports.unit_of_work import UnitOfWork
from otpward.provers import open_providers, open_sign_on, open_sim_guard
from otpward.services.verify.judge_batch import judge_batch
from otpward.settings import Settings
from otpward.store.engine import open_engine
from otpward.store.judging.sqlite import SqliteBatches
from otpward.store.keys import load_keys, save_keys
from otpward.store.migrate import refuse_other_schema, upgrade
from otpward.store.outbox import QUEUE, DbosOutbox, open_client
from otpward.store.unit_of_work import SqlUnitOfWork

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from otpward.edges.http.photo_room import PhotoRoom
    from otpward.edges.http.post_door import PostDoor
    from otpward.edges.http.prints import Prints
    from otpward.edges.http.seed_room import SeedRoom
    from otpward.edges.http.uploads import Uploads

_OUTSIDE_TIMEOUT_S: Final = 5.0
_INSTITUTION_KEPT_S: Final = 5.0
_DEADLINES: Final = "30 * * * * *"
_WRITERS: Final = 2
"""Two writers fill two cores; the lock on the file lets no third be of use."""
_FORGET: Final = "0 17 * * * *"


def set_up(settings: Settings) -> None:
    """Make the keys and the schema of a new installation; a second time, mend what is missing."""
    entropy, key_file = SystemEntropy(), settings.file(settings.master_key_file)
    file = sa.make_url(settings.database).database if settings.database.startswith("sqlite") else None
    if file:
        Path(file).touch(mode=0o600)
        Path(file).chmod(0o600)
    engine = open_engine(settings.database)
    try:
        upgrade(engine, settings.database)
        kept = load_keys(engine)
        # A lost key is not replaced: a new one opens nothing of what is there, and hides that the old one is missing.
        if not kept and not key_file.exists():
            make_master_key(key_file, entropy)
        master = read_master_key(key_file)
        if kept:
            FileVault(master, kept, entropy)
        else:
            keys = [wrap_new_key(master, 1, "seal", entropy), wrap_new_key(master, 2, "print", entropy)]
            save_keys(engine, keys, SystemClock().now())
    finally:
        engine.dispose()


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """An opened installation: its store, its keys, and what is built on them."""

    settings: Settings
    engine: sa.Engine
    house: House
    judging: Judging
    client: DBOSClient

    def close(self) -> None:
        """Let go of the database."""
        self.client.destroy()
        self.engine.dispose()

    def institutions(self) -> list[Institution]:
        """Every institution here, oldest first."""
        return self.house.look(None, lambda uow: uow.institutions.find())

    def institution(self, code: str) -> Institution:
        """The institution of this code; with no code, the only one. Raises `NotFound`."""
        found = self.institutions()
        chosen = [one for one in found if one.code == code] if code else found
        if len(chosen) == 1:
            return chosen[0]
        known = ", ".join(one.code for one in found) or "none yet"
        if code or not found:
            raise NotFound(f"no institution {code!r} here (there are: {known})", field="institution")
        raise NotFound(f"there are several institutions here, and none was named: {known}", field="institution")

    @cached_property
    def _shown(self) -> Callable[[], tuple[Institution, Called]]:
        """The institution whose pages are served and its own words, read again every few seconds."""
        kept: list[tuple[float, tuple[Institution, Called]]] = []

        def current() -> tuple[Institution, Called]:
            if not kept or time.monotonic() - kept[0][0] > _INSTITUTION_KEPT_S:
                own, now = self.institution(self.settings.institution), self.house.clock.now()
                shown = self.house.look(
                    own.id,
                    lambda uow: (as_published(own, uow=uow, now=now), called_in(policy_now(own.id, uow=uow, now=now))),
                )
                kept[:] = [(time.monotonic(), shown)]
            return kept[0][1]

        return current

    def app(self) -> "ASGIApp":
        """The HTTP door. Raises `NotFound` if the institution of the settings is not here."""
        from otpward.edges.http.app import build_app
        from otpward.edges.http.assets import Assets
        from otpward.edges.http.console.nav import nav, place
        from otpward.edges.http.cookies import Cookies
        from otpward.edges.http.front import Front
        from otpward.edges.http.pages import Pages
        from otpward.edges.http.theme import Theme

        institution, _ = self._shown()
        theme = Theme(primary=self.settings.primary_color)
        assets = Assets(theme=theme)
        front = Front(
            house=self.house,
            pages=Pages(assets),
            institution=lambda: self._shown()[0],
            called=lambda: self._shown()[1],
            cookies=Cookies(secure=self.settings.public_url.startswith("https://")),
            sandbox=self.settings.sandbox_url or None,
            providers=open_providers(self.settings, institution=institution.name("ko")),
            staff_sign_on=open_sign_on(self.settings),
            sim=open_sim_guard(self.settings),
            public_url=self.settings.public_url,
            report_secrets=report_secrets(self.settings),
            uploads=_uploads(self.settings, self.house),
            photos=_photos(),
            seeds=_seeds(self.settings, self.house),
            prints=_prints(self.settings),
            post=_post_door(self.settings),
            nav=nav,
            place=place,
        )
        return build_app(front, assets, judging=self.judging, ready=self.ready)

    def ready(self) -> bool:
        """Whether the store answers."""
        try:
            return bool(self.institutions())
        except Exception:  # a health check reports, whatever the fault
            return False

    def server_options(self) -> Mapping[str, Any]:
        """How the server of the HTTP door is to speak."""
        from otpward.edges.http.protocol import server_options

        return server_options()

    def start_workers(self) -> Callable[[], None]:
        """Start the background door; the returned function ends it.

        Raises:
            Unavailable: another worker has this SQLite file.
        """
        from otpward.edges.workers.jobs import Jobs, start_jobs

        lock = _only_worker(self.settings) if self.engine.dialect.name == "sqlite" else None
        stop = start_jobs(
            Jobs(
                house=self.house,
                institutions=lambda: [InstitutionId(one.id) for one in self.institutions()],
                notifiers=open_notifiers(self.settings),
                carrier=_carrier(self.settings),
                pace=timedelta(seconds=self.settings.post.pace_s),
                database_url=self.settings.database,
                executor=_executor(self.engine),
                queue=QUEUE,
                follow_schedule=self.settings.post.schedule,
                deadline_schedule=_DEADLINES,
                forget_schedule=_FORGET,
            )
        )

        def end() -> None:
            stop()
            if lock is not None:
                lock.close()

        return end


def open_wiring(settings: Settings) -> Wiring:
    """Open an installation.

    Raises:
        KeyTrouble: the master key is missing, readable by others, or not the one of this database.
        OldSchema: the database needs `otpward db upgrade`.
        Unavailable: the database does not answer.
    """
    entropy = SystemEntropy()
    master = read_master_key(settings.file(settings.master_key_file))
    engine = open_engine(settings.database)
    refuse_other_schema(engine)
    vault = FileVault(master, load_keys(engine), entropy)
    client = open_client(settings.database)

    def open_uow(institution_id: InstitutionId | None, *, writes: bool) -> UnitOfWork:
        return SqlUnitOfWork(
            engine,
            vault=vault,
            entropy=entropy,
            outbox=lambda connection, scope: DbosOutbox(client, connection, scope),
            institution_id=institution_id,
            writes=writes,
        )

    house = House(
        open=open_uow,
        clock=SystemClock(),
        entropy=entropy,
        vault=vault,
        passwords=Argon2Passwords(),
        public_url=settings.public_url,
    )
    return Wiring(settings=settings, engine=engine, house=house, judging=_judging(settings, engine, house), client=client)


def _judging(settings: Settings, engine: sa.Engine, house: House) -> Judging:
    """Codes judged many at a time, as this engine does it best."""
    if engine.dialect.name == "sqlite":
        from otpward.store.judging.apart import ApartJudging

        return ApartJudging(partial(_start_writer, settings.data), writers=min(os.cpu_count() or 1, _WRITERS))
    decide = partial(judge_batch, vault=house.vault, entropy=house.entropy)
    from otpward.store.judging.postgresql import PostgresqlJudging

    return PostgresqlJudging(settings.database, decide=decide, clock=house.clock, entropy=house.entropy)


def _start_writer(data: Path, line: socket.socket) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "otpward", "write", "--data", str(data), "--line", str(line.fileno())]
    # A session of its own: what ends the server (Ctrl-C) is not meant for the writer, which ends with the line.
    return subprocess.Popen(  # noqa: S603 -- this very program
        command, pass_fds=[line.fileno()], stdin=subprocess.DEVNULL, start_new_session=True
    )


def write_on(settings: Settings, line: socket.socket) -> None:
    """Judge what comes on this line until it ends: the life of the writer's process. It opens what codes need, and no more."""
    from otpward.store.judging.apart import write_for

    entropy = SystemEntropy()
    engine = open_engine(settings.database)
    vault = FileVault(read_master_key(settings.file(settings.master_key_file)), load_keys(engine), entropy)
    decide = partial(judge_batch, vault=vault, entropy=entropy)
    try:
        write_for(line, SqliteBatches(engine, decide=decide, clock=SystemClock(), entropy=entropy))
    finally:
        engine.dispose()


def _only_worker(settings: Settings) -> IO[bytes]:
    file = (settings.data / "worker.lock").open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise Unavailable(f"another server works on {settings.data}; only one can, but with PostgreSQL") from None
    return file


def _executor(engine: sa.Engine) -> str:
    """Under which name this worker takes entries up; after a kill, the one who starts under that name finishes them.

    A SQLite file has one worker, wherever it runs.
    """
    return "local" if engine.dialect.name == "sqlite" else socket.gethostname()


def _secret(path: Path) -> Secret:
    return Secret(path.read_text().strip().encode())


def _uploads(settings: Settings, house: House) -> "Uploads | None":
    """Where pictures of papers come in; none where they cannot be opened (extra `documents`): then the counter sees them."""
    from otpward.adapters.documents.apart import ApartReader, is_installed
    from otpward.edges.http.uploads import Uploads

    if not is_installed():
        return None
    if not settings.scanner.address:
        return Uploads(house, ApartReader())
    from otpward.adapters.documents.clamd import ClamdScanner
    from otpward.adapters.documents.scanned import ScannedReader

    return Uploads(house, ScannedReader(ApartReader(), ClamdScanner(settings.scanner.address)))


def _photos() -> "PhotoRoom | None":
    """Where photographs of codes are read; nowhere without the extra `scan`: then hand scanners and keys are there."""
    from otpward.adapters.barcodes.apart import ApartCodeReader, is_installed
    from otpward.edges.http.photo_room import PhotoRoom

    return PhotoRoom(ApartCodeReader()) if is_installed() else None


def _seeds(settings: Settings, house: House) -> "SeedRoom":
    """Where seed files wait, sealed."""
    from otpward.adapters.seeds.openpgp import open_any
    from otpward.adapters.seeds.sealed import SealedFolder
    from otpward.edges.http.seed_room import SeedRoom

    return SeedRoom(house, SealedFolder(settings.file("waiting"), house.vault), open_any)


def _prints(settings: Settings) -> "Prints | None":
    """Where receipts become PDFs; nowhere without the extra `pdf`: then the pages say how to print them."""
    from otpward.adapters.pdf.printer import TypstPrinter, is_installed
    from otpward.edges.http.prints import Prints

    fonts = str(settings.file(settings.pdf_font_folder)) if settings.pdf_font_folder else ""
    return Prints(TypstPrinter(fonts)) if is_installed() else None


def _carrier(settings: Settings) -> Carrier | None:
    """Who says where parcels are; nobody without a key."""
    post = settings.post
    if not post.service_key_file:
        return None
    from otpward.adapters.prompt import open_http

    key = _secret(settings.file(post.service_key_file))
    if post.provider == "generic":
        from otpward.adapters.delivery.generic import GenericCarrier

        return GenericCarrier(post.base_url, key, open_http(), _OUTSIDE_TIMEOUT_S)
    from otpward.adapters.delivery.epost import EpostCarrier

    return EpostCarrier(post.base_url, key, open_http(), _OUTSIDE_TIMEOUT_S)


def _gives_numbers(settings: Settings) -> bool:
    """Whether registered numbers come from the carrier by adapter; otherwise from its stickers."""
    return settings.post.provider == "generic" and bool(settings.post.service_key_file)


def _post_door(settings: Settings) -> "PostDoor":
    from otpward.edges.http.post_door import PostDoor

    post = settings.post
    return PostDoor(orders=_gives_numbers(settings), page=post.page, customer_no=post.customer_no, approval_no=post.approval_no)


def shown_database(settings: Settings) -> str:
    """Where the database is, without its password."""
    return sa.make_url(settings.database).render_as_string(hide_password=True)
