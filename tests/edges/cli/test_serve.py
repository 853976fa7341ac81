"""`serve`: it answers, ends in order when it is asked to, and says in one sentence why it cannot begin."""

import contextlib
import json
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.edges.cli.conftest import command, environment, free_port, otpward, program

HEX = "3132333435363738393031323334353637383930"


@contextlib.contextmanager
def serving(data: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on a free port, ready."""
    port = free_port()
    process = subprocess.Popen(
        command("serve", "--data", data, "--port", port, *words),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{address}/readyz", timeout=30).status_code == 200:
                    break
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield process, address
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "Ctrl-C"])
def test_it_answers_and_ends_in_order(data: Path, tmp_path: Path, how: signal.Signals) -> None:
    tokens, owners = tmp_path / "t.csv", tmp_path / "o.csv"
    tokens.write_text(f"HW-1,{HEX},hotp,6,0\n")
    owners.write_text("HW-1,kim\n")
    assert otpward("token", "import", tokens, "--as", "active", "--owners", owners, "--data", data).code == 0
    key = otpward("api-key", "create", "--scope", "verify", "--data", data).out.strip()
    with serving(data) as (process, address):
        ask = {"serial": "HW-1", "code": "755224"}
        with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}) as client:
            assert [client.post("/v1/verifications", json=ask).json()["result"] for _ in range(2)] == ["accepted", "refused"]
            assert client.get("/healthz").json() == {"status": "ok"}
            assert client.get("/").status_code == 200
            assert "server" not in client.get("/").headers
        process.send_signal(how)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "", "")


def test_a_worker_alone_ends_in_order_too(data: Path) -> None:
    process = subprocess.Popen(
        command("serve", "--data", data, "--role", "worker"), env=environment(), stderr=subprocess.PIPE, text=True
    )
    lock = data / "worker.lock"
    deadline = time.monotonic() + 30
    while not lock.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.5)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")


def test_a_second_worker_on_one_sqlite_file_is_refused_and_a_second_web_is_not(data: Path) -> None:
    with serving(data):
        said = program("serve", "--data", data, "--port", str(free_port())).sentence(3)
        assert said == f"another server works on {data}; only one can, but with PostgreSQL"
        with serving(data, "--role", "web") as (_, address):
            assert httpx.get(f"{address}/healthz").status_code == 200


def test_a_port_that_is_taken_is_one_sentence(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = program("serve", "--data", data, "--port", str(port)).sentence(3)
        assert said == f"port {port} on 127.0.0.1 cannot be had (Address already in use); choose another with --port"
        assert f"port {port} on 127.0.0.1" in otpward("demo", "--data", data.parent / "demo", "--port", port).sentence(3)
        assert not (data.parent / "demo").exists()


@pytest.mark.parametrize("host", ["192.0.2.1", "not a host", "::2"])
def test_an_address_that_is_not_ours_is_one_sentence(data: Path, host: str) -> None:
    assert f"on {host} cannot be had" in otpward("serve", "--data", data, "--host", host, "--port", "18240").sentence(3)


def test_an_unknown_role_is_bad_input(data: Path) -> None:
    assert "--role is one of all, web, worker" in otpward("serve", "--data", data, "--role", "boss").sentence(2)


def test_a_fault_is_logged_without_what_was_typed(data: Path) -> None:
    """A page breaks on a damaged seed; the log has where, and never the values that passed through."""
    key = otpward("api-key", "create", "--scope", "verify", "--data", data).out.strip()
    tokens, owners = data / "t.csv", data / "o.csv"
    tokens.write_text(f"HW-1,{HEX},hotp,6,0\n")
    owners.write_text("HW-1,kim\n")
    assert otpward("token", "import", tokens, "--as", "active", "--owners", owners, "--data", data).code == 0
    import sqlite3  # noqa: PLC0415 - to break what no command would

    database = sqlite3.connect(data / "otpward.db", isolation_level=None)
    database.execute("UPDATE token SET seed = x'00'")
    database.close()
    with serving(data, "--role", "web") as (process, address):
        answer = httpx.post(
            f"{address}/v1/verifications", json={"serial": "HW-1", "code": "428913"}, headers={"Authorization": f"Bearer {key}"}
        )
        assert answer.status_code == 500
        assert answer.headers["content-type"] == "application/problem+json"
        reference = answer.json()["reference"]
        assert "Traceback" not in answer.text
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    lines = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
    assert [line["reference"] for line in lines] == [reference]
    assert "SealBroken" in err
    for typed in ("428913", key, key.split("_")[2]):
        assert typed not in err
