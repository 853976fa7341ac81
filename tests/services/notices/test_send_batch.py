"""Reminders leave together, each at most once, wherever we are killed; and nobody is reminded twice by one campaign."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from otpward.clerk.mailing import Enqueued, Reminded, remind_all
from otpward.core.errors import Unavailable, Unsure
from otpward.core.ids import MemberId
from otpward.core.lifecycle.notice import NoticeState
from otpward.core.model.member import Member
from otpward.core.model.notice import Notice
from otpward.core.policy.notices import NoticeKind
from otpward.core.secret import NOTHING, Personal
from otpward.ports.notifier import Arrival, Channel, Message, Question, Refused, Report, Sent
from otpward.services.notices.send_batch import SETTLED, send_batch
from tests.fakes.sample import Sample

CAMPAIGN = UUID(int=7)
KIND = NoticeKind.REMINDER_CAMPAIGN


class Killed(BaseException):
    """What no code catches, as `kill -9`."""


class Gateway:
    """Takes many; breaks as told, before or after it has taken them."""

    most = 3

    def __init__(self, *, knows_ours: bool = True) -> None:
        self.took: list[Message] = []
        self.knows_ours = knows_ours
        self.faults: list[tuple[str, BaseException]] = []

    def send_many(self, messages: Sequence[Message]) -> list[Sent | Refused]:
        when, fault = self.faults.pop(0) if self.faults else ("", None)
        if fault is not None and when == "before":
            raise fault
        self.took += messages
        if fault is not None:
            raise fault
        return [Refused(reason="x") if one.to.endswith("0027") else Sent(provider_reference="g1") for one in messages]

    def send(self, message: Message) -> Sent:
        raise AssertionError("many go together")

    def ask_after(self, questions: Sequence[Question]) -> Mapping[str, Report]:
        have = {one.reference for one in self.took}
        known = [one.reference for one in questions if one.reference in have]
        return {reference: Report(provider_reference="g1", arrival=Arrival.UNDERWAY) for reference in known}

    @property
    def most_to_one(self) -> int:
        return max(Counter(one.to for one in self.took).values(), default=0)


def members(sample: Sample, count: int = 7) -> list[Member]:
    def act(desk: Any) -> list[Member]:
        made = [
            replace(sample.member, id=MemberId(desk.new_id()), login=f"c{n}", phone=Personal(f"+82105560{n:04d}"), version=0)
            for n in range(count)
        ]
        with desk.uow as uow:
            uow.members.add_all(made)
            uow.commit()
        return made

    return sample.house.do(sample.institution.id, act)


def remind(sample: Sample, who: Sequence[Member]) -> Enqueued:
    def act(desk: Any) -> Enqueued:
        with desk.uow as uow:
            asked = [Reminded(member=one, values={"link": f"https://otp.example/r/{one.login}"}) for one in who]
            done = remind_all(asked, KIND, campaign_id=CAMPAIGN, desk=desk)
            uow.commit()
            return done

    return sample.house.do(sample.institution.id, act)


def notices(sample: Sample) -> list[Notice]:
    return sample.house.look(sample.institution.id, lambda uow: uow.notices.find(campaign_id=CAMPAIGN))


def send(sample: Sample, gateway: Gateway, *, last: bool = False) -> timedelta | None:
    [batch_id] = {one.batch_id for one in notices(sample)}
    assert batch_id is not None
    return send_batch(sample.institution.id, batch_id, house=sample.house, notifiers={Channel.SMS: gateway}, last=last)


def wait(sample: Sample) -> None:
    sample.house.clock.at += SETTLED  # type: ignore[attr-defined]


def states(sample: Sample) -> Counter[NoticeState]:
    return Counter(one.state for one in notices(sample))


def test_a_campaign_reaches_each_member_once_and_leaves_no_link_behind(sample: Sample) -> None:
    remind(sample, members(sample))
    gateway = Gateway()
    assert send(sample, gateway) is None
    assert send(sample, gateway) is None
    assert (len(gateway.took), gateway.most_to_one) == (7, 1)
    assert states(sample) == {NoticeState.HANDED_OVER: 7}
    assert {one.text for one in notices(sample)} == {NOTHING}
    assert all(one.only_once and "/r/c" in one.text for one in gateway.took)


def test_nobody_is_reminded_twice_under_one_key(sample: Sample) -> None:
    who = members(sample)
    first, second = remind(sample, who[:5]), remind(sample, who)
    assert (len(first.queued), len(second.queued), len(second.already)) == (5, 2, 5)
    assert len(notices(sample)) == 7


def test_two_devices_of_one_member_make_one_reminder(sample: Sample) -> None:
    [one] = members(sample, 1)
    assert len(remind(sample, [one, one]).queued) == 1


def test_who_has_no_address_is_written_down(sample: Sample) -> None:
    [one] = members(sample, 1)
    nowhere = replace(one, phone=NOTHING, email=NOTHING)
    assert remind(sample, [nowhere]).unreached == (one.id,)
    assert not notices(sample)
    lines = sample.house.look(sample.institution.id, lambda uow: uow.audit.find(subject_id=one.id))
    assert [line.event for line in lines] == ["notice:unreached"]


@pytest.mark.parametrize(("hour", "waits"), [(11, False), (12, True), (15, True), (22, True), (23, False), (3, False)], ids=str)
def test_a_reminder_waits_for_the_morning(sample: Sample, hour: int, waits: bool) -> None:
    sample.house.clock.at = datetime(2026, 11, 23, hour, 30, tzinfo=UTC)  # type: ignore[attr-defined]
    remind(sample, members(sample, 1))
    [one] = notices(sample)
    assert (one.not_before is not None) is waits
    if one.not_before is not None:
        assert (one.not_before.astimezone(UTC).hour, one.not_before.minute) == (23, 0)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("fault", [Killed, Unsure], ids=["killed", "line broken"])
def test_wherever_it_breaks_each_gets_it_once(sample: Sample, when: str, fault: type[BaseException]) -> None:
    remind(sample, members(sample))
    gateway = Gateway()
    gateway.faults = [("", None), (when, fault())]  # type: ignore[list-item]
    if fault is Killed:
        with pytest.raises(Killed):
            send(sample, gateway)
    else:
        assert send(sample, gateway) == SETTLED
    left = send(sample, gateway)
    assert left is not None, "what may still be on the line is left to settle"
    wait(sample)
    assert send(sample, gateway) is None
    assert (len(gateway.took), gateway.most_to_one) == (7, 1)
    assert states(sample) == {NoticeState.HANDED_OVER: 7}


def test_where_nobody_can_be_asked_a_reminder_is_rather_lost_than_sent_twice(sample: Sample) -> None:
    remind(sample, members(sample))
    gateway = Gateway(knows_ours=False)
    gateway.faults = [("after", Killed())]
    with pytest.raises(Killed):
        send(sample, gateway)
    wait(sample)
    assert send(sample, gateway) is None
    assert gateway.most_to_one == 1
    assert states(sample) == {NoticeState.HANDED_OVER: 4, NoticeState.UNKNOWN: 3}


def test_a_gateway_that_is_down_gets_them_later(sample: Sample) -> None:
    remind(sample, members(sample))
    gateway = Gateway()
    gateway.faults = [("", None), ("before", Unavailable("down"))]  # type: ignore[list-item]
    with pytest.raises(Unavailable):
        send(sample, gateway)
    assert states(sample) == {NoticeState.HANDED_OVER: 3, NoticeState.QUEUED: 4}
    assert send(sample, gateway) is None
    assert (len(gateway.took), gateway.most_to_one) == (7, 1)


def test_a_gateway_that_stays_down_fails_them_in_the_end(sample: Sample) -> None:
    remind(sample, members(sample, 2))
    gateway = Gateway()
    gateway.faults = [("before", Unavailable("down"))]
    assert send(sample, gateway, last=True) is None
    assert states(sample) == {NoticeState.FAILED: 2}


def test_what_is_refused_fails_alone(sample: Sample) -> None:
    remind(sample, members(sample, 28))
    gateway = Gateway()
    send(sample, gateway)
    assert states(sample) == {NoticeState.HANDED_OVER: 27, NoticeState.FAILED: 1}
