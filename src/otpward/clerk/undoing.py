"""What takes each act back (`clerk.undo` says how an act joins)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from otpward.clerk.contacts import of_member, put_contact
from otpward.clerk.losses import case_of_loss
from otpward.clerk.notices import tell
from otpward.clerk.passes import end_passes_of_member
from otpward.clerk.passkeys import live_passkeys
from otpward.clerk.tokens import hold_token, live_tokens
from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import Conflict
from otpward.core.ids import ReportId, TokenId
from otpward.core.lifecycle.case import OPEN
from otpward.core.lifecycle.token import LOSS_HOLDS, Hold, TokenState
from otpward.core.model.contact_change import Contact
from otpward.core.model.loss import LossKind, LossReport
from otpward.core.model.notice import UndoAct, UndoLink
from otpward.core.policy.backup import PASSKEYS_MOST, refuse_last
from otpward.core.policy.notices import NoticeKind
from otpward.core.secret import NOTHING
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Among, Row, UnitOfWork

CONTACTS: Final[Mapping[UndoAct, Contact]] = {
    UndoAct.CONTACT_PHONE: Contact.PHONE,
    UndoAct.CONTACT_EMAIL: Contact.EMAIL,
}
_BOUND: Final = frozenset({TokenState.REGISTERED, TokenState.ACTIVE})


class NothingToUndo(Conflict):
    """It is no longer as the act left it: it was changed again, or undone already."""

    code = "nothing_to_undo"


def restore_contact(link: UndoLink, *, desk: Desk, by: Actor) -> None:
    """The contact is again what it was. It is held back as any new one is: who undoes may be a thief with the old phone.

    Raises:
        NothingToUndo: the contact was changed again since.
    """
    contact = CONTACTS[link.act]
    member = desk.uow.members.get(link.member_id)
    _refuse_moved(link, desk=desk)
    restored = put_contact(member, contact, link.before, desk=desk, by=by, result="undone", undoable=False)
    if contact is Contact.PHONE and member.phone_signal_at is not None:
        desk.uow.members.save(replace(restored, phone_signal_at=member.phone_signal_at))


def remove_added(link: UndoLink, *, desk: Desk, by: Actor) -> None:
    """The passkey that was added opens nothing any more.

    Raises:
        LastMethod: it is all that the member has; taking it away would shut them out, and could be meant to.
    """
    _refuse_moved(link, desk=desk)
    member = desk.uow.members.save(desk.uow.members.get(link.member_id))  # of two at once one comes later, and sees the other
    refuse_last(link.subject_id, live_tokens(desk.uow, member.id), live_passkeys(member.id, desk=desk))
    removed = desk.uow.passkeys.save(replace(desk.uow.passkeys.get(link.subject_id), removed_at=desk.now))
    _line(AuditEvent.PASSKEY_REMOVED, removed, link, desk=desk, by=by)


def bring_back(link: UndoLink, *, desk: Desk, by: Actor) -> None:
    """The removed passkey is the member's again, asleep: it lets nobody in before the member has shown another factor. A thief
    who holds the phone that it is in gains nothing by undoing its removal."""
    _refuse_moved(link, desk=desk)
    passkey = desk.uow.passkeys.get(link.subject_id)
    back = desk.uow.passkeys.save(replace(passkey, removed_at=None, asleep_since=desk.now))
    _line(AuditEvent.PASSKEY_BROUGHT_BACK, back, link, desk=desk, by=by)


def void_code(link: UndoLink, *, desk: Desk, by: Actor) -> None:
    """The new recovery code is good no more. The one before it stays ended: it may be what was stolen."""
    _refuse_moved(link, desk=desk)
    code = desk.uow.recovery_codes.get(link.subject_id)
    void = desk.uow.recovery_codes.save(replace(code, live_for=None, replaced_at=desk.now))
    _line(AuditEvent.RECOVERY_CODE_VOID, void, link, desk=desk, by=by)


def stop_bound(link: UndoLink, *, desk: Desk, by: Actor) -> None:
    """The new token stops at once, as by a report that it is misused: only at a branch, by two, is that lifted. The one before
    it stays ended: it may be what was lost. A case for another one is open."""
    _refuse_moved(link, desk=desk)
    uow, token = desk.uow, desk.uow.tokens.get(TokenId(link.subject_id))
    member = uow.members.get(link.member_id)
    report = LossReport(
        id=ReportId(desk.new_id()),
        institution_id=link.institution_id,
        number=desk.number("L"),
        kind=LossKind.MISUSED,
        phone_lost=False,
        reported_at=desk.now,
        browser=link.digest,
        once=f"undo:{link.id}",
        phone_tail=NOTHING,
        member_id=member.id,
    )
    hold_token(token, Hold.MISUSED, desk=desk, by=by, report_id=report.id)
    end_passes_of_member(member.id, "loss_reported", desk=desk, by=by)
    running = uow.cases.first(member_id=member.id, new_token_id=token.id, state=Among(OPEN))
    case_id = case_of_loss(report, member, token, desk=desk, by=by) if running is None else running.id
    report = replace(report, case_id=case_id)
    uow.losses.add(report)
    _line(AuditEvent.LOSS_REPORTED, report, link, desk=desk, by=by)
    tell(member, NoticeKind.LOSS_STOPPED, desk=desk, case_id=case_id)


def still_undoable(link: UndoLink, uow: UnitOfWork) -> bool:
    """Whether it is still as the act left it, and nothing that happened since contradicts."""
    return _STANDS[link.act](link, uow)


def _contact_stands(link: UndoLink, uow: UnitOfWork) -> bool:
    return of_member(uow.members.get(link.member_id), CONTACTS[link.act]) == link.after


def _added_stands(link: UndoLink, uow: UnitOfWork) -> bool:
    return uow.passkeys.get(link.subject_id).removed_at is None


def _removed_stands(link: UndoLink, uow: UnitOfWork) -> bool:
    """Removed by that very act, never copied; the member has room, is still one, and their phone is not lost."""
    passkey, member = uow.passkeys.get(link.subject_id), uow.members.get(link.member_id)
    same = passkey.removed_at == link.made_at and passkey.cloned_at is None
    room = uow.passkeys.count(member_id=member.id, removed_at=None) < PASSKEYS_MOST
    return same and room and member.left_at is None and member.phone_lost_at is None


def _code_stands(link: UndoLink, uow: UnitOfWork) -> bool:
    return uow.recovery_codes.get(link.subject_id).live_for == link.member_id


def _bound_stands(link: UndoLink, uow: UnitOfWork) -> bool:
    token = uow.tokens.get(TokenId(link.subject_id))
    mine = uow.registrations.first(token_id=token.id, member_id=link.member_id, ended_at=None)
    return token.state in _BOUND and not token.holds & LOSS_HOLDS and mine is not None


_STANDS: Final[Mapping[UndoAct, Callable[[UndoLink, UnitOfWork], bool]]] = {
    **dict.fromkeys(CONTACTS, _contact_stands),
    UndoAct.PASSKEY_ADDED: _added_stands,
    UndoAct.PASSKEY_REMOVED: _removed_stands,
    UndoAct.RECOVERY_CODE: _code_stands,
    UndoAct.TOKEN_BOUND: _bound_stands,
}


def _refuse_moved(link: UndoLink, *, desk: Desk) -> None:
    if not still_undoable(link, desk.uow):
        raise NothingToUndo("it was changed again")


def _line(event: AuditEvent, row: Row, link: UndoLink, *, desk: Desk, by: Actor) -> None:
    case_id = row.case_id if isinstance(row, LossReport) else None
    desk.uow.audit.append(event, row, by=by, at=desk.now, institution_id=link.institution_id, case_id=case_id, result="undone")


UNDOINGS: Final[Mapping[UndoAct, Callable[..., None]]] = {
    **dict.fromkeys(CONTACTS, restore_contact),
    UndoAct.PASSKEY_ADDED: remove_added,
    UndoAct.PASSKEY_REMOVED: bring_back,
    UndoAct.RECOVERY_CODE: void_code,
    UndoAct.TOKEN_BOUND: stop_bound,
}
"""Called with the link, `desk=` and `by=`, inside the transaction that uses the link up."""
