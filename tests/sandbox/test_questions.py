"""Tokens that answer questions: what the display shows is what RFC 6287 says."""

from pathlib import Path

import httpx
import pytest

from otpward.core.secret import Secret
from otpward.sandbox.drawer import KEY_FILE, SEED_FILE
from otpward.sandbox.factory import BANK, SIGNER, make_devices
from otpward.sandbox.world import Profile, World
from tests.fakes.signer import COUNTED, TIMED, WHOLE, Signer, seed_file
from tests.sandbox.conftest import Clock, fixed_entropy, talking_to

SESSION = "ab" * 32


@pytest.fixture
def signers(tmp_path: Path) -> dict[str, Signer]:
    """Three tokens in the drawer, by serial."""
    made = [Signer(suite=suite, serial=serial) for suite, serial in ((COUNTED, "OC-1"), (TIMED, "OC-2"), (WHOLE, "OC-3"))]
    (tmp_path / SEED_FILE).write_bytes(seed_file(*made))
    return {one.serial: one for one in made}


@pytest.fixture
def client(tmp_path: Path, signers: dict[str, Signer], clock: Clock) -> httpx.Client:
    return talking_to(World.open(tmp_path, profile=Profile.TEST, clock=clock))


def ask(client: httpx.Client, serial: str, **fields: str) -> str:
    answer = client.post(f"/api/devices/{serial}/answer", json=fields)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["code"])


def test_a_question_has_its_answer_and_a_counter_moves_on(
    client: httpx.Client, signers: dict[str, Signer], clock: Clock
) -> None:
    signer = signers["OC-1"]
    for counter in range(3):
        signer.counter = counter
        assert ask(client, "OC-1", question="12345678") == signer.answer("12345678", clock())


def test_time_is_that_of_the_token(client: httpx.Client, signers: dict[str, Signer], clock: Clock) -> None:
    now = clock()
    assert ask(client, "OC-2", question="SIG1000000") == signers["OC-2"].answer("SIG1000000", now)
    client.post("/api/devices/OC-2/clock", json={"off_s": 120})
    clock.move(-120)
    assert ask(client, "OC-2", question="SIG1000000") == signers["OC-2"].answer("SIG1000000", now)


def test_pin_session_and_its_own_question_take_part(client: httpx.Client, signers: dict[str, Signer], clock: Clock) -> None:
    signer, question = signers["OC-3"], "0123456789ABCDEF"
    assert ask(client, "OC-3", question=question, session=SESSION) == signer.answer(question, clock(), session=SESSION)
    signer.counter = 1
    mutual = ask(client, "OC-3", question=question, session=SESSION, client_challenge="F" * 16)
    assert mutual == signer.answer(question, clock(), session=SESSION, mine="F" * 16)


def test_on_the_page_a_question_is_typed_with_or_without_spaces(
    client: httpx.Client, signers: dict[str, Signer], clock: Clock
) -> None:
    page = client.get("/devices/OC-1").text
    assert "질문을 넣으면 답이 나타납니다" in page
    assert "/press" not in page
    assert 'name="session"' not in page
    assert 'name="session"' in client.get("/devices/OC-3").text
    client.post("/devices/OC-1/answer", data={"question": "1234 5678"})
    code = signers["OC-1"].answer("12345678", clock())
    assert f"{code[:3]} {code[3:]}" in client.get("/devices/OC-1").text
    clock.move(31)
    assert f"{code[:3]} {code[3:]}" not in client.get("/devices/OC-1").text
    assert "질문마다 바뀜" in client.get("/devices").text


@pytest.mark.parametrize("question", ["", "1234567a", "123456789", "１２３４５６７８", "1" * 10_240])
def test_what_is_no_question_is_refused(client: httpx.Client, question: str) -> None:
    assert client.post("/api/devices/OC-1/answer", json={"question": question}).status_code == 422
    assert client.post("/devices/OC-1/answer", data={"question": question}).status_code == 422


def test_nothing_is_shown_unasked(client: httpx.Client) -> None:
    assert client.post("/api/devices/OC-1/press").status_code == 422
    assert client.post("/api/devices/OC-3/answer", json={"question": "0" * 16}).status_code == 422
    assert client.post("/api/devices/OC-9/answer", json={"question": "1"}).status_code == 404


def test_a_token_of_another_kind_answers_none(tmp_path: Path) -> None:
    key = Secret(bytes(16))
    (tmp_path / KEY_FILE).write_text(key.reveal().hex())
    (tmp_path / SEED_FILE).write_bytes(make_devices(2, key=key, entropy=fixed_entropy(), box=(BANK, SIGNER)))
    with talking_to(World.open(tmp_path, profile=Profile.TEST)) as client:
        assert client.post("/api/devices/2600000001/answer", json={"question": "12345678"}).status_code == 422
        assert client.post("/api/devices/2600000002/answer", json={"question": "12345678"}).json()["kind"] == "ocra"
