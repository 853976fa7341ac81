"""An installation with tokens whose codes are known, and its server processes: started, killed, looked into."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

import otpward
from otpward import wiring
from otpward.core.audit import Actor, ActorKind
from otpward.core.ids import InstitutionId
from otpward.core.model.token import Token
from otpward.services.oversee.add_member import AddMember, add_member
from otpward.services.oversee.create_api_key import create_api_key
from otpward.services.oversee.open_institution import OpenInstitution, open_institution
from otpward.services.stock.import_seeds import Entry, ImportSeeds, import_seeds
from otpward.settings import read_settings
from tests.postgres import lives

SOURCE: Final = Path(otpward.__file__).resolve().parent.parent
"""The servers run the product that this process has imported."""
BY: Final = Actor(kind=ActorKind.OPERATOR, source="chaos")
START_S: Final = 60
FOLLOW_S: Final = 5
SETTINGS: Final = 'profile = "test"\ninstitution = "hanbit"\n'
CODE_DIGITS: Final = 8  # a guess or an old code is never good by chance


def seed(serial: str) -> str:
    """The seed of this serial in hex."""
    return f"chaos-test-of-{serial}".ljust(20, "-")[-20:].encode().hex()


def codes(serial: str, count: int, first: int = 0) -> list[str]:
    """What the device shows from counter `first` on, by oathtool and not by us."""
    command = ["oathtool", "--hotp", "-d", str(CODE_DIGITS), "-c", str(first), "-w", str(count - 1), seed(serial)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


def guesses(serial: str, count: int) -> list[str]:
    """Different codes, none of which the device shows before its 120th."""
    good, wrong = set(codes(serial, 120)), list[str]()
    while len(wrong) < count:
        guess = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        if guess not in good:
            good.add(guess)
            wrong.append(guess)
    return wrong


def plain_environment(**more: str) -> dict[str, str]:
    """What a server is started with: nothing of ours from outside."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("OTPWARD_", "PG"))}
    return plain | {"PYTHONPATH": str(SOURCE)} | more


@dataclass(frozen=True, slots=True)
class Server:
    """One server process."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def await_readiness(self) -> None:
        """Return when it takes requests; raises if it ended, or takes too long."""
        deadline = time.monotonic() + START_S
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.address}/readyz", timeout=START_S).status_code == 200:
                    return
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"a server did not start (exit code {self.process.poll()})")
            time.sleep(0.02)

    def children(self) -> list[int]:
        """The processes that it has started."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            lists = [task.read_text() for task in Path(f"/proc/{self.process.pid}/task").glob("*/children")]
            return [int(pid) for text in lists for pid in text.split()]
        return []

    def kill(self) -> list[int]:
        """kill -9 of this one process; return those of its own that outlived it by more than a moment, ended now as well."""
        children = self.children()
        self.process.kill()
        self.process.wait(60)
        deadline = time.monotonic() + FOLLOW_S
        while any(map(lives, children)) and time.monotonic() < deadline:
            time.sleep(0.02)
        orphans = [pid for pid in children if lives(pid)]
        for pid in orphans:
            os.kill(pid, signal.SIGKILL)
        return orphans


@dataclass
class Site:
    """A data folder, what its servers are started with, and those that run. Their log goes to `log`, or where ours goes."""

    data: Path
    environment: dict[str, str] = field(default_factory=plain_environment)
    log: Path | None = None
    key: str = ""
    plain_key: str = ""
    servers: list[Server] = field(default_factory=list)
    orphans: list[int] = field(default_factory=list)

    def found(self, settings: str = SETTINGS) -> None:
        """Write the settings, make keys and schema, and open the institution with a member `v` and two API keys."""
        (self.data / "otpward.toml").write_text(settings)
        wiring.set_up(read_settings(self.data, self.environment))
        ask = OpenInstitution(code="hanbit", name_ko="한빛", name_en="Hanbit", phone="1588-0000", phone_abroad="")
        with contextlib.closing(wiring.open_wiring(read_settings(self.data, self.environment))) as opened:
            opened.house.do(None, lambda desk: open_institution(ask, desk=desk))
        self.add_members({"v": ""})
        self.key = self.new_key("verify", "verify:reasons")
        self.plain_key = self.new_key("verify")

    def new_key(self, *scopes: str) -> str:
        """An API key of these scopes."""
        with self.opened() as (opened, inside):
            return opened.house.do(inside, lambda desk: create_api_key(inside, frozenset(scopes), "chaos", None, desk=desk))

    def add_members(self, phones: Mapping[str, str]) -> None:
        """Members of these logins, with their telephone numbers."""
        with self.opened() as (opened, inside):
            for login, phone in phones.items():
                member = AddMember(institution_id=inside, login=login, name=login, phone=phone)
                opened.house.do(inside, lambda desk, one=member: add_member(one, desk=desk, passwords=opened.house.passwords))  # type: ignore[misc]

    def add_tokens(self, owners: Mapping[str, str], kind: str = f"hotp,{CODE_DIGITS},0") -> None:
        """Tokens of these serials in use, each with its owner."""
        rows = "".join(f"{serial},{seed(serial)},{kind}\n" for serial in owners)
        with self.opened() as (opened, inside):
            seeds = ImportSeeds(
                institution_id=inside, data=rows.encode(), file_name="t.csv", by=BY, entry=Entry.ACTIVE, owners=owners
            )
            report = opened.house.do(inside, lambda desk: import_seeds(seeds, desk=desk))
        if report.refused:
            raise RuntimeError(f"{report.refused} tokens were refused")

    @contextlib.contextmanager
    def opened(self) -> Iterator[tuple[wiring.Wiring, InstitutionId]]:
        """Look into the installation beside its servers."""
        opened = wiring.open_wiring(read_settings(self.data, self.environment))
        try:
            yield opened, InstitutionId(opened.institution("hanbit").id)
        finally:
            opened.close()

    def tokens(self, serials: Iterable[str]) -> dict[str, Token]:
        """The rows of these tokens, as they are."""
        with self.opened() as (opened, inside):
            found = {serial: opened.house.look(inside, lambda uow, s=serial: uow.tokens.first(serial=s)) for serial in serials}  # type: ignore[misc]
        return {serial: token for serial, token in found.items() if token is not None}

    def serve(self, *roles: str, **environment: str) -> None:
        """Start a server of each role (`all` if none is named), and wait until all are ready."""
        self.servers = [server for server in self.servers if server.process.poll() is None]
        for role in roles or ("all",):
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            command = [sys.executable, "-m", "otpward", "serve", "--data", str(self.data), "--port", str(port), "--role", role]
            with contextlib.ExitStack() as held:
                out = held.enter_context(self.log.open("ab")) if self.log else None
                process = subprocess.Popen(command, env=self.environment | environment, stderr=out)
            self.servers.append(Server(process, port))
        for server in self.servers:
            server.await_readiness()

    def kill(self) -> None:
        """kill -9 of every server. They stay on the list until the next is started: who asks them meets a closed port."""
        for server in self.servers:
            if server.process.poll() is None:
                self.orphans += server.kill()

    @property
    def address(self) -> str:
        """Where the first server answers."""
        return self.servers[0].address

    @property
    def ports(self) -> list[int]:
        """Where the servers answer."""
        return [server.port for server in self.servers]

    def client(self) -> httpx.Client:
        """A relying system that is told reasons."""
        return httpx.Client(base_url=self.address, headers={"Authorization": f"Bearer {self.key}"}, timeout=20)
