"""A member's phone code, from the service through the outbox and the worker to the phone, by each provider in turn."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from otpward.core.lifecycle.others import ProofState
from otpward.core.model.proof import Act
from otpward.core.policy.notices import NoticeKind
from otpward.notifiers import open_notifiers
from otpward.sandbox import sens, solapi
from otpward.services.prove_identity.begin_proof import BeginProof, begin_proof
from otpward.services.prove_identity.check_code import CheckCode, CodeAnswer, check_code
from otpward.services.prove_identity.send_code import SendCode, send_code
from otpward.settings import Settings, read_settings
from tests.edges.workers.conftest import Installation, installed, started, within
from tests.sandbox.running import Running

pytestmark = pytest.mark.slow

BROWSER, SOURCE = b"b" * 32, "127.0.0.9"
KEYS = {
    "nhn": "app_key = 'sandbox'",
    "sens": f"provider = 'sens'\naccess_key = '{sens.ACCESS_KEY}'\nservice_id = '{sens.SERVICE_ID}'",
    "solapi": f"provider = 'solapi'\napi_key = '{solapi.API_KEY}'",
}
PHONES = {"nhn": "+821055508001", "sens": "+821055508002", "solapi": "+821055508003"}


def written(folder: Path, provider: str, outside: Running) -> Settings:
    """Settings as an operator writes them."""
    (folder / "sandbox.secret").write_text("not-a-secret")
    shared = f"base_url = '{outside.base_url}'\nsecret_key_file = 'sandbox.secret'\nsender = '1588-0000'"
    (folder / "otpward.toml").write_text(f"profile = 'test'\n[sms]\n{KEYS[provider]}\n{shared}\n")
    return read_settings(folder, {})


def prove(installation: Installation, phone: str, read: Callable[[], str]) -> CodeAnswer:
    """Begin a proof, ask for the code, type what arrives on the phone."""
    house, inside = installation.opened.house, installation.inside
    begin = BeginProof(institution_id=inside, act=Act.APPLY, browser=BROWSER, source=SOURCE, login="texted", phone=phone)
    proof = house.do(inside, lambda desk: begin_proof(begin, desk=desk))
    house.do(inside, lambda desk: send_code(SendCode(proof_id=proof.id, browser=BROWSER, source=SOURCE), desk=desk))
    typed = CheckCode(proof_id=proof.id, browser=BROWSER, code=read(), source=SOURCE)
    answer, judged = house.do(inside, lambda desk: check_code(typed, desk=desk))
    assert (judged.state is ProofState.PASSED) is (answer is CodeAnswer.PASSED)
    return answer


@pytest.mark.parametrize("provider", KEYS)
def test_a_phone_code_arrives_by_each_provider_and_proves(tmp_path: Path, outside: Running, provider: str) -> None:
    phone = PHONES[provider]

    def newest() -> str:
        assert within(20, lambda: bool(inbox(outside, phone)))
        text = inbox(outside, phone)[0]
        assert text["via"] == provider
        assert text["from"] == "15880000"
        return text["text"].partition("인증번호 ")[2][:6]

    with installed(written(tmp_path, provider, outside), outside) as installation:
        installation.add("texted", phone)
        end = started(installation)
        try:
            assert prove(installation, phone, newest) is CodeAnswer.PASSED
            [code] = installation.opened.house.look(installation.inside, lambda uow: uow.notices.find(template="phone_code"))
            assert within(20, lambda: installation.notice(code.id).sent_at is not None)
            assert installation.notice(code.id).provider_reference
            assert installation.notice(code.id).text.reveal() == ""
        finally:
            end()


@pytest.mark.parametrize("provider", ["sens", "solapi"])
def test_what_a_provider_refuses_is_given_up_and_what_it_cannot_do_now_is_tried_again(
    tmp_path: Path, outside: Running, provider: str
) -> None:
    settings = written(tmp_path, provider, outside)
    with installed(settings, outside) as installation:
        for login, phone in (("refused", "+821055500027"), ("broken", "+821055500007"), ("fine", PHONES[provider][:-1] + "9")):
            installation.add(login, phone)
        [refused] = installation.tell("refused", NoticeKind.CASE_SUBMITTED, number="R-261123-NO")
        [broken] = installation.tell("broken", NoticeKind.CASE_SUBMITTED, number="R-261123-LATER")
        [fine] = installation.tell("fine", NoticeKind.CASE_SUBMITTED, number="R-261123-YES")
        end = started(installation, attempts=3)
        try:
            assert within(20, lambda: installation.notice(fine).sent_at is not None)
            assert within(20, lambda: installation.notice(refused).failed_at is not None)
            assert within(20, lambda: installation.notice(broken).failed_at is not None)
        finally:
            end()


def test_a_key_that_the_provider_does_not_know_sends_nothing_and_fails_nothing_at_once(
    tmp_path: Path, outside: Running
) -> None:
    settings = written(tmp_path, "solapi", outside)
    (tmp_path / "sandbox.secret").write_text("another")
    with installed(settings, outside) as installation:
        installation.add("waiting", "+821055508004")
        [notice] = installation.tell("waiting", NoticeKind.CASE_SUBMITTED, number="R-261123-KEY")
        end = started(installation, first_wait_s=30)
        try:
            assert not within(2, lambda: installation.notice(notice).failed_at is not None)
            assert inbox(outside, "+821055508004") == []
        finally:
            end()


def test_without_keys_there_is_no_gateway(tmp_path: Path) -> None:
    (tmp_path / "otpward.toml").write_text("")
    assert open_notifiers(read_settings(tmp_path, {})) == {}


def inbox(outside: Running, phone: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = httpx.get(f"{outside.base_url}/api/messages", params={"to": phone}).json()
    return found
