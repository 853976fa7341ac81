"""What became of a notice is asked, or told; a warning that did not arrive goes another way, once."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from otpward.clerk.notices import tell
from otpward.core.audit import AuditEvent
from otpward.core.lifecycle.notice import NoticeState
from otpward.core.model.notice import Notice
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.rates import NOTICES_PER_MEMBER
from otpward.ports.notifier import Arrival, Channel, Message, Question, Report, Sent
from otpward.services.notices.follow_notices import SILENT_AFTER, follow_notices, take_report
from otpward.services.oversee.send_notice import send_notice
from tests.fakes.sample import Sample


class Gateway:
    knows_ours = True

    def __init__(self, arrival: Arrival | None) -> None:
        self.arrival = arrival

    def send(self, message: Message) -> Sent:
        return Sent(provider_reference=f"r-{message.reference}", provider="first")

    def ask_after(self, questions: Sequence[Question]) -> Mapping[str, Report]:
        if self.arrival is None:
            return {}
        return {one.reference: Report(provider_reference=one.provider_reference, arrival=self.arrival) for one in questions}


def told(
    sample: Sample, kind: NoticeKind = NoticeKind.TOKEN_LOCKED, only: Channel | None = Channel.SMS, **values: str
) -> Notice:
    def act(desk: Any) -> None:
        with desk.uow as uow:
            member = uow.members.get(sample.member.id)
            tell(member, kind, desk=desk, only=only, phone_lost=False, also=(), undo="", undo_not_to=(), case_id=None, **values)
            uow.commit()

    sample.house.do(sample.institution.id, act)
    return notices(sample)[-1]


def _take(reference: str, report: Report, desk: Any) -> bool:
    return take_report(reference, report, desk=desk)


def notices(sample: Sample) -> list[Notice]:
    return sample.house.look(sample.institution.id, lambda uow: uow.notices.find(order="created_at"))


def send(sample: Sample, gateway: Gateway) -> None:
    for one in notices(sample):
        send_notice(sample.institution.id, one.id, house=sample.house, notifiers={Channel.SMS: gateway})


def follow(sample: Sample, gateway: Gateway) -> int:
    return follow_notices(sample.institution.id, house=sample.house, notifiers={Channel.SMS: gateway})


def test_what_arrived_is_written_down_once(sample: Sample) -> None:
    told(sample)
    gateway = Gateway(Arrival.DELIVERED)
    send(sample, gateway)
    assert follow(sample, gateway) == 1
    assert follow(sample, gateway) == 0
    [one] = notices(sample)
    assert (one.state, one.delivered_at, one.provider) == (NoticeState.DELIVERED, sample.house.clock.now(), "first")
    lines = sample.house.look(sample.institution.id, lambda uow: uow.audit.find(event=AuditEvent.NOTICE_DELIVERED))
    assert len(lines) == 1


@pytest.mark.parametrize(
    ("arrival", "wait", "state"),
    [
        pytest.param(Arrival.FAILED, timedelta(0), NoticeState.FAILED, id="it did not arrive"),
        pytest.param(Arrival.UNDERWAY, SILENT_AFTER, NoticeState.UNKNOWN, id="taken, and never heard of again"),
        pytest.param(None, SILENT_AFTER, NoticeState.UNKNOWN, id="the gateway does not know it any more"),
    ],
)
def test_a_warning_that_did_not_arrive_goes_by_mail(
    sample: Sample, arrival: Arrival | None, wait: timedelta, state: NoticeState
) -> None:
    first = told(sample)
    gateway = Gateway(arrival)
    send(sample, gateway)
    sample.house.clock.at += wait  # type: ignore[attr-defined]
    follow(sample, gateway)
    follow(sample, gateway)
    by_channel = {one.channel: one for one in notices(sample)}
    assert set(by_channel) == {"sms", "mail"}
    assert (by_channel["sms"].state, by_channel["mail"].instead_of) == (state, first.id)
    assert by_channel["mail"].text == first.text


def test_who_was_told_both_ways_is_not_told_a_third_time(sample: Sample) -> None:
    told(sample, only=None)
    gateway = Gateway(Arrival.FAILED)
    send(sample, gateway)
    follow(sample, gateway)
    assert len(notices(sample)) == 2


def test_a_code_does_not_go_another_way(sample: Sample) -> None:
    told(sample, NoticeKind.PHONE_CODE, code="123456", minutes="10")
    gateway = Gateway(Arrival.FAILED)
    send(sample, gateway)
    follow(sample, gateway)
    assert len(notices(sample)) == 1


@pytest.mark.parametrize("reference", ["", "r-nobody", "x" * 5000, "00000000-0000-0000-0000-000000000000", "\u0000"], ids=ascii)
def test_a_report_of_what_we_did_not_send_changes_nothing(sample: Sample, reference: str) -> None:
    told(sample)
    send(sample, Gateway(None))
    report = Report(provider_reference=reference, arrival=Arrival.FAILED)
    assert not sample.house.do(sample.institution.id, lambda desk: take_report(reference, report, desk=desk))
    assert [one.state for one in notices(sample)] == [NoticeState.HANDED_OVER]


def test_what_has_arrived_cannot_be_told_away(sample: Sample) -> None:
    one = told(sample)
    send(sample, Gateway(None))
    for arrival in (Arrival.DELIVERED, Arrival.FAILED):
        report = Report(provider_reference="", arrival=arrival)
        sample.house.do(sample.institution.id, partial(_take, str(one.id), report))
    assert [one.state for one in notices(sample)] == [NoticeState.DELIVERED]


def test_nobody_is_bombed_with_one_fact_and_new_facts_are_always_told(sample: Sample) -> None:
    for _ in range(NOTICES_PER_MEMBER.limit + 10):
        told(sample)
    assert len(notices(sample)) == NOTICES_PER_MEMBER.limit
    told(sample, NoticeKind.PASSKEY_ADDED)
    assert len(notices(sample)) == NOTICES_PER_MEMBER.limit + 1
    sample.house.clock.at += NOTICES_PER_MEMBER.window  # type: ignore[attr-defined]
    told(sample)
    assert len(notices(sample)) == NOTICES_PER_MEMBER.limit + 2
