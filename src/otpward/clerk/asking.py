"""Members are reminded: a letter each, with a link that opens one check and nothing else."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from otpward.clerk.mailing import Reminded, address_of, remind_all
from otpward.clerk.quiet import reminders_of
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Moved, Taken
from otpward.core.ids import MemberId, TokenId
from otpward.core.model.member import Member
from otpward.core.model.reminder import Occasion, Outcome, Reminder
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.reminding import LEFT_OUT, LINK_LETTERS, link_life
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Among
from otpward.ports.vault import Print

KINDS: Final = {
    Occasion.CHECK: NoticeKind.REMINDER_CHECK,
    Occasion.EXPIRY: NoticeKind.REMINDER_EXPIRY,
    Occasion.DRIFT: NoticeKind.REMINDER_DRIFT,
    Occasion.DORMANT: NoticeKind.REMINDER_DORMANT,
    Occasion.RENEWAL: NoticeKind.REMINDER_RENEWAL,
    Occasion.CAMPAIGN: NoticeKind.REMINDER_CAMPAIGN,
}
BY: Final = Actor(kind=ActorKind.SYSTEM, source="health")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Whom to write to about which device. `turn` makes it the only one; `date` is the day that the text names."""

    member: Member
    token_id: TokenId
    occasion: Occasion
    turn: str
    campaign_id: UUID | None = None
    date: str = ""


def remind(letter: Letter, *, desk: Desk) -> Reminder | None:
    """Write this one; None if that was done before."""
    return next(iter(remind_many([letter], desk=desk)), None)


def remind_many(letters: Sequence[Letter], *, desk: Desk) -> list[Reminder]:
    """Write all of them in this transaction, but those that were written before: a member has one letter for each turn, which
    the database keeps unique. Two at the same moment collide, and the later is done again, to find the first. Who has no
    address is noted as not reached, and so is who wants no such letter, without being written to.
    """
    fresh = _unwritten(letters, desk=desk)
    ways = reminders_of(fresh[0].member.institution_id, uow=desk.uow, now=desk.now).ways if fresh else ()
    links = [desk.letters(LINK_LETTERS) if wanted(one) and address_of(one.member, ways) else "" for one in fresh]
    reminders = [_reminder(one, link, desk=desk) for one, link in zip(fresh, links, strict=True)]
    try:
        desk.uow.reminders.add_all(reminders)
    except Taken:
        raise Moved("somebody was reminded at the same moment") from None
    _post([(one, link) for one, link in zip(fresh, links, strict=True) if wanted(one)], desk=desk)
    if reminders:
        inside = reminders[0].institution_id
        desk.uow.audit.append_all(AuditEvent.REMINDER_SENT, reminders, by=BY, at=desk.now, institution_id=inside)
    return reminders


def wanted(letter: Letter) -> bool:
    """Whether the member has not turned it off; what tells of an end cannot be."""
    return letter.member.quiet_since is None or letter.occasion not in LEFT_OUT


def remind_again(reminder: Reminder, member: Member, *, desk: Desk, date: str = "") -> Reminder:
    """The member wanted to be asked next week: a new link, and the old one is dead."""
    ways = reminders_of(member.institution_id, uow=desk.uow, now=desk.now).ways
    link = desk.letters(LINK_LETTERS) if address_of(member, ways) is not None else ""
    again = desk.uow.reminders.save(
        replace(
            reminder,
            link_digest=digest_of_link(link, desk=desk) if link else None,
            until=desk.now + link_life(reminder.occasion),
            snoozed_until=None,
            outcome=None if link else Outcome.UNREACHED,
        )
    )
    letter = Letter(member=member, token_id=again.token_id, occasion=again.occasion, turn=again.round, date=date)
    _post([(letter, link)], desk=desk)
    inside = again.institution_id
    desk.uow.audit.append(AuditEvent.REMINDER_SENT, again, by=BY, at=desk.now, institution_id=inside)
    return again


def digest_of_link(link: str, *, desk: Desk) -> bytes:
    """How a link is kept, so that nobody who reads the table can use one."""
    return desk.vault.fingerprint(Print.REMINDER, link.strip().upper())


def note_answer(reminder: Reminder, event: AuditEvent, *, desk: Desk, by: Actor) -> Reminder:
    """The reminder as it is now, with its audit line."""
    saved = desk.uow.reminders.save(reminder)
    desk.uow.audit.append(
        event,
        saved,
        by=by,
        at=desk.now,
        institution_id=saved.institution_id,
        case_id=saved.case_id,
        result=saved.outcome or "open",
        detail={"occasion": saved.occasion.value},
    )
    return saved


def _unwritten(letters: Sequence[Letter], *, desk: Desk) -> list[Letter]:
    """Those that no reminder is for, each once."""
    wanted = {(one.member.id, one.turn): one for one in reversed(letters)}
    if not wanted:
        return []
    found = desk.uow.reminders.find(
        member_id=Among(frozenset(key for key, _ in wanted)), round=Among(frozenset(turn for _, turn in wanted))
    )
    for one in found:
        wanted.pop((one.member_id, one.round), None)
    return list(reversed(wanted.values()))


def _reminder(letter: Letter, link: str, *, desk: Desk) -> Reminder:
    return Reminder(
        id=desk.new_id(),
        institution_id=letter.member.institution_id,
        member_id=letter.member.id,
        token_id=letter.token_id,
        occasion=letter.occasion,
        round=letter.turn,
        campaign_id=letter.campaign_id,
        link_digest=digest_of_link(link, desk=desk) if link else None,
        made_at=desk.now,
        until=desk.now + link_life(letter.occasion),
        outcome=None if link else Outcome.UNREACHED,
    )


def _post(written: Sequence[tuple[Letter, str]], *, desk: Desk) -> None:
    """Into the outbox, those of one kind together. A member of a campaign is known by its key there, too; any other letter was
    told apart here, and its key is new."""
    groups: dict[tuple[Occasion, UUID | None, int], list[Reminded]] = {}
    seen: Counter[tuple[Occasion, UUID | None, MemberId]] = Counter()
    for letter, link in written:
        whose = letter.occasion, letter.campaign_id, letter.member.id
        values = {"link": f"{desk.public_url}/r/{link}", "date": letter.date}
        # A second device of the same member makes a second letter.
        key = letter.occasion, letter.campaign_id, seen[whose]
        groups.setdefault(key, []).append(Reminded(member=letter.member, values=values))
        seen[whose] += 1
    for (occasion, campaign_id, _), group in groups.items():
        remind_all(group, KINDS[occasion], campaign_id=campaign_id or desk.new_id(), desk=desk)
