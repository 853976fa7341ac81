"""The command line over real data folders: in this process where that is enough, as a program where it is not."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from otpward.__main__ import Assembled
from otpward.core.model.member import Role
from otpward.edges.cli.main import app
from otpward.services.oversee.appoint_staff import appoint_staff
from otpward.settings import read_settings
from otpward.wiring import Wiring, open_wiring

ROOT = Path(__file__).resolve().parent.parent.parent.parent


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def sentence(self, code: int) -> str:
        """The one sentence of a command that failed with this exit code."""
        assert self.code == code, self
        assert "Traceback" not in self.err + self.out, self
        assert self.err.startswith("otpward: "), self
        assert self.err.count("\n") == 1, self
        return self.err.removeprefix("otpward: ").strip()


Otpward = Callable[..., Said]


def otpward(*words: object) -> Said:
    """Run a command in this process."""
    done = CliRunner().invoke(app, [str(word) for word in words], obj=Assembled())
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Said(done.exit_code, done.stdout, done.stderr)


def staffed(data: Path, login: str, role: Role) -> None:
    """Let a member of this installation work here."""
    opened = open_wiring(read_settings(data, {}))
    try:
        inside = opened.institutions()[0].id
        member = opened.house.look(inside, lambda uow: uow.members.first(login=login))
        assert member is not None
        opened.house.do(inside, lambda desk: appoint_staff(inside, member.id, role, None, desk=desk))
    finally:
        opened.close()


def environment(**more: str) -> dict[str, str]:
    """What a program of ours is started with."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("OTPWARD_", "PG"))}
    return plain | {"PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": "1"} | more


def command(*words: object) -> list[str]:
    """A command as a program."""
    return [sys.executable, "-W", "error::ResourceWarning", "-m", "otpward", *(str(word) for word in words)]


def program(*words: object, cwd: Path | None = None, **more: str) -> Said:
    """Run a command as a program of its own."""
    done = subprocess.run(command(*words), env=environment(**more), cwd=cwd, capture_output=True, text=True, timeout=60)
    return Said(done.returncode, done.stdout, done.stderr)


def free_port() -> int:
    """A port that was free a moment ago, with two free ones behind it."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as first:
            port: int = first.getsockname()[1]
        try:
            with socket.create_server(("127.0.0.1", port + 1)), socket.create_server(("127.0.0.1", port + 2)):
                return port
        except (OSError, OverflowError):
            continue


@contextmanager
def opened(data: Path) -> Iterator[Wiring]:
    """Look into an installation beside the command line."""
    with Assembled().open(data) as wiring:
        yield wiring


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with two members, made by the command line."""
    data = tmp_path_factory.mktemp("made") / "data"
    assert otpward("init", "--data", data, "--institution", "hanbit", "--name", "한빛기관").code == 0
    for login in ("kim", "lee"):
        assert otpward("member", "add", "--data", data, "--institution", "hanbit", "--id", login, "--name", "김하나").code == 0
    return data


@pytest.fixture
def data(made_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, for this test."""
    monkeypatch.delenv("OTPWARD_DATABASE_URL", raising=False)
    copy = tmp_path / "data"
    shutil.copytree(made_once, copy)
    return copy
