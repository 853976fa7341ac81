"""SMS by NHN Cloud: sent only when every answer says so, and nothing of it is ever logged."""

import json
import logging
from typing import Any

import httpx
import pytest

from otpward.adapters.bounded import ANSWER_LIMIT
from otpward.adapters.notify.nhn import NhnSmsNotifier, check_text, recipient
from otpward.adapters.notify.sms import Kind
from otpward.core.errors import Invalid, Unavailable
from otpward.core.secret import Secret
from otpward.ports.notifier import Channel, Message
from tests.adapters.conftest import Faulty
from tests.sandbox.running import Running

CODE_TEXT = "[한빛기관] 인증번호 482913"


def notifier(base_url: str, http: httpx.Client, *, secret: bytes = b"not-a-secret", timeout: float = 5) -> NhnSmsNotifier:
    return NhnSmsNotifier(base_url, "sandbox", Secret(secret), "1588-0000", http, timeout)


def sms(text: str = CODE_TEXT, to: str = "+821012345678", *, carries_code: bool = True) -> Message:
    return Message(channel=Channel.SMS, to=to, text=text, carries_code=carries_code)


def answer(result_code: int = 0, *, header_code: int = 0, good: bool = True, results: int = 1) -> dict[str, Any]:
    return {
        "header": {"isSuccessful": good, "resultCode": header_code, "resultMessage": ""},
        "body": {"data": {"requestId": "R1", "sendResultList": [{"resultCode": result_code}] * results}} if good else None,
    }


@pytest.mark.parametrize(("carries_code", "kind"), [(True, "auth"), (False, "sms")])
def test_a_text_arrives_on_the_phone_by_its_route(sandbox: Running, http: httpx.Client, carries_code: bool, kind: str) -> None:
    to = f"+8210{'11' if carries_code else '22'}223344"
    sent = notifier(sandbox.base_url, http).send(sms(to=to, carries_code=carries_code))
    assert sent.provider_reference
    newest = http.get(f"{sandbox.base_url}/api/messages", params={"to": to}).json()[0]
    assert (newest["text"], newest["kind"], newest["from"]) == (CODE_TEXT, kind, "15880000")


def test_a_text_abroad_keeps_its_country(sandbox: Running, http: httpx.Client) -> None:
    notifier(sandbox.base_url, http).send(sms(to="+14155552671"))
    assert http.get(f"{sandbox.base_url}/api/messages", params={"to": "+14155552671"}).json()


@pytest.mark.parametrize(
    ("to", "timeout", "kind"),
    [("+821012340007", 5, Unavailable), ("+821012340017", 0.3, Unavailable), ("+821012340027", 5, Invalid)],
    ids=["the gateway is broken", "the gateway is slow", "the carrier refuses"],
)
def test_a_failing_number_fails_as_the_world_provokes_it(
    sandbox: Running, http: httpx.Client, to: str, timeout: float, kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        notifier(sandbox.base_url, http, timeout=timeout).send(sms(to=to))


def test_a_wrong_key_of_ours_is_not_the_message_s_fault(sandbox: Running, http: httpx.Client) -> None:
    with pytest.raises(Unavailable):
        notifier(sandbox.base_url, http, secret=b"another").send(sms())


def test_the_request_is_what_the_gateway_documents(faulty: Faulty, http: httpx.Client) -> None:
    faulty.body = json.dumps(answer()).encode()
    NhnSmsNotifier(faulty.base_url + "/", "a/b", Secret(b"k"), "1588-0000", http, 5).send(sms())
    assert faulty.asked == ["/sms/v3.0/appKeys/a%2Fb/sender/auth/sms"]
    assert json.loads(faulty.sent[0]) == {
        "body": CODE_TEXT,
        "sendNo": "15880000",
        "recipientList": [{"recipientNo": "01012345678"}],
    }


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, answer(-2019), Invalid),
        (200, answer(header_code=-2014, good=False), Invalid),
        (200, answer(header_code=-9999, good=False), Unavailable),
        (200, answer(header_code=-1000, good=False), Unavailable),
        (200, answer(results=0), Unavailable),
        (200, {"header": {"isSuccessful": True, "resultCode": 0}}, Unavailable),
        (200, {"header": {"isSuccessful": "true", "resultCode": 0}}, Unavailable),
        (200, {"header": {"isSuccessful": True, "resultCode": "0"}}, Unavailable),
        (200, [], Unavailable),
        (400, {}, Invalid),
        (403, {}, Unavailable),
        (429, {}, Unavailable),
        (500, answer(), Unavailable),
    ],
    ids=str,
)
def test_only_a_whole_yes_is_a_yes(faulty: Faulty, http: httpx.Client, status: int, body: Any, kind: type[Exception]) -> None:
    faulty.status, faulty.body = status, json.dumps(body).encode()
    with pytest.raises(kind):
        notifier(faulty.base_url, http).send(sms())


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"<html>", b'{"header":', b"[" * 100_000], ids=lambda body: repr(body[:10]))
def test_garbage_is_not_an_answer(faulty: Faulty, http: httpx.Client, body: bytes) -> None:
    faulty.body = body
    with pytest.raises(Unavailable):
        notifier(faulty.base_url, http).send(sms())


def test_an_answer_without_end_is_not_read_to_its_end(faulty: Faulty, http: httpx.Client) -> None:
    faulty.body = b" " * (ANSWER_LIMIT * 4)
    with pytest.raises(Unavailable, match="too large"):
        notifier(faulty.base_url, http).send(sms())


def test_an_answer_in_drips_is_cut_off(faulty: Faulty, http: httpx.Client) -> None:
    faulty.body, faulty.chunk_wait_s = b" " * 20, 0.1
    with pytest.raises(Unavailable, match="in time"):
        notifier(faulty.base_url, http, timeout=0.4).send(sms())


def test_our_key_does_not_follow_a_redirect(faulty: Faulty, http: httpx.Client) -> None:
    http.follow_redirects = True
    faulty.status, faulty.headers = 307, {"Location": f"{faulty.base_url}/elsewhere"}
    with pytest.raises(Unavailable):
        notifier(faulty.base_url, http).send(sms())
    assert len(faulty.asked) == 1


def test_nobody_there_is_unavailable(http: httpx.Client) -> None:
    with pytest.raises(Unavailable):
        notifier("http://127.0.0.1:9", http).send(sms())


def plain(text: str) -> Message:
    return Message(channel=Channel.SMS, to="+821012345678", text=text)


def code(text: str) -> Message:
    return Message(channel=Channel.SMS, to="+821012345678", text=text, carries_code=True)


@pytest.mark.parametrize(
    "text",
    ["", "  ", "가" * 1001, "a" * 2001, "인증번호 123456 😀", "인증 日本語テスト𠮷"],
    ids=["empty", "blank", "1001 syllables", "2001 letters", "emoji", "rare character"],
)
def test_a_text_that_sms_cannot_carry_is_refused_before_it_is_sent(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_text(plain(text))
    assert refusal.value.field == "text"


@pytest.mark.parametrize(
    "text", ["가" * 45, "a" * 90, "뷁똠펲 님, 인증번호 123456"], ids=["45 syllables", "90 letters", "rare names"]
)
def test_ninety_bytes_are_carried_short(text: str) -> None:
    assert check_text(plain(text)) is Kind.SMS
    assert check_text(plain(text + "x" * 91)) is Kind.LMS
    with pytest.raises(Invalid):
        check_text(code(text + "x" * 91))


@pytest.mark.parametrize("text", ["인증번호 1", "비밀번호 1", "AUTH 1", "Password 1", "verify 1"])
def test_the_quick_route_takes_a_text_that_says_what_it_is_for(text: str) -> None:
    check_text(code(text))
    with pytest.raises(Invalid):
        check_text(code("123456"))


@pytest.mark.parametrize(
    ("to", "entry"),
    [
        ("+821012345678", {"recipientNo": "01012345678"}),
        ("+82212345678", {"recipientNo": "0212345678"}),
        ("+14155552671", {"recipientNo": "4155552671", "countryCode": "1"}),
        ("+390612345678", {"recipientNo": "0612345678", "countryCode": "39"}),
    ],
)
def test_a_number_is_written_as_the_gateway_wants_it(to: str, entry: dict[str, str]) -> None:
    assert recipient(to) == entry


@pytest.mark.parametrize("to", ["", "01012345678", "+82", "+82101234567890123", "hong@example.com", "+8210123456;ext=9"])
def test_what_is_no_number_is_refused(to: str) -> None:
    with pytest.raises(Invalid) as refusal:
        recipient(to)
    assert refusal.value.field == "to"


def test_a_mail_is_not_sent_as_sms(http: httpx.Client) -> None:
    with pytest.raises(Invalid):
        notifier("http://127.0.0.1:9", http).send(Message(channel=Channel.MAIL, to="a@b.example", text="x"))


def test_neither_text_nor_number_nor_key_is_logged(
    sandbox: Running, http: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    notifier(sandbox.base_url, http).send(sms())
    with pytest.raises(Unavailable) as fault:
        notifier(sandbox.base_url, http).send(sms(to="+821012340007"))
    said = caplog.text + str(fault.value)
    assert not [word for word in ("482913", "1234", "not-a-secret", "appKeys") if word in said]
