"""The demo as a person starts it, on ports and in a folder of its own; and what lies in the people's hands."""

import contextlib
import json
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from otpward.core.formats.detect import read_seed_file
from otpward.core.formats.records import SeedRecord
from otpward.core.secret import Secret

_READY_WITHIN_S = 60
_STEP_MARGIN_S = 4


@dataclass(frozen=True)
class Demo:
    """Where it answers, who can sign in, and every device's seed as its maker knows it."""

    folder: Path
    site: str
    world: str
    signs: dict[str, Any]
    devices: dict[str, SeedRecord]
    presses: Counter[str] = field(default_factory=Counter)

    def code(self, serial: str, *, ahead: int = 0) -> str:
        """The number that the device shows now, computed by oathtool; waits where it is about to change.

        With `ahead` it is a device whose clock runs that many steps fast: within the window, and no need to wait for the
        next number.
        """
        record = self.devices[serial]
        assert record.seed is not None
        if record.period_s is None:
            self.presses[serial] += 1
            return _run(["oathtool", "--hotp", f"--counter={self.presses[serial] - 1}", record.seed.reveal().hex()])
        left = record.period_s - time.time() % record.period_s
        if left < _STEP_MARGIN_S:
            time.sleep(left + 0.2)
        command = [
            "oathtool",
            f"--totp={record.algorithm}",
            f"--time-step-size={record.period_s}s",
            f"--digits={record.digits}",
        ]
        return _run([*command, f"--now=@{int(time.time()) + ahead * record.period_s}", record.seed.reveal().hex()])

    def phone_code(self, phone: str, after: int) -> str:
        """The newest code in the phone's inbox, once there are more than `after` messages with one."""
        for _ in range(200):
            texts = self.messages(phone)
            codes = [text for text in texts if "인증번호" in text or "Phone code" in text]
            if len(codes) > after:
                return next(word for word in codes[0].replace(",", " ").split() if word.isdigit() and len(word) == 6)
            time.sleep(0.1)
        raise AssertionError(f"no phone code came: {self.messages(phone)}")

    def messages(self, phone: str) -> list[str]:
        """The texts on a phone, newest first."""
        found = httpx.get(f"{self.world}/api/messages", params={"to": phone}).json()
        return [message["text"] for message in found]

    def wait_for_text(self, phone: str, *either: str) -> None:
        """Until a text with one of these words came."""
        for _ in range(300):
            if any(words in text for text in self.messages(phone) for words in either):
                return
            time.sleep(0.1)
        raise AssertionError(f"no such text came: {self.messages(phone)}")

    def codes_sent(self, phone: str) -> int:
        """How many phone codes came so far."""
        return sum("인증번호" in text or "Phone code" in text for text in self.messages(phone))

    def verify(self, **asked: str) -> dict[str, Any]:
        """What a relying system hears."""
        headers = {"Authorization": f"Bearer {self.signs['api_key']}"}
        answer = httpx.post(f"{self.site}/v1/verifications", json=asked, headers=headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def hand_in_parcel(self) -> str:
        """A number from the post office."""
        return str(httpx.post(f"{self.world}/api/parcels", json={}).json()["number"])

    def move_parcel(self, number: str, *states: str) -> None:
        """The post office moves it."""
        for state in states:
            httpx.post(f"{self.world}/api/parcels/{number}/move", json={"state": state}).raise_for_status()


def _run(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def app_code(key: str, *, ahead: int = 0) -> str:
    """The number an authenticator app shows for a base32 key, computed by oathtool."""
    left = 30 - time.time() % 30
    if left < _STEP_MARGIN_S:
        time.sleep(left + 0.2)
    return _run(["oathtool", "--totp", "--base32", f"--now=@{int(time.time()) + ahead * 30}", key])


def free_port() -> int:
    """The first of three free ports in a row."""
    while True:
        with contextlib.ExitStack() as held:
            first = held.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1]
            try:
                for port in (first + 1, first + 2):
                    held.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
            return int(first)


@contextlib.contextmanager
def running_demo(folder: Path) -> Iterator[Demo]:
    """Start `otpward demo` over `folder`, and end it."""
    port = free_port()
    command = [sys.executable, "-m", "otpward", "demo", "--port", str(port), "--data", str(folder)]
    with (folder.parent / "demo.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        site, world = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}"
        deadline = time.monotonic() + _READY_WITHIN_S
        while "Ctrl-C" not in (folder.parent / "demo.log").read_text():
            assert process.poll() is None, (folder.parent / "demo.log").read_text()
            assert time.monotonic() < deadline, (folder.parent / "demo.log").read_text()
            time.sleep(0.1)
        key = Secret(bytes.fromhex((folder / "sandbox" / "transport.key").read_text().strip()))
        records = read_seed_file((folder / "sandbox" / "devices.pskc.xml").read_bytes(), key=key).records
        signs = json.loads((folder / "demo.json").read_text())
        yield Demo(folder=folder, site=site, world=world, signs=signs, devices={one.name: one for one in records})
    finally:
        process.terminate()
        process.wait(20)
