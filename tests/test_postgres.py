"""The ground under the other tests: a PostgreSQL that is there, is fresh for each test, and is gone with the runner."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests import postgres
from tests.postgres import Postgres

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("round_", [1, 2])
def test_each_test_has_an_empty_database(postgres_url: str, round_: int) -> None:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE thing (id int)"))
        assert connection.execute(text("SELECT count(*) FROM thing")).scalar() == 0
    engine.dispose()


def test_a_database_can_be_copied_with_what_it_holds(postgres_server: Postgres) -> None:
    engine = create_engine(postgres_server.create_database("made_once"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE thing AS SELECT 7 AS id"))
    engine.dispose()
    copy = create_engine(postgres_server.create_database("copied", template="made_once"))
    with copy.connect() as connection:
        assert connection.execute(text("SELECT id FROM thing")).scalar() == 7
    copy.dispose()
    for name in ("copied", "made_once"):
        postgres_server.drop_database(name)


def test_the_server_dies_with_a_killed_runner() -> None:
    script = """if True:
        import time
        from tests.postgres import Postgres
        with Postgres() as server:
            print(server.server.pid, server.folder, flush=True)
            time.sleep(60)
    """
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True) as runner:
        assert runner.stdout is not None
        pid, folder = runner.stdout.readline().split()
        runner.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes() and time.monotonic() < deadline:
        time.sleep(0.05)
    left = Path(f"/proc/{pid}/cmdline")
    assert not left.exists() or not left.read_bytes()
    subprocess.run(["rm", "-r", folder], check=True)


def test_a_missing_postgres_is_an_error_with_a_way_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OTP_TEST_PG_BIN", str(tmp_path))
    with pytest.raises(RuntimeError, match="run `make test`, or set OTP_TEST_PG_BIN"):
        postgres.binaries()


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.org"])
def test_no_test_reaches_past_this_machine(host: str) -> None:
    with pytest.raises(AssertionError, match="would have left this machine"):
        socket.create_connection((host, 80), timeout=1)


def test_loopback_and_unix_sockets_stay_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass
