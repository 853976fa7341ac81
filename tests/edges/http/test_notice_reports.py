"""What a provider reports is believed only if it is signed: by NHN's word, or by Standard Webhooks, fresh and unchanged."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest

from otpward.clerk.notices import tell
from otpward.core.lifecycle.notice import NoticeState
from otpward.core.model.notice import Notice
from otpward.core.policy.notices import NoticeKind
from otpward.core.secret import Secret
from otpward.ports.notifier import Channel, Message, Sent
from otpward.services.oversee.send_notice import send_notice
from tests.fakes.sample import Sample

KEY = b"k" * 32
NHN = "signature-entered-at-the-provider"


@pytest.fixture
def report_secrets() -> dict[str, Secret]:
    return {"nhn": Secret(NHN.encode()), "signed": Secret(b"whsec_" + base64.b64encode(KEY))}


class Gateway:
    def send(self, message: Message) -> Sent:
        return Sent(provider_reference="20261123-1")


@pytest.fixture
def sent(sample: Sample) -> Notice:
    inside = sample.institution.id

    def act(desk: Any) -> None:
        with desk.uow as uow:
            tell(uow.members.get(sample.member.id), NoticeKind.TOKEN_LOCKED, desk=desk, only=Channel.SMS)
            uow.commit()

    sample.house.do(inside, act)
    [notice] = sample.house.look(inside, lambda uow: uow.notices.find())
    send_notice(inside, notice.id, house=sample.house, notifiers={Channel.SMS: Gateway()})
    return notice


def state(sample: Sample, notice: Notice) -> NoticeState:
    return sample.house.look(sample.institution.id, lambda uow: uow.notices.get(notice.id)).state


def signed(sample: Sample, body: bytes, *, key: bytes = KEY, late: timedelta = timedelta(0)) -> dict[str, str]:
    stamp = str(int((sample.house.clock.now() - late).timestamp()))
    mark = base64.b64encode(hmac.digest(key, f"msg_1.{stamp}.".encode() + body, hashlib.sha256)).decode()
    return {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": f"v1a,xx v1,{mark}"}


def post(browser: Any, way: str, body: bytes, headers: dict[str, str]) -> int:
    answer = browser.request("POST", f"/v1/notice-reports/{way}", content=body, headers=headers)
    return int(answer.status_code)


def test_a_signed_report_is_taken_and_again_changes_nothing(browser: Any, sample: Sample, sent: Notice) -> None:
    for arrival, status in (("delivered", 204), ("failed", 204)):
        body = json.dumps({"data": [{"reference": str(sent.id), "arrival": arrival}]}).encode()
        assert post(browser, "signed", body, signed(sample, body)) == status
        assert state(sample, sent) is NoticeState.DELIVERED


def test_nhn_is_believed_by_its_word(browser: Any, sample: Sample, sent: Notice) -> None:
    body = json.dumps({"event": "MESSAGE_RESULT_UPDATE", "hooks": [{"requestId": "20261123-1", "resultCode": "1000"}]}).encode()
    assert post(browser, "nhn", body, {"X-Toast-Webhook-Signature": NHN}) == 204
    assert state(sample, sent) is NoticeState.DELIVERED


FORGED: dict[str, Any] = {
    "nothing": lambda sample, body: {},
    "another key": lambda sample, body: signed(sample, body, key=b"x" * 32),
    "another body": lambda sample, body: signed(sample, body + b" "),
    "played again": lambda sample, body: signed(sample, body, late=timedelta(minutes=6)),
    "from the future": lambda sample, body: signed(sample, body, late=timedelta(minutes=-6)),
    "another id": lambda sample, body: {**signed(sample, body), "webhook-id": "msg_2"},
    "a silly time": lambda sample, body: {**signed(sample, body), "webhook-timestamp": "9" * 40},
    "an empty signature": lambda sample, body: {**signed(sample, body), "webhook-signature": "v1,"},
}


def test_a_forged_report_is_refused(browser: Any, sample: Sample, sent: Notice) -> None:
    body = json.dumps({"data": [{"reference": str(sent.id), "arrival": "failed"}]}).encode()
    for how, forge in FORGED.items():
        assert post(browser, "signed", body, forge(sample, body)) == 401, how
    assert post(browser, "nhn", body, {"X-Toast-Webhook-Signature": "no"}) == 401
    assert state(sample, sent) is NoticeState.HANDED_OVER


def test_a_signed_report_that_cannot_be_read_is_refused(browser: Any, sample: Sample, sent: Notice) -> None:
    for body in (b"", b"{", b"[]", b'{"data": [{"reference": 1}]}', b"[" * 5000, b"\xff"):
        assert post(browser, "signed", body, signed(sample, body)) == 400, body[:20]
        assert post(browser, "nhn", body, {"X-Toast-Webhook-Signature": NHN}) == 400, body[:20]


@pytest.mark.parametrize("report_secrets", [{}], ids=["no secret"])
def test_without_a_secret_the_door_is_not_there(browser: Any) -> None:
    assert {post(browser, way, b"{}", {"X-Toast-Webhook-Signature": ""}) for way in ("nhn", "signed")} == {404}
