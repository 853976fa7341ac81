"""What a member was told, by which way, and whether it arrived."""

from collections.abc import Sequence
from dataclasses import dataclass

from otpward.core.ids import MemberId
from otpward.core.model.case import Case
from otpward.core.model.notice import Notice
from otpward.edges.http.badges import Badge
from otpward.edges.http.console.notice_labels import CHANNELS, KINDS, STATES
from otpward.edges.http.front import Visit
from otpward.ports.unit_of_work import UnitOfWork

_LATEST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """One notice, in words."""

    notice: Notice
    title: str
    way: str
    badge: Badge


def rows_of(visit: Visit, notices: Sequence[Notice]) -> list[NoticeRow]:
    """These notices in the reader's language."""
    return [_row(visit, one) for one in notices]


def told_to(member_id: MemberId, uow: UnitOfWork) -> list[Notice]:
    """What this member was told lately, the newest first."""
    return uow.notices.find(member_id=member_id, order="-created_at", limit=_LATEST)


def told_in(case: Case, uow: UnitOfWork) -> list[Notice]:
    """What the member was told of this application, the newest first."""
    return uow.notices.find(member_id=case.member_id, case_id=case.id, order="-created_at", limit=_LATEST)


def _row(visit: Visit, notice: Notice) -> NoticeRow:
    text, role = STATES[notice.state]
    named = {kind.value: title for kind, title in KINDS.items()}.get(notice.template)
    title = visit.words._(named) if named else notice.template
    return NoticeRow(
        notice=notice,
        title=title,
        way=visit.words._(CHANNELS.get(notice.channel, notice.channel)),
        badge=Badge(visit.words._(text), role),
    )
