"""An app token is made for an approved case: its seed is made here, sealed at once, and waits for its holder."""

from typing import Final

from otpward.clerk.cases import move_case
from otpward.clerk.notices import tell
from otpward.clerk.tokens import seal_seed
from otpward.core.audit import Actor, AuditEvent
from otpward.core.ids import TokenId, home_bucket
from otpward.core.lifecycle.case import CaseEvent
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.case import Case
from otpward.core.model.token import Device, Form, Token
from otpward.core.oath.model import Algorithm, TokenKind
from otpward.core.policy.notices import NoticeKind
from otpward.core.secret import Secret
from otpward.ports.desk import Desk

_SEED_OCTETS: Final = 20
"""160 bits (RFC 4226 R6), which with SHA-1, 6 digits and 30 s is what every authenticator app can do (STANDARDS P-06)."""


def make_app(case: Case, *, desk: Desk, by: Actor) -> Case:
    """The case with a new app token, ready to be registered; the member is told. A soft token is born issued."""
    uow, serial = desk.uow, "APP" + desk.letters(10)
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
    device = Device(
        id=token_id,
        institution_id=case.institution_id,
        form=Form.APP,
        vendor="otpward",
        model="app",
        state=TokenState.ISSUED,
        place=Place.MEMBER,
        holder_id=case.member_id,
        case_id=case.id,
        stocked_at=desk.now,
    )
    uow.tokens.add(token)
    uow.devices.add(device)
    uow.audit.append(AuditEvent.TOKEN_MADE, token, by=by, at=desk.now, institution_id=case.institution_id, case_id=case.id)
    case = move_case(case, CaseEvent.PREPARE, desk=desk, by=by, new_token_id=token_id)
    case = move_case(case, CaseEvent.RECEIVE, desk=desk, by=by)
    tell(uow.members.get(case.member_id), NoticeKind.APP_READY, desk=desk, case_id=case.id, number=case.number)
    return case
