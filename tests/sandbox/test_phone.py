"""The authenticator app: by address, by key, and what it cannot read."""

from urllib.parse import quote

import httpx
import pytest

from otpward.core.oath.totp import totp
from otpward.core.secret import Secret
from otpward.sandbox.world import World
from tests.sandbox.conftest import Clock

SEED = Secret(b"12345678901234567890")
KEY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
URI = f"otpauth://totp/{quote('한빛기관')}:m1001?secret={KEY}&issuer={quote('한빛기관')}&algorithm=SHA1&digits=6&period=30"


def test_an_account_from_a_qr_code_shows_its_code(client: httpx.Client, clock: Clock) -> None:
    made = client.post("/api/phone", json={"uri": URI}).json()
    assert (made["issuer"], made["name"], made["seconds_left"]) == ("한빛기관", "m1001", 20)
    assert made["code"] == totp(SEED, clock())
    clock.move(30)
    assert client.get("/api/phone").json()[0]["code"] == totp(SEED, clock()) != made["code"]


@pytest.mark.parametrize("typed", [KEY, KEY.lower(), " ".join(KEY[start : start + 4] for start in range(0, 32, 4))])
def test_a_typed_key_is_read_as_apps_do(client: httpx.Client, clock: Clock, typed: str) -> None:
    page = client.post("/phone", data={"key": typed, "issuer": "한빛기관", "name": "m1001"})
    code = totp(SEED, clock())
    assert page.status_code == 200
    assert f"{code[:3]} {code[3:]}" in page.text


@pytest.mark.parametrize(
    "typed",
    [{"uri": ""}, {"uri": "https://x"}, {"uri": URI.replace("totp", "hotp") + "&counter=0"}, {"key": "0189"}, {"key": ""}, {}],
)
def test_what_the_app_cannot_read_is_said_beside_the_field(client: httpx.Client, typed: dict[str, str]) -> None:
    answer = client.post("/phone", data=typed)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert client.post("/api/phone", json=typed).status_code == 422
    assert client.get("/api/phone").json() == []


def test_a_new_phone_has_no_accounts(client: httpx.Client, world: World) -> None:
    made = client.post("/api/phone", json={"uri": URI}).json()
    assert client.post(f"/phone/{made['id']}/remove").status_code == 200
    assert client.post(f"/phone/{made['id']}/remove").status_code == 404
    assert world.memory.accounts == []


def test_no_page_and_no_answer_holds_the_key(client: httpx.Client) -> None:
    client.post("/api/phone", json={"uri": URI})
    assert KEY not in client.get("/phone").text
    assert KEY not in client.get("/api/phone").text
    assert KEY not in client.post("/phone", data={"key": f"{KEY}!"}).text
