"""The saved recovery code: made, typed, spent for a new one. It is shown to its member and kept only as a hash."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from otpward.clerk.limits import count_one, is_full
from otpward.clerk.undo import tell_undoable
from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import Moved, Taken
from otpward.core.ids import LETTERS, InstitutionId, MemberId, spell
from otpward.core.model.backup import RecoveryCode
from otpward.core.model.member import Member
from otpward.core.model.notice import UndoAct
from otpward.core.policy.backup import CODE_LETTERS
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.rates import WRONG_PHONE_CODES_PER_SOURCE, WRONG_RECOVERY_CODES_PER_MEMBER
from otpward.ports.desk import Desk, House
from otpward.ports.unit_of_work import UnitOfWork

_BETWEEN: Final = str.maketrans("", "", " -‐‑–—\t\r\n\u00a0")
_OF_MEMBER, _OF_SOURCE = "wrong_recovery_code.member", "wrong_recovery_code.source"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A typed code held against the one on file: `right` only if it was `row`'s. `fresh` is what takes its place, with its
    hash."""

    right: bool
    row: RecoveryCode | None
    fresh: str = ""
    fresh_digest: str = ""


def new_code(house: House) -> str:
    """28 unmistakable letters and digits by chance."""
    return spell(house.entropy.octets(CODE_LETTERS), CODE_LETTERS)


def fold_code(typed: str) -> str:
    """The code as it is compared: without spaces and dashes, in capital letters; empty if it cannot be one."""
    code = typed.translate(_BETWEEN).upper()
    return code if len(code) == CODE_LETTERS and set(code) <= set(LETTERS) else ""


def compare_code(
    institution_id: InstitutionId, typed: str, whose: Callable[[UnitOfWork], MemberId | None], *, house: House
) -> Compared:
    """Hold the code against the member's. The slow hash is computed once, outside every transaction, for a stranger too."""

    def view(uow: UnitOfWork) -> RecoveryCode | None:
        member_id = whose(uow)
        return None if member_id is None else live_code(member_id, uow)

    row = house.look(institution_id, view)
    right = house.passwords.verify("" if row is None else row.digest, fold_code(typed))
    if not right or row is None:
        return Compared(right=False, row=row)
    fresh = new_code(house)
    return Compared(right=True, row=row, fresh=fresh, fresh_digest=house.passwords.hash(fresh))


def live_code(member_id: MemberId, uow: UnitOfWork) -> RecoveryCode | None:
    """The member's code that is good now."""
    return uow.recovery_codes.first(live_for=member_id)


def spend_code(compared: Compared, member: Member | None, *, source: str, desk: Desk, by: Actor) -> str:
    """The new code in the place of a right one; empty where it was wrong, was used meanwhile, or too many were wrong."""
    whose = "" if member is None else str(member.id)
    full = is_full(_OF_MEMBER, whose, WRONG_RECOVERY_CODES_PER_MEMBER, desk=desk)
    full = is_full(_OF_SOURCE, source, WRONG_PHONE_CODES_PER_SOURCE, desk=desk) or full
    live = None if member is None else live_code(member.id, desk.uow)
    good = compared.right and live is not None and compared.row is not None and live.id == compared.row.id
    if full or not good or member is None or member.left_at is not None:
        if member is not None:
            count_one(_OF_MEMBER, whose, WRONG_RECOVERY_CODES_PER_MEMBER, desk=desk)
        count_one(_OF_SOURCE, source, WRONG_PHONE_CODES_PER_SOURCE, desk=desk)
        return ""
    made = keep_code(member, compared.fresh_digest, desk=desk, by=by, used=live)
    tell_undoable(member, NoticeKind.RECOVERY_CODE_USED, UndoAct.RECOVERY_CODE, made.id, desk=desk)
    return compared.fresh


def keep_code(member: Member, digest: str, *, desk: Desk, by: Actor, used: RecoveryCode | None = None) -> RecoveryCode:
    """A new code is good, and the one before it no more: it was `used`, or is replaced. Of two at once one comes later.

    What was used is ended as it was read when it was judged: read anew it could be the one that another use has left.
    """
    old = used or live_code(member.id, desk.uow)
    if old is not None:
        ended = replace(old, live_for=None, spent_at=desk.now if used else None, replaced_at=None if used else desk.now)
        ended = desk.uow.recovery_codes.save(ended)
        if used:
            desk.uow.audit.append(
                AuditEvent.RECOVERY_CODE_USED, ended, by=by, at=desk.now, institution_id=member.institution_id
            )
    made = RecoveryCode(
        id=desk.new_id(),
        institution_id=member.institution_id,
        member_id=member.id,
        digest=digest,
        live_for=member.id,
        made_at=desk.now,
    )
    try:
        desk.uow.recovery_codes.add(made)
    except Taken:
        raise Moved("another code was made meanwhile") from None
    desk.uow.audit.append(AuditEvent.RECOVERY_CODE_MADE, made, by=by, at=desk.now, institution_id=member.institution_id)
    return made
