"""Behind the link of a reminder one number is tried, or two; nothing else of the member opens."""

from dataclasses import dataclass, replace

from otpward.clerk.asking import note_answer
from otpward.clerk.checks import Checking, note_code
from otpward.clerk.drafting import draft_for
from otpward.clerk.limits import count_wrong, refuse_too_many_wrong
from otpward.clerk.tokens import judge_code, judge_pair
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.model.case import Reason
from otpward.core.model.device_check import CheckDoor
from otpward.core.model.reminder import Outcome, Reminder
from otpward.core.policy.reminding import WRONG_MOST, is_open
from otpward.core.policy.verification import Verdict
from otpward.ports.desk import Desk
from otpward.services.health.open_link import LinkOver, opened


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckByLink:
    """The number that the device shows; with `second`, the next one too."""

    link: str
    first: str
    second: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkChecked:
    """The verdict, and how the reminder stands with it."""

    verdict: Verdict
    reminder: Reminder


def check_by_link(ask: CheckByLink, *, desk: Desk) -> LinkChecked:
    """Judge it as at any other door, and note what came of the reminder. After a few wrong numbers the link is over, well
    before the device locks: who finds a link can stop nothing with it. Then an application waits, with the reason filled in.

    Raises:
        LinkOver: no such link, or it is answered.
        TooOften: too many wrong codes came from `source`.
    """
    by = Actor(kind=ActorKind.STRANGER, source=ask.source)
    with desk.uow as uow:
        refuse_too_many_wrong(ask.source, desk=desk)
        reminder = opened(ask.link, desk=desk).reminder
        if not is_open(reminder, desk.now):
            raise LinkOver("answered already")
        token = uow.tokens.get(reminder.token_id)
        pair = bool(ask.second)
        if pair:
            examined = judge_pair(token, ask.first, ask.second, desk=desk, by=by)
        else:
            examined = judge_code(token, ask.first, desk=desk, by=by)
        note_code(examined, Checking(door=CheckDoor.PORTAL), desk=desk, by=by, pair=pair)
        if examined.verdict is Verdict.ACCEPTED:
            outcome = Outcome.FIXED if pair else Outcome.GOOD
            reminder = replace(reminder, outcome=outcome, answered_at=desk.now, tried_pair=reminder.tried_pair or pair)
            reminder = note_answer(reminder, AuditEvent.REMINDER_ANSWERED, desk=desk, by=by)
        elif examined.changed:
            count_wrong(ask.source, desk=desk)
            reminder = _refused(reminder, pair=pair, desk=desk, by=by)
        uow.commit()
    return LinkChecked(verdict=examined.verdict, reminder=reminder)


def _refused(reminder: Reminder, *, pair: bool, desk: Desk, by: Actor) -> Reminder:
    counted = replace(reminder, wrong=reminder.wrong + 1, tried_pair=reminder.tried_pair or pair)
    if counted.wrong < WRONG_MOST:
        return desk.uow.reminders.save(counted)
    return fail(counted, desk=desk, by=by)


def fail(reminder: Reminder, *, desk: Desk, by: Actor) -> Reminder:
    """The device cannot be helped from here: a draft waits for the member, who shows who they are to send it."""
    member = desk.uow.members.get(reminder.member_id)
    case = draft_for(member, reminder.token_id, Reason.FAULTY, desk=desk, by=by)
    failed = replace(reminder, outcome=Outcome.FAILED, answered_at=desk.now, case_id=case.id)
    return note_answer(failed, AuditEvent.REMINDER_ANSWERED, desk=desk, by=by)
