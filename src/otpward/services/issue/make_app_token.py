"""An app token: its seed is made here, sealed at once, and waits for its holder."""

from dataclasses import dataclass

from otpward.clerk.cases import move_case
from otpward.clerk.fees import refuse_unpaid
from otpward.clerk.notices import tell
from otpward.clerk.tokens import seal_seed
from otpward.core.audit import AuditEvent
from otpward.core.errors import Invalid
from otpward.core.ids import CaseId, TokenId, home_bucket
from otpward.core.lifecycle.case import CaseEvent
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.case import Case, Delivery
from otpward.core.model.member import Operator
from otpward.core.model.token import Device, Form, Token
from otpward.core.oath.model import Algorithm, TokenKind
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.roles import Permission, require
from otpward.core.secret import Secret
from otpward.ports.desk import Desk

_SEED_OCTETS = 20
"""160 bits (RFC 4226 R6), which with SHA-1, 6 digits and 30 s is what every authenticator app can do (STANDARDS P-06)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeAppToken:
    """An operator lets an approved case have its app token."""

    case_id: CaseId
    operator: Operator


def make_app_token(ask: MakeAppToken, *, desk: Desk) -> Case:
    """The case with a new app token, ready to be registered. A soft token is born issued.

    Raises:
        Invalid: the case wants a device, not an app.
        FeeDue: its fee is neither paid nor waived.
        Denied, IllegalTransition: not this role, not in this state.
    """
    require(ask.operator.role, Permission.ISSUE)
    by = ask.operator.actor
    with desk.uow as uow:
        case = uow.cases.get(ask.case_id)
        if case.delivery is not Delivery.APP:
            raise Invalid("this application is for a device")
        refuse_unpaid(case, desk=desk)
        serial = "APP" + desk.letters(10)
        token_id = TokenId(desk.new_id(home_bucket(str(case.institution_id), serial)))
        seed = Secret(desk.entropy.octets(_SEED_OCTETS))
        token = Token(
            id=token_id,
            institution_id=case.institution_id,
            serial=serial,
            state=TokenState.ISSUED,
            kind=TokenKind.TOTP,
            algorithm=Algorithm.SHA1,
            digits=6,
            period_s=30,
            seed=seal_seed(seed, institution_id=case.institution_id, token_id=token_id, desk=desk),
        )
        uow.tokens.add(token)
        uow.devices.add(
            Device(
                id=token_id,
                institution_id=case.institution_id,
                form=Form.APP,
                vendor="otpward",
                model="app",
                case_id=case.id,
                stocked_at=desk.now,
            )
        )
        uow.audit.append(AuditEvent.TOKEN_MADE, token, by=by, at=desk.now, institution_id=case.institution_id, case_id=case.id)
        case = move_case(case, CaseEvent.PREPARE, desk=desk, by=by, new_token_id=token_id)
        case = move_case(case, CaseEvent.RECEIVE, desk=desk, by=by)
        tell(uow.members.get(case.member_id), NoticeKind.APP_READY, desk=desk, number=case.number)
        uow.commit()
    return case
