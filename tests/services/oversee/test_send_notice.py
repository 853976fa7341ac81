"""A notice leaves the house once, and leaves no code behind."""

from uuid import UUID

import pytest

from otpward.core.errors import Invalid, Unavailable
from otpward.core.model.notice import Notice
from otpward.core.model.proof import Act
from otpward.ports.notifier import Channel, Message, Sent
from otpward.services.oversee.send_notice import send_notice
from tests.services.walk import Walk


class Gateway:
    def __init__(self, *answers: Exception) -> None:
        self.answers, self.took = list(answers), list[Message]()

    def send(self, message: Message) -> Sent:
        if self.answers:
            raise self.answers.pop(0)
        self.took.append(message)
        return Sent(provider_reference="ref-1")


def code_notice(walk: Walk) -> Notice:
    walk.send(walk.begin(Act.APPLY))
    (notice,) = walk.look(lambda uow: uow.notices.find(template="phone_code"))
    return notice


def send(walk: Walk, notice_id: UUID, gateway: Gateway | None, *, last: bool = False) -> bool:
    notifiers = {} if gateway is None else {Channel.SMS: gateway}
    return send_notice(walk.inside, notice_id, house=walk.house, notifiers=notifiers, last=last)


def fresh(walk: Walk, notice: Notice) -> Notice:
    return walk.look(lambda uow: uow.notices.get(notice.id))


def test_it_goes_once_and_its_code_is_erased(walk: Walk) -> None:
    notice, gateway = code_notice(walk), Gateway()
    assert send(walk, notice.id, gateway)
    assert send(walk, notice.id, gateway)
    (message,) = gateway.took
    assert (message.to, message.carries_code) == ("+821055501101", True)
    kept = fresh(walk, notice)
    assert (kept.sent_at, kept.provider_reference, kept.text.reveal()) == (walk.now, "ref-1", "")
    assert walk.events()[-1] == "notice:sent=sms:phone_code"


def test_a_gateway_that_does_not_answer_is_asked_again_later(walk: Walk) -> None:
    notice, gateway = code_notice(walk), Gateway(Unavailable("down"))
    with pytest.raises(Unavailable):
        send(walk, notice.id, gateway)
    assert fresh(walk, notice) == notice
    assert send(walk, notice.id, gateway)


@pytest.mark.parametrize(
    ("gateway", "last"), [(Gateway(Invalid("bad number")), False), (None, False), (Gateway(Unavailable()), True)]
)
def test_what_cannot_be_sent_is_marked_and_its_code_erased(walk: Walk, gateway: Gateway | None, last: bool) -> None:
    notice = code_notice(walk)
    assert not send(walk, notice.id, gateway, last=last)
    kept = fresh(walk, notice)
    assert (kept.sent_at, kept.failed_at, kept.text.reveal()) == (None, walk.now, "")
    assert not send(walk, notice.id, Gateway())
    assert walk.events()[-1] == "notice:failed=sms:phone_code"


def test_a_notice_without_a_code_keeps_its_text(walk: Walk) -> None:
    walk.report()
    (notice,) = walk.look(lambda uow: uow.notices.find(channel="sms"))
    send(walk, notice.id, Gateway())
    assert fresh(walk, notice).text == notice.text
