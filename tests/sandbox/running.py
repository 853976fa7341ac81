"""A sandbox as its own process, on ports of its own."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Where it answers."""

    base_url: str
    smtp_port: int


@contextlib.contextmanager
def running_sandbox(folder: Path) -> Iterator[Running]:
    """Start the sandbox over `folder` and stop it in the end."""
    with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
        port, smtp_port = first.getsockname()[1], second.getsockname()[1]
    command = [sys.executable, "-m", "otpward.sandbox", "--profile", "test", "--data", str(folder)]
    process = subprocess.Popen([*command, "--port", str(port), "--smtp-port", str(smtp_port)])
    base_url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            with contextlib.suppress(httpx.HTTPError):
                httpx.get(f"{base_url}/api/messages").raise_for_status()
                break
            assert process.poll() is None, "the sandbox did not start"
            time.sleep(0.1)
        yield Running(base_url=base_url, smtp_port=smtp_port)
    finally:
        process.terminate()
        process.wait(20)
