"""`otpward serve --processes N`: several servers at one address, none without its parent."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from otpward import wiring
from otpward.settings import read_settings
from tests.fakes.sample import make_sample


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        number: int = free.getsockname()[1]
    return number


def children(parent: int) -> set[int]:
    """The server processes below this one."""
    text = Path(f"/proc/{parent}/task").iterdir()
    found = {int(pid) for task in text for pid in (task / "children").read_text().split()}
    return {pid for pid in found if b"--leash" in Path(f"/proc/{pid}/cmdline").read_bytes()}


def wait_until(fits: object, what: str) -> None:
    assert callable(fits)
    until = time.monotonic() + 60
    while not fits():
        assert time.monotonic() < until, what
        time.sleep(0.05)


def answers(port: int) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=30).status_code == 200
    return False


def gone(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    return not status.exists() or "State:\tZ" in status.read_text()


@pytest.fixture
def served(tmp_path: Path, postgres_url: str) -> Iterator[tuple[subprocess.Popen[bytes], int, str]]:
    (tmp_path / "otpward.toml").write_text('profile = "test"\ninstitution = "hanbit"\n')
    environment = os.environ | {"OTPWARD_DATABASE_URL": postgres_url.replace("+psycopg", "")}
    settings = read_settings(tmp_path, environment)
    wiring.set_up(settings)
    opened = wiring.open_wiring(settings)
    key = make_sample(opened.house).api_key
    opened.close()
    port = free_port()
    command = [sys.executable, "-m", "otpward", "serve", "--data", str(tmp_path), "--port", str(port), "--processes", "2"]
    process = subprocess.Popen(command, env=environment)
    try:
        wait_until(lambda: len(children(process.pid)) == 2 and answers(port), "two servers, and an answer")
        yield process, port, key
    finally:
        if process.poll() is None:
            process.terminate()
        assert process.wait(60) is not None


@pytest.mark.slow
def test_several_servers_answer_at_one_address_and_end_with_their_parent(
    served: tuple[subprocess.Popen[bytes], int, str],
) -> None:
    process, port, key = served
    ask = {"serial": "SN-00", "code": "123456"}
    for _ in range(8):  # each on a connection of its own, so that both are asked
        headers = {"Authorization": f"Bearer {key}"}
        answer = httpx.post(f"http://127.0.0.1:{port}/v1/verifications", json=ask, headers=headers, timeout=30)
        assert answer.json()["reason"] in {"wrong_code", "locked"}

    first, second = sorted(children(process.pid))
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: len(children(process.pid) - {first}) == 2, "another in the place of the one that died")
    assert second in children(process.pid)

    left = children(process.pid)
    process.kill()
    process.wait(60)
    wait_until(lambda: all(gone(pid) for pid in left), "no server without its parent")


def test_a_sqlite_file_is_not_served_by_several(tmp_path: Path) -> None:
    (tmp_path / "otpward.toml").write_text('profile = "test"\ninstitution = "hanbit"\n')
    command = [sys.executable, "-m", "otpward", "serve", "--data", str(tmp_path), "--processes", "2"]
    environment = {name: value for name, value in os.environ.items() if name != "OTPWARD_DATABASE_URL"}
    told = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert told.returncode == 2
    assert "--processes needs PostgreSQL" in told.stderr
    assert "Traceback" not in told.stderr
