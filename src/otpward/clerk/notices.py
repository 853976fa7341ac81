"""People are told: to every address on file, except a phone that was reported lost."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from otpward.clerk.limits import count_one, is_full
from otpward.clerk.quiet import morning_of
from otpward.clerk.wording import wording_of
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.model.member import Member
from otpward.core.model.notice import Notice
from otpward.core.policy.notices import CODES, REMINDERS, NoticeKind, short_time
from otpward.core.policy.rates import NOTICES_PER_MEMBER
from otpward.core.secret import NOTHING, Personal
from otpward.ports.desk import Desk
from otpward.ports.notifier import Channel

Address = tuple[Channel, Personal]
_BY = Actor(kind=ActorKind.SYSTEM, source="notices")


def tell(
    member: Member,
    kind: NoticeKind,
    *,
    desk: Desk,
    phone_lost: bool = False,
    only: Channel | None = None,
    also: Sequence[Address] = (),
    undo: str = "",
    undo_not_to: Sequence[Address] = (),
    case_id: UUID | None = None,
    **values: str,
) -> None:
    """Write the notices and put them into the outbox of this transaction (SP 800-63B §4.6: all addresses on file).

    `phone_lost`: this very report says so. While an earlier one says it, nothing goes to that phone either. `also`: addresses
    that are on file no longer. `undo`: the address that undoes it (`clerk.undo`), which `undo_not_to` do not get. Who can be
    reached nowhere is written down, for staff to see.
    """
    phone_lost = phone_lost or member.phone_lost_at is not None
    phone = NOTHING if phone_lost else member.phone
    on_file = [(Channel.SMS, phone), (Channel.MAIL, member.email)]
    addresses = [*(one for one in on_file if only in {None, one[0]}), *also]
    if not any(address for _, address in addresses):
        unreached(member, kind, desk=desk)
        return
    write_to(addresses, member, kind, desk=desk, undo=undo, undo_not_to=undo_not_to, case_id=case_id, **values)


def unreached(member: Member, kind: NoticeKind, *, desk: Desk) -> None:
    """There is no address to tell this member at: a line that staff find among their tasks until there is one."""
    desk.uow.audit.append(
        AuditEvent.NOTICE_UNREACHED, member, by=_BY, at=desk.now, institution_id=member.institution_id, result=kind
    )


def write_to(
    addresses: Sequence[Address],
    member: Member,
    kind: NoticeKind,
    *,
    desk: Desk,
    undo: str = "",
    undo_not_to: Sequence[Address] = (),
    case_id: UUID | None = None,
    **values: str,
) -> None:
    """The same to exactly these addresses; to each once. Past thirty notices in an hour, what a member was told in that hour is
    not told again: new facts always are, and nobody is bombed with an old one."""
    if kind not in CODES and _said_enough(member, kind, desk=desk):
        return
    wording = wording_of(kind, member.institution_id, desk=desk)
    words = {"time": short_time(desk.now, member.language), **values}
    plain = wording.compose(member.language, words)
    undoing = wording.compose(member.language, words, undo=undo) if undo else plain
    for channel, address in dict.fromkeys(addresses):
        if not address:
            continue
        linked = bool(undo) and (channel, address) not in undo_not_to
        said = undoing if linked else plain
        notice = Notice(
            id=desk.new_id(),
            institution_id=member.institution_id,
            member_id=member.id,
            channel=channel,
            recipient=address,
            subject=Personal(said.subject),
            text=Personal(said.sms if channel is Channel.SMS else said.mail),
            carries_code=kind in CODES,
            template=kind,
            created_at=desk.now,
            holds_link=linked or "link" in values,
            case_id=case_id,
        )
        if not linked:  # a template either has a link to undo in it or has not
            notice = wording.by_talk(notice, member.language, words)
        if kind in REMINDERS:
            alone = replace(
                notice, batch_id=notice.id, not_before=morning_of(member.institution_id, uow=desk.uow, now=desk.now)
            )
            desk.uow.notices.add(alone)
            desk.uow.outbox.send_batch(alone.id, not_before=alone.not_before)
        else:
            desk.uow.notices.add(notice)
            desk.uow.outbox.send_notice(notice.id)


def _said_enough(member: Member, kind: NoticeKind, *, desk: Desk) -> bool:
    limits = (NOTICES_PER_MEMBER,)
    full = is_full("notice", str(member.id), limits, desk=desk)
    count_one("notice", str(member.id), limits, desk=desk)
    if not full:
        return False
    last = desk.uow.notices.first(member_id=member.id, template=kind, order="-created_at")
    if last is None or last.created_at <= desk.now - NOTICES_PER_MEMBER.window:
        return False
    desk.uow.audit.append(
        AuditEvent.NOTICE_MERGED, last, by=_BY, at=desk.now, institution_id=member.institution_id, result=kind
    )
    return True
