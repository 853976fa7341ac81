"""The sandbox's SIM Swap gateway refuses what the real one would."""

import base64
from typing import Any

import httpx
import pytest

CHECK = "/sim-swap/v1/check"
FINE, CHANGED = "+821055501101", "+821055500011"


def token(client: httpx.Client, *, secret: str = "not-a-secret", **fields: str) -> httpx.Response:
    basic = base64.b64encode(f"sandbox:{secret}".encode()).decode()
    form = {"grant_type": "client_credentials", **fields}
    return client.post("/sim-swap/oauth/token", data=form, headers={"Authorization": f"Basic {basic}"})


def check(client: httpx.Client, body: Any, bearer: str | None = None) -> httpx.Response:
    shown = token(client).json()["access_token"] if bearer is None else bearer
    return client.post(CHECK, json=body, headers={"Authorization": f"Bearer {shown}"})


@pytest.mark.parametrize(("phone", "swapped"), [(FINE, False), (CHANGED, True)])
def test_the_last_four_digits_say_whether_the_sim_is_new(client: httpx.Client, phone: str, swapped: bool) -> None:
    answer = check(client, {"phoneNumber": phone, "maxAge": 72})
    assert (answer.status_code, answer.json()) == (200, {"swapped": swapped})


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "MISSING_IDENTIFIER"),
        ({"phoneNumber": "010-5550-1101"}, 400, "INVALID_ARGUMENT"),
        ({"phoneNumber": 1}, 400, "INVALID_ARGUMENT"),
        ({"phoneNumber": FINE, "maxAge": "72"}, 400, "INVALID_ARGUMENT"),
        ({"phoneNumber": FINE, "maxAge": 0}, 400, "OUT_OF_RANGE"),
        ({"phoneNumber": FINE, "maxAge": 2401}, 400, "OUT_OF_RANGE"),
        ({"phoneNumber": "+821055500003"}, 404, "IDENTIFIER_NOT_FOUND"),
        ([], 400, "INVALID_ARGUMENT"),
    ],
    ids=range(8),
)
def test_what_it_refuses(client: httpx.Client, body: Any, status: int, code: str) -> None:
    answer = check(client, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_broken_gateway(client: httpx.Client) -> None:
    assert check(client, {"phoneNumber": "+821055500007"}).status_code == 503


def test_tokens_are_for_who_has_the_secret_and_end(client: httpx.Client, clock: Any) -> None:
    assert token(client, secret="another").status_code == 401
    assert token(client, grant_type="password").status_code == 400
    assert token(client, scope="everything").status_code == 400
    shown = token(client).json()["access_token"]
    assert check(client, {"phoneNumber": FINE}, shown).status_code == 200
    assert check(client, {"phoneNumber": FINE}, "another").status_code == 401
    clock.move(300)
    assert check(client, {"phoneNumber": FINE}, shown).status_code == 401
