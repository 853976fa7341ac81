"""What became of the notices that were handed over is asked; a warning that did not arrive goes another way."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from otpward.clerk.posting import file_notices, lost, question_of, reported
from otpward.core.ids import InstitutionId
from otpward.core.lifecycle.notice import NoticeState
from otpward.core.model.notice import Notice
from otpward.core.policy.notices import REMINDERS
from otpward.core.secret import Personal
from otpward.ports.desk import Desk, House
from otpward.ports.notifier import Channel, Notifier, Report, Reporter
from otpward.ports.unit_of_work import UnitOfWork

SILENT_AFTER: Final = timedelta(minutes=10)
"""Carriers report within a minute or two; who says nothing for so long has lost it."""
MANY: Final = 2000
_LONGEST: Final = 200


def follow_notices(institution_id: InstitutionId, *, house: House, notifiers: Mapping[Channel, Notifier]) -> int:
    """Ask after what is on its way; how many of them were settled.

    Where a provider cannot be asked, a notice stays handed over: nobody says more of it. Where it can be and says nothing for
    ten minutes, the notice counts as unknown; and one that warns goes to the member's other address, if that was not written
    to.

    Raises:
        Unavailable: a provider does not answer; it is asked again in the next round.
    """
    settled = 0
    for channel, notifier in notifiers.items():
        asked: object = notifier
        if not isinstance(asked, Reporter):
            continue
        going = house.look(institution_id, partial(_underway, channel))
        if going:
            said = asked.ask_after([question_of(one) for one in going])
            settled += house.do(institution_id, partial(_settle_at, going, said))
    return settled


def _underway(channel: Channel, uow: UnitOfWork) -> list[Notice]:
    return uow.notices.find(state=NoticeState.HANDED_OVER, channel=channel, order="sent_at", limit=MANY)


def _settle_at(going: list[Notice], said: Mapping[str, Report], desk: Desk) -> int:
    return _settle(going, said, desk=desk)


def _settle(going: list[Notice], said: Mapping[str, Report], *, desk: Desk) -> int:
    with desk.uow as uow:
        after = [_judged(one, said.get(str(one.id)), desk=desk) for one in going]
        file_notices(going, after, desk=desk)
        for one in after:
            if one.state in {NoticeState.UNKNOWN, NoticeState.FAILED}:
                go_another_way(one, desk=desk)
        uow.commit()
    return sum(old.state is not new.state for old, new in zip(going, after, strict=True))


def _judged(notice: Notice, report: Report | None, *, desk: Desk) -> Notice:
    known = notice if report is None else reported(notice, report, now=desk.now)
    silent = notice.sent_at is not None and desk.now >= notice.sent_at + SILENT_AFTER
    return lost(known) if known.state is NoticeState.HANDED_OVER and silent else known


def go_another_way(notice: Notice, *, desk: Desk) -> Notice | None:
    """The same words to the member's other address, once; None where there is none, it has them already, or they held a
    code."""
    if notice.carries_code or not notice.text or notice.template in REMINDERS or notice.instead_of is not None:
        return None
    member = desk.uow.members.get(notice.member_id)
    other = Channel.SMS if notice.channel == Channel.MAIL else Channel.MAIL
    address = member.email if other is Channel.MAIL else Personal("") if member.phone_lost_at else member.phone
    told = desk.uow.notices.find(member_id=member.id, template=notice.template, created_at=notice.created_at)
    has_it = any((one.channel == Channel.MAIL) is (other is Channel.MAIL) for one in told)
    if not address or has_it or desk.uow.notices.count(instead_of=notice.id):
        return None
    again = Notice(
        id=desk.new_id(),
        institution_id=notice.institution_id,
        member_id=member.id,
        channel=other,
        recipient=address,
        subject=notice.subject,
        text=notice.text,
        carries_code=False,
        template=notice.template,
        created_at=desk.now,
        case_id=notice.case_id,
        instead_of=notice.id,
    )
    desk.uow.notices.add(again)
    desk.uow.outbox.send_notice(again.id)
    return again


def take_report(reference: str, report: Report, *, desk: Desk) -> bool:
    """A provider says by itself what became of a notice; whether we have such a one. `reference` is ours, or the provider's
    where it stands for one notice alone: of many that went out together it says nothing."""
    with desk.uow as uow:
        found = _under(reference, uow)
        if found is None:
            return False
        after = reported(found, report, now=desk.now)
        file_notices([found], [after], desk=desk)
        if after.state is NoticeState.FAILED and found.state is not after.state:
            go_another_way(replace(after, version=found.version + 1), desk=desk)
        uow.commit()
    return True


def _under(reference: str, uow: UnitOfWork) -> Notice | None:
    try:
        return uow.notices.first(id=UUID(reference))
    except ValueError:
        same = uow.notices.find(provider_reference=reference, limit=2) if 0 < len(reference) <= _LONGEST else []
        return same[0] if len(same) == 1 else None
