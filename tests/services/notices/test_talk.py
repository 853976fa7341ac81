"""Notices with an approved template go by KakaoTalk; what it does not show goes as a text, once. All others are texts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from otpward.clerk.mailing import Reminded, remind_all
from otpward.clerk.notices import write_to
from otpward.core.errors import Invalid
from otpward.core.lifecycle.notice import NoticeState
from otpward.core.model.member import Member, Role
from otpward.core.model.notice import Notice
from otpward.core.policy.notice_words import UnfitText
from otpward.core.policy.notices import NoticeKind
from otpward.core.secret import NOTHING, Personal
from otpward.ports.notifier import Arrival, Channel, Message, Question, Refused, Report, Sent
from otpward.services.notices.follow_notices import SILENT_AFTER, follow_notices
from otpward.services.notices.send_batch import send_batch
from otpward.services.notices.word_notice import WordNotice, word_notice
from otpward.services.oversee.send_notice import send_notice
from tests.fakes.sample import Sample

LOCKED, CAMPAIGN = NoticeKind.TOKEN_LOCKED, NoticeKind.REMINDER_CAMPAIGN


class Gateway:
    """Takes all, refuses all, or takes them and says what came of them."""

    most = 100
    knows_ours = True

    def __init__(self, arrival: Arrival | None = Arrival.UNDERWAY, *, refuses: bool = False, falls_back: bool = False) -> None:
        self.arrival, self.refuses, self.falls_back = arrival, refuses, falls_back
        self.took: list[Message] = []

    def send(self, message: Message) -> Sent:
        if self.refuses:
            raise Invalid("it matches no template")
        self.took.append(message)
        return Sent(provider_reference="g", falls_back=self.falls_back)

    def send_many(self, messages: Sequence[Message]) -> list[Sent | Refused]:
        return [Refused(reason="it matches no template")] * len(messages) if self.refuses else [*map(self.send, messages)]

    def ask_after(self, questions: Sequence[Question]) -> Mapping[str, Report]:
        if self.arrival is None:
            return {}
        return {one.reference: Report(provider_reference="g", arrival=self.arrival) for one in questions}


def approve(sample: Sample, kind: NoticeKind = LOCKED, code: str | None = "KA01-LOCKED", **words: str) -> None:
    operator = replace(sample.operator, role=Role.ADMINISTRATOR)
    ask = WordNotice(
        institution_id=sample.institution.id,
        operator=operator,
        kind=kind,
        korean=words.get("korean", ""),
        english=words.get("english", ""),
        talk_code=code,
    )
    sample.house.do(sample.institution.id, lambda desk: word_notice(ask, desk=desk))


def told(sample: Sample, kind: NoticeKind = LOCKED, undo: str = "", member: Member | None = None) -> list[Notice]:
    who = member or sample.member

    def act(desk: Any) -> None:
        with desk.uow as uow:
            write_to([(Channel.SMS, who.phone)], who, kind, desk=desk, undo=undo, undo_not_to=(), case_id=None)
            uow.commit()

    sample.house.do(sample.institution.id, act)
    return notices(sample)


def notices(sample: Sample) -> list[Notice]:
    found = sample.house.look(sample.institution.id, lambda uow: uow.notices.find())
    return sorted(found, key=lambda one: (one.created_at, one.instead_of is not None))


def sent(sample: Sample, talk: Gateway, text: Gateway | None = None) -> None:
    gateways = {Channel.TALK: talk, Channel.SMS: text or Gateway()}
    for one in notices(sample):
        if one.batch_id is not None:
            send_batch(sample.institution.id, one.batch_id, house=sample.house, notifiers=gateways)
        else:
            send_notice(sample.institution.id, one.id, house=sample.house, notifiers=gateways)


def followed(sample: Sample, talk: Gateway) -> None:
    follow_notices(sample.institution.id, house=sample.house, notifiers={Channel.TALK: talk})


def ways(sample: Sample) -> list[tuple[str, NoticeState]]:
    return [(one.channel, one.state) for one in notices(sample)]


def test_a_template_is_filled_in_with_what_the_notice_names(sample: Sample) -> None:
    approve(sample)
    told(sample)
    talk = Gateway()
    sent(sample, talk)
    [one] = talk.took
    assert (one.channel, one.talk_code) == (Channel.TALK, "KA01-LOCKED")
    assert set(one.values) == {"name", "phone", "time"}
    assert one.text.startswith(f"[{one.values['name']}]")


@pytest.mark.parametrize("why", ["no template", "in English", "abroad", "with a link that undoes"])
def test_all_else_goes_as_a_text(sample: Sample, why: str) -> None:
    approve(sample, code="" if why == "no template" else "KA01-LOCKED", korean="[{name}] {phone}", english="[{name}] {phone}")
    changes = {"in English": {"language": "en"}, "abroad": {"phone": Personal("+12025550123")}}
    member = replace(sample.member, **changes.get(why, {}))  # type: ignore[arg-type]
    [one] = told(sample, member=member, undo="https://otp.example/undo/X" if why.startswith("with") else "")
    assert (one.channel, one.talk_code, one.talk_values) == (Channel.SMS, "", NOTHING)


@pytest.mark.parametrize(
    ("talk", "wait", "then"),
    [
        pytest.param(Gateway(Arrival.DELIVERED), 0, [("alimtalk", NoticeState.DELIVERED)], id="it arrives"),
        pytest.param(
            Gateway(Arrival.FAILED), 0, [("alimtalk", NoticeState.FAILED), ("sms", NoticeState.QUEUED)], id="no KakaoTalk"
        ),
        pytest.param(
            Gateway(None), 1, [("alimtalk", NoticeState.UNKNOWN), ("sms", NoticeState.QUEUED)], id="never heard of again"
        ),
        pytest.param(
            Gateway(refuses=True), 0, [("alimtalk", NoticeState.FAILED), ("sms", NoticeState.QUEUED)], id="matches no template"
        ),
        pytest.param(
            Gateway(Arrival.FAILED, falls_back=True), 0, [("alimtalk", NoticeState.FAILED)], id="they had sent the text"
        ),
    ],
)
def test_what_kakaotalk_does_not_show_goes_as_a_text_once(
    sample: Sample, talk: Gateway, wait: int, then: list[tuple[str, NoticeState]]
) -> None:
    approve(sample)
    [first] = told(sample, member=replace(sample.member, email=NOTHING))
    send_notice(sample.institution.id, first.id, house=sample.house, notifiers={Channel.TALK: talk})
    sample.house.clock.at += wait * SILENT_AFTER  # type: ignore[attr-defined]
    for _ in range(2):
        followed(sample, talk)
    assert [way for way in ways(sample) if way[0] != "mail"] == then
    texts = [one for one in notices(sample) if one.channel == "sms"]
    assert [one.text for one in texts] == [first.text] * len(texts)
    assert all(one.instead_of == first.id for one in texts)


def test_without_a_gateway_for_it_everything_is_a_text(sample: Sample) -> None:
    approve(sample)
    told(sample)
    text = Gateway()
    for _ in range(2):
        for one in notices(sample):
            send_notice(sample.institution.id, one.id, house=sample.house, notifiers={Channel.SMS: text})
    assert [one.channel for one in text.took] == [Channel.SMS]


@pytest.mark.parametrize(("arrival", "texts"), [(Arrival.DELIVERED, 0), (Arrival.FAILED, 1), (None, 0)], ids=str)
def test_a_reminder_keeps_its_link_for_the_text_and_nobody_is_asked_twice(
    sample: Sample, arrival: Arrival | None, texts: int
) -> None:
    approve(sample, CAMPAIGN)

    def act(desk: Any) -> None:
        with desk.uow as uow:
            values = {"link": "https://otp.example/r/ABC"}
            remind_all([Reminded(member=sample.member, values=values)], CAMPAIGN, campaign_id=UUID(int=7), desk=desk)
            uow.commit()

    sample.house.do(sample.institution.id, act)
    talk, text = Gateway(arrival), Gateway()
    sent(sample, talk, text)
    assert talk.took[0].values["link"].endswith("/r/ABC")
    sample.house.clock.at += SILENT_AFTER + timedelta(seconds=1)  # type: ignore[attr-defined]
    followed(sample, talk)
    sent(sample, talk, text)
    assert ["/r/ABC" in one.text for one in text.took] == [True] * texts
    assert len(talk.took) == 1
    assert {one.text for one in notices(sample)} == {NOTHING}


@pytest.mark.parametrize(
    ("kind", "code", "what"),
    [(LOCKED, "KA 01", "talk_code"), (LOCKED, "K" * 61, "talk_code"), (NoticeKind.PHONE_CODE, "KA01", "talk_phone")],
)
def test_what_is_no_template_is_not_kept(sample: Sample, kind: NoticeKind, code: str, what: str) -> None:
    with pytest.raises(UnfitText) as caught:
        approve(sample, kind, code)
    assert caught.value.what == what


def test_new_words_keep_the_template_and_a_new_template_the_words(sample: Sample) -> None:
    approve(sample)
    approve(sample, code=None, korean="[{name}] 잠김 {phone}", english="[{name}] locked {phone}")
    approve(sample, code=None, korean="[{name}] 잠김 {phone}", english="[{name}] locked {phone}")
    rows = sample.house.look(sample.institution.id, lambda uow: uow.notice_texts.find(order="number"))
    assert [(one.number, one.talk_code) for one in rows] == [(1, "KA01-LOCKED"), (2, "KA01-LOCKED")]
    assert [bool(one.korean) for one in rows] == [False, True]
