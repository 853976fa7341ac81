"""SIM Swap of CAMARA: the sandbox as it should answer, a server that answers as it should not, and what never leaves us."""

import base64
import json
from datetime import timedelta
from urllib.parse import parse_qs

import httpx
import pytest

from otpward.adapters.identity.sim_swap import SimSwapGateway
from otpward.core.errors import Unavailable
from otpward.core.secret import Personal, Secret
from tests.adapters.conftest import Faulty
from tests.sandbox.running import Running

FINE, CHANGED, NOBODY, BROKEN, SLOW = (Personal(f"+82105550{end}") for end in ("1101", "0011", "0003", "0007", "0017"))
THREE_DAYS = timedelta(hours=72)


def gateway(base_url: str, http: httpx.Client, secret: str = "not-a-secret", whole_s: float = 2.0) -> SimSwapGateway:
    return SimSwapGateway(
        base_url=base_url,
        token_url=f"{base_url}/sim-swap/oauth/token",
        client_id="sandbox",
        secret=Secret(secret.encode()),
        http=http,
        whole_s=whole_s,
    )


@pytest.fixture
def ours(sandbox: Running, http: httpx.Client) -> SimSwapGateway:
    return gateway(sandbox.base_url, http)


@pytest.mark.parametrize(("phone", "changed"), [(FINE, False), (CHANGED, True)], ids=["the same SIM", "a new SIM"])
def test_the_carrier_says_whether_the_sim_was_changed(ours: SimSwapGateway, phone: Personal, changed: bool) -> None:
    assert ours.sim_changed(phone, within=THREE_DAYS) is changed
    assert ours.sim_changed(phone, within=THREE_DAYS) is changed


@pytest.mark.parametrize("phone", [NOBODY, BROKEN], ids=["nobody's customer", "broken"])
def test_an_error_is_no_answer(ours: SimSwapGateway, phone: Personal) -> None:
    with pytest.raises(Unavailable):
        ours.sim_changed(phone, within=THREE_DAYS)


def test_a_slow_gateway_is_not_waited_for(sandbox: Running, http: httpx.Client) -> None:
    with pytest.raises(Unavailable):  # after twenty seconds it would have answered
        gateway(sandbox.base_url, http, whole_s=0.6).sim_changed(SLOW, within=THREE_DAYS)


def test_a_wrong_secret_is_no_answer(sandbox: Running, http: httpx.Client) -> None:
    with pytest.raises(Unavailable):
        gateway(sandbox.base_url, http, "another").sim_changed(FINE, within=THREE_DAYS)


def test_what_is_asked_in_whole_hours_that_the_interface_knows(faulty: Faulty, http: httpx.Client) -> None:
    faulty.body = b'{"access_token":"t","expires_in":300,"swapped":false}'
    ours = gateway(faulty.base_url, http)
    for within in (THREE_DAYS, timedelta(hours=2, minutes=59), timedelta(seconds=1), timedelta(days=1000)):
        assert ours.sim_changed(FINE, within=within) is False
    assert faulty.asked == ["/sim-swap/oauth/token", *["/sim-swap/v1/check"] * 4], "one token for all"
    assert parse_qs(faulty.sent[0].decode()) == {"grant_type": ["client_credentials"], "scope": ["sim-swap:check"]}
    assert base64.b64decode(faulty.heard[0]["authorization"].removeprefix("Basic ")) == b"sandbox:not-a-secret"
    assert faulty.heard[1]["authorization"] == "Bearer t"
    asked = [json.loads(body) for body in faulty.sent[1:]]
    assert {one["phoneNumber"] for one in asked} == {"+821055501101"}
    assert [one["maxAge"] for one in asked] == [72, 2, 1, 2400]


def test_a_token_that_is_refused_is_asked_for_anew(faulty: Faulty, http: httpx.Client) -> None:
    faulty.body = b'{"access_token":"t","expires_in":300,"swapped":false}'
    ours = gateway(faulty.base_url, http)
    ours.sim_changed(FINE, within=THREE_DAYS)
    faulty.status = 401
    with pytest.raises(Unavailable):
        ours.sim_changed(FINE, within=THREE_DAYS)
    faulty.status = 200
    ours.sim_changed(FINE, within=THREE_DAYS)
    assert faulty.asked.count("/sim-swap/oauth/token") == 2


def test_a_token_without_a_life_is_used_once(faulty: Faulty, http: httpx.Client) -> None:
    faulty.body = b'{"access_token":"t","swapped":false}'
    ours = gateway(faulty.base_url, http)
    for _ in range(2):
        ours.sim_changed(FINE, within=THREE_DAYS)
    assert faulty.asked.count("/sim-swap/oauth/token") == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"access_token":"t\\r\\nX: y","expires_in":300}',
        b'{"access_token":"t","expires_in":300}',
        b'{"access_token":"t","expires_in":300,"swapped":"false"}',
        b'{"access_token":"t","expires_in":300,"swapped":null}',
        b'{"access_token":"t","expires_in":300,"swapped":false,"x":"' + b"x" * 300_000 + b'"}',
        b"[" * 10_000,
    ],
    ids=["nothing", "cut off", "a list", "a header in the token", "no word", "a text", "null", "300 kB", "deep"],
)
def test_what_cannot_be_read_is_no_answer(faulty: Faulty, http: httpx.Client, body: bytes) -> None:
    faulty.body = body
    with pytest.raises(Unavailable):
        gateway(faulty.base_url, http).sim_changed(FINE, within=THREE_DAYS)


@pytest.mark.parametrize("status", [201, 302, 400, 403, 404, 422, 429, 500, 503])
def test_any_other_status_is_no_answer(faulty: Faulty, http: httpx.Client, status: int) -> None:
    faulty.status, faulty.body = status, b'{"access_token":"t","expires_in":300,"swapped":false}'
    faulty.headers = {"Location": f"{faulty.base_url}/elsewhere"}
    with pytest.raises(Unavailable) as silent:
        gateway(faulty.base_url, http).sim_changed(FINE, within=THREE_DAYS)
    assert "/elsewhere" not in faulty.asked
    assert "+8210" not in str(silent.value)
