"""A recovery code is made and shown once; the one before it is good no more (SP 800-63B §4.2.1.1)."""

from dataclasses import dataclass
from uuid import UUID

from otpward.clerk.recovery import keep_code, new_code
from otpward.clerk.undo import tell_undoable
from otpward.core.ids import InstitutionId
from otpward.core.model.notice import UndoAct
from otpward.core.policy.notices import NoticeKind
from otpward.ports.desk import Desk, House
from otpward.services.backup.confirming import confirmed_session, member_of


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeRecoveryCode:
    """Whoever sits in this session."""

    institution_id: InstitutionId
    session_id: UUID
    source: str


def make_recovery_code(ask: MakeRecoveryCode, *, house: House) -> str:
    """The code. It is told here and nowhere again; its slow hash is computed between two transactions.

    Raises:
        ConfirmFirst: no OTP number or passkey was shown in the last five minutes.
        Unavailable: too many hashes are being computed at once.
    """

    def look(desk: Desk) -> None:
        with desk.uow:
            confirmed_session(ask.session_id, desk=desk)

    house.do(ask.institution_id, look)
    code = new_code(house)
    digest = house.passwords.hash(code)
    house.do(ask.institution_id, lambda desk: _keep(ask, digest, desk=desk))
    return code


def _keep(ask: MakeRecoveryCode, digest: str, *, desk: Desk) -> None:
    with desk.uow as uow:
        session = confirmed_session(ask.session_id, desk=desk)
        member = uow.members.get(session.member_id)
        made = keep_code(member, digest, desk=desk, by=member_of(session, ask.source))
        tell_undoable(member, NoticeKind.RECOVERY_CODE_MADE, UndoAct.RECOVERY_CODE, made.id, desk=desk)
        uow.commit()
