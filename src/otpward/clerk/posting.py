"""A notice on its way out: what is handed over, and how its fate is filed."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from otpward.clerk.quiet import morning_of
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.lifecycle.notice import NoticeEvent, NoticeState, advance_notice
from otpward.core.model.notice import Notice
from otpward.core.policy.notices import REMINDERS
from otpward.core.secret import NOTHING
from otpward.ports.desk import Desk
from otpward.ports.notifier import Arrival, Channel, Message, Question, Refused, Report, Sent

BY: Final = Actor(kind=ActorKind.SYSTEM, source="outbox")
_ARRIVED: Final = {Arrival.DELIVERED: NoticeEvent.DELIVER, Arrival.FAILED: NoticeEvent.FAIL}


def message_of(notice: Notice, *, stop: str = "") -> Message:
    """The notice as it is handed over."""
    reminds = is_reminder(notice)
    return Message(
        channel=Channel(notice.channel),
        to=notice.recipient.reveal(),
        text=notice.text.reveal(),
        subject=notice.subject.reveal(),
        carries_code=notice.carries_code,
        reference=str(notice.id),
        kind=notice.template,
        only_once=reminds,
        stop=stop if reminds else "",
        talk_code=notice.talk_code,
        values=json.loads(notice.talk_values.reveal() or "{}"),
    )


def question_of(notice: Notice) -> Question:
    """What a provider is asked after a notice."""
    return Question(
        reference=str(notice.id),
        provider_reference=notice.provider_reference,
        to=notice.recipient.reveal(),
        sent_at=notice.sent_at or notice.handing_at or notice.created_at,
        provider=notice.provider,
    )


def is_reminder(notice: Notice) -> bool:
    """Whether it only reminds."""
    return notice.template in REMINDERS


def begun(notice: Notice, *, now: datetime) -> Notice:
    """The notice at the moment in which it is handed over."""
    return replace(notice, state=advance_notice(notice.state, NoticeEvent.BEGIN), handing_at=now)


def taken(notice: Notice, sent: Sent, *, now: datetime) -> Notice:
    """A provider has it. A code is erased, and the link of a reminder; one that undoes stays until it has arrived, and so does
    all that goes as a text of ours where KakaoTalk does not show it."""
    follows = bool(notice.talk_code) and not sent.falls_back
    gone = notice.carries_code or (notice.holds_link and is_reminder(notice) and not follows)
    return replace(
        notice,
        state=advance_notice(notice.state, NoticeEvent.TAKE),
        sent_at=now,
        provider=sent.provider[:20],
        provider_reference=sent.provider_reference[:200],
        text=NOTHING if gone else notice.text,
        talk_code=notice.talk_code if follows else "",
    )


def failed(notice: Notice, *, now: datetime) -> Notice:
    """No provider takes it, or it did not arrive."""
    return _erased(replace(notice, state=advance_notice(notice.state, NoticeEvent.FAIL), failed_at=now))


def lost(notice: Notice) -> Notice:
    """Nobody knows whether it arrives."""
    return _erased(replace(notice, state=advance_notice(notice.state, NoticeEvent.LOSE)))


def waiting(notice: Notice) -> Notice:
    """No provider has it; it is tried again."""
    return replace(notice, state=advance_notice(notice.state, NoticeEvent.WAIT), handing_at=None)


def reported(notice: Notice, report: Report, *, now: datetime) -> Notice:
    """As the provider says; what it says again, or of what is over, changes nothing."""
    event = _ARRIVED.get(report.arrival)
    if event is None or notice.state not in {NoticeState.HANDED_OVER, NoticeState.UNKNOWN}:
        return notice
    state = advance_notice(notice.state, event)
    if event is NoticeEvent.DELIVER:
        return _erased(replace(notice, state=state, delivered_at=now))
    return _erased(replace(notice, state=state, failed_at=now))


def file_notices(before: Sequence[Notice], after: Sequence[Notice], *, desk: Desk) -> None:
    """Write down where notices stand now, with a line each for what is worth one."""
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    desk.uow.notice_post.move([new for _, new in changed])
    for old, new in changed:
        if new.state is not old.state and old.talk_code and _is_over(new):
            go_as_text(old, desk=desk)
    for state, event in _LINES.items():
        some = [new for old, new in changed if new.state is state and old.state is not state]
        _tell_audit(event, some, desk=desk)


_LINES: Final = {
    NoticeState.HANDED_OVER: AuditEvent.NOTICE_SENT,
    NoticeState.FAILED: AuditEvent.NOTICE_FAILED,
    NoticeState.UNKNOWN: AuditEvent.NOTICE_FAILED,
    NoticeState.DELIVERED: AuditEvent.NOTICE_DELIVERED,
}


def _tell_audit(event: AuditEvent, notices: Sequence[Notice], *, desk: Desk) -> None:
    if len(notices) > 1:  # of a campaign: the rows say the rest
        desk.uow.audit.append_all(event, notices, by=BY, at=desk.now, institution_id=notices[0].institution_id)
        return
    for one in notices:
        unknown = ":unknown" if one.state is NoticeState.UNKNOWN else ""
        result = f"{one.channel}:{one.template}{unknown}"
        desk.uow.audit.append(
            event, one, by=BY, at=desk.now, institution_id=one.institution_id, case_id=one.case_id, result=result
        )


def _is_over(notice: Notice) -> bool:
    """Whether KakaoTalk did not show it, as far as anybody knows; what only reminds is rather lost than sent twice."""
    return notice.state is NoticeState.FAILED or (notice.state is NoticeState.UNKNOWN and not is_reminder(notice))


def go_as_text(notice: Notice, *, desk: Desk) -> None:
    """The same as a text message to the same phone, once: the store keeps one notice in place of another."""
    if desk.uow.notices.count(instead_of=notice.id):
        return
    again = Notice(
        id=desk.new_id(),
        institution_id=notice.institution_id,
        member_id=notice.member_id,
        channel=Channel.SMS,
        recipient=notice.recipient,
        subject=notice.subject,
        text=notice.text,
        carries_code=notice.carries_code,
        template=notice.template,
        created_at=desk.now,
        holds_link=notice.holds_link,
        case_id=notice.case_id,
        instead_of=notice.id,
    )
    if is_reminder(notice):
        morning = morning_of(notice.institution_id, uow=desk.uow, now=desk.now)
        again = replace(again, batch_id=again.id, not_before=morning)
        desk.uow.notices.add(again)
        desk.uow.outbox.send_batch(again.id, not_before=again.not_before)
    else:
        desk.uow.notices.add(again)
        desk.uow.outbox.send_notice(again.id)


def after_answer(notice: Notice, answer: Sent | Refused, *, now: datetime) -> Notice:
    """The notice after what a provider said of it."""
    return taken(notice, answer, now=now) if isinstance(answer, Sent) else failed(notice, now=now)


def _erased(notice: Notice) -> Notice:
    return replace(notice, text=NOTHING, talk_values=NOTHING) if notice.carries_code or notice.holds_link else notice
