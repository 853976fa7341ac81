"""Many members are reminded at once: one notice each, all in the transaction that asks for them, handed over in batches."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from otpward.clerk.notices import unreached
from otpward.clerk.quiet import morning_by, reminders_of
from otpward.clerk.wording import wording_of
from otpward.core.ids import MemberId
from otpward.core.model.member import Member
from otpward.core.model.notice import Notice
from otpward.core.policy.document.model import Reminders
from otpward.core.policy.notices import REMINDERS, NoticeKind, short_time
from otpward.core.policy.quiet import Way
from otpward.core.secret import Personal
from otpward.ports.desk import Desk
from otpward.ports.notifier import Channel
from otpward.ports.unit_of_work import Among

BATCH: Final = 500
"""So many go to a provider together and are filed in one transaction: about a second of work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """One member to remind, and what their text names (`link`, `date`)."""

    member: Member
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enqueued:
    """What became of them: on the way, reachable nowhere, or reminded under this key before."""

    queued: tuple[MemberId, ...]
    unreached: tuple[MemberId, ...]
    already: tuple[MemberId, ...]


def remind_all(asked: Sequence[Reminded], kind: NoticeKind, *, campaign_id: UUID, desk: Desk) -> Enqueued:
    """Write one reminder to each of these members and put them into the outbox of this transaction. The caller enters and
    commits `desk.uow`; give it some hundreds to a few thousand members a transaction.

    (campaign_id, member) is unique in the store: who was reminded under this key before is left out, and two transactions that
    remind the same member at once collide (`Taken`), so asking again after a crash writes nobody twice. For reminders outside
    campaigns the key is any UUID that says which round it is (`uuid5` of token and stage, say). At night they wait for the
    morning. The text goes to the phone, and to the mail address of who has none; a phone that was reported lost gets nothing.

    Raises:
        ValueError: `kind` is no reminder.
        Taken: another transaction reminds one of them at this moment.
    """
    if kind not in REMINDERS:
        raise ValueError(f"{kind} is no reminder")
    members = {one.member.id: one for one in reversed(asked)}  # of two for one member, the first
    before = desk.uow.notices.find(campaign_id=campaign_id, member_id=Among(frozenset(members))) if members else []
    known = {notice.member_id for notice in before}
    fresh = [one for key, one in reversed(members.items()) if key not in known]
    rules = reminders_of(fresh[0].member.institution_id, uow=desk.uow, now=desk.now) if fresh else None
    ways = rules.ways if rules is not None else ()
    nowhere = [one.member for one in fresh if address_of(one.member, ways) is None]
    for member in nowhere:
        unreached(member, kind, desk=desk)
    going = [one for one in fresh if address_of(one.member, ways) is not None]
    if rules is not None:
        _write(going, kind, rules, campaign_id=campaign_id, desk=desk)
    return Enqueued(
        queued=tuple(one.member.id for one in going),
        unreached=tuple(member.id for member in nowhere),
        already=tuple(known),
    )


def address_of(member: Member, ways: Sequence[Way] = tuple(Way)) -> tuple[Channel, Personal] | None:
    """Where reminders go: the first of these ways that reaches the member; None: nowhere."""
    for way in ways:
        if way is Way.EMAIL and member.email:
            return Channel.MAIL, member.email
        if way is not Way.EMAIL and member.phone and member.phone_lost_at is None:
            return Channel.SMS, member.phone
    return None


def talks_first(ways: Sequence[Way]) -> bool:
    """Whether a phone gets a reminder by KakaoTalk, where a template is approved, and not as a text message from the start."""
    return next((way for way in ways if way is not Way.EMAIL), None) is Way.TALK


def _write(going: Sequence[Reminded], kind: NoticeKind, rules: Reminders, *, campaign_id: UUID, desk: Desk) -> None:
    if not going:
        return
    wording = wording_of(kind, going[0].member.institution_id, desk=desk)
    morning = morning_by(rules, desk.now)
    for part in _parts(going):
        batch_id = desk.new_id()
        notices = []
        for one in part:
            channel, address = address_of(one.member, rules.ways) or (Channel.MAIL, Personal(""))
            language = one.member.language
            words = {"time": short_time(desk.now, language), **one.values}
            said = wording.compose(language, words)
            notice = Notice(
                id=desk.new_id(),
                institution_id=one.member.institution_id,
                member_id=one.member.id,
                channel=channel,
                recipient=address,
                subject=Personal(said.subject),
                text=Personal(said.sms if channel is Channel.SMS else said.mail),
                carries_code=False,
                template=kind,
                created_at=desk.now,
                not_before=morning,
                holds_link="link" in one.values,
                campaign_id=campaign_id,
                batch_id=batch_id,
            )
            notices.append(wording.by_talk(notice, language, words) if talks_first(rules.ways) else notice)
        desk.uow.notices.add_all(notices)
        desk.uow.outbox.send_batch(batch_id, not_before=morning)


def _parts(going: Sequence[Reminded]) -> Iterator[Sequence[Reminded]]:
    for start in range(0, len(going), BATCH):
        yield going[start : start + BATCH]
