"""Tokens with a button: the code of now, the next code, a clock that is wrong."""

from pathlib import Path
from typing import Any

import httpx
import pytest
import zxingcpp
from PIL import Image, ImageDraw

from otpward.core.oath.hotp import hotp
from otpward.core.oath.totp import totp
from otpward.sandbox.barcode import stripes
from otpward.sandbox.drawer import devices
from otpward.sandbox.world import Profile, World
from tests.sandbox.conftest import Clock, talking_to

BANK, COUNTER, SHA256 = "2600000001", "2600000007", "2600000009"


def press(client: httpx.Client, serial: str) -> dict[str, Any]:
    answer = client.post(f"/api/devices/{serial}/press")
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


@pytest.mark.parametrize("serial", [BANK, SHA256])
def test_a_time_token_shows_the_code_of_its_period(client: httpx.Client, world: World, clock: Clock, serial: str) -> None:
    token = devices(world.folder)[serial]
    shown = press(client, serial)
    assert shown["code"] == totp(token.seed, clock(), algorithm=token.algorithm, period_s=60)
    assert shown["seconds_left"] == 50
    clock.move(49)
    assert client.get(f"/api/devices/{serial}/press").json()["code"] == shown["code"]
    clock.move(1)
    assert client.get(f"/api/devices/{serial}/press").json()["code"] is None
    assert press(client, serial)["code"] != shown["code"]


def test_a_counter_token_never_shows_a_code_again(client: httpx.Client, world: World, folder: Path, clock: Clock) -> None:
    token = devices(world.folder)[COUNTER]
    shown = [press(client, COUNTER)["code"] for _ in range(3)]
    with talking_to(World.open(folder, profile=Profile.TEST, clock=clock)) as after_restart:
        assert after_restart.get(f"/api/devices/{COUNTER}/press").json()["code"] is None
        shown.append(press(after_restart, COUNTER)["code"])
    assert shown == [hotp(token.seed, counter) for counter in range(4)]


def test_a_wrong_clock_shows_another_period(client: httpx.Client, clock: Clock) -> None:
    right = press(client, BANK)["code"]
    assert client.post(f"/api/devices/{BANK}/clock", json={"off_s": -120}).json() == {"serial": BANK, "off_s": -120}
    assert client.get(f"/api/devices/{BANK}/press").json()["code"] is None
    assert press(client, BANK)["code"] != right
    clock.move(120)
    assert press(client, BANK)["code"] == right
    for off_s in ("soon", 10**9, None):
        assert client.post(f"/api/devices/{BANK}/clock", json={"off_s": off_s}).status_code == 422


def test_the_page_has_a_display_and_a_button(client: httpx.Client) -> None:
    assert "화면이 꺼져 있습니다" in client.get(f"/devices/{BANK}").text
    assert client.post(f"/devices/{BANK}/press").url.path == f"/devices/{BANK}"
    code = client.get(f"/api/devices/{BANK}/press").json()["code"]
    assert f"{code[:3]} {code[3:]}" in client.get(f"/devices/{BANK}").text


def test_the_drawer_is_searched_by_serial_model_and_name(client: httpx.Client) -> None:
    for wanted, found in (("0009", [SHA256]), ("홍길동", [SHA256]), ("KC-1", [COUNTER]), ("nothing", [])):
        page = client.get("/devices", params={"q": wanted}).text
        assert [serial for serial in (BANK, COUNTER, SHA256) if serial in page] == found
    first = client.get("/devices").text
    assert first.index(SHA256) < first.index(BANK)


def test_a_serial_that_was_never_sold_is_not_found(client: httpx.Client) -> None:
    assert client.get("/devices/1").status_code == 404
    assert client.post("/api/devices/1/press").status_code == 404
    assert client.post("/api/devices/1/clock", json={"off_s": 1}).status_code == 404


def test_an_empty_drawer_says_how_it_is_filled(tmp_path: Path) -> None:
    with talking_to(World.open(tmp_path, profile=Profile.DEMO)) as client:
        assert "devices.pskc.xml" in client.get("/devices").text
        assert client.get("/api/devices").json() == []


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("devices.pskc.xml", b"<KeyContainer"),
        ("transport.key", b"no hex"),
        ("transport.key", b"00" * 16),
        ("holders.json", b"[]"),
    ],
)
def test_a_broken_file_is_said_and_stops_nothing_else(client: httpx.Client, folder: Path, file: str, content: bytes) -> None:
    (folder / file).write_bytes(content)
    assert client.get("/devices").status_code == 422
    assert client.get("/inbox").status_code == 200


@pytest.mark.parametrize("serial", ["2600000001", "AB-12 Z.9", "0"])
def test_a_scanner_reads_the_stripes(serial: str) -> None:
    bars, width = stripes(serial)
    picture = Image.new("L", ((width + 40) * 3, 150), 255)
    pen = ImageDraw.Draw(picture)
    for left, wide in bars:
        pen.rectangle(((left + 20) * 3, 20, (left + 20 + wide) * 3 - 1, 130), fill=0)
    found = zxingcpp.read_barcodes(picture)
    assert [code.text for code in found] == [serial]
