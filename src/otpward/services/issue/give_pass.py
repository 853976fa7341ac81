"""At a counter, who waits for a new token is given a few numbers for the days between."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Final

from otpward.clerk.in_person import spend_in_person
from otpward.clerk.notices import tell
from otpward.clerk.passes import end_passes_of_case
from otpward.clerk.policy import policy_of
from otpward.clerk.tokens import seal_seed
from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict
from otpward.core.ids import CaseId, TokenId, home_bucket
from otpward.core.lifecycle.case import OPEN, CaseState
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.case import Case
from otpward.core.model.member import Operator
from otpward.core.model.proof import Act
from otpward.core.model.temporary_pass import TemporaryPass
from otpward.core.model.token import Device, Form, Registration, Token
from otpward.core.oath.hotp import hotp
from otpward.core.oath.model import Algorithm, TokenKind
from otpward.core.policy.document.model import PassTerms
from otpward.core.policy.notices import NoticeKind
from otpward.core.secret import Secret
from otpward.ports.desk import Desk

DIGITS: Final = 8
"""Printed and typed from paper, with ten more counters in the window: two digits more than a device has (RFC 4226 §7.5)."""
_SEED_OCTETS: Final = 20
MOST_PER_CASE: Final = 3
WAITING: Final = OPEN - {CaseState.REPORTED, CaseState.DRAFT}
"""Who has sent nothing yet waits for nothing."""


class PassNotOffered(Conflict):
    """The policy of this case gives none, or the case is not one that waits, or it had as many as there are."""

    code: ClassVar[str] = "pass_not_offered"


@dataclass(frozen=True, slots=True, kw_only=True)
class GivePass:
    """For which case, and who has seen the member's papers for it."""

    case_id: CaseId
    operator: Operator


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenPass:
    """The pass, and its numbers in the clear: they are shown this once, and stored nowhere."""

    given: TemporaryPass
    codes: tuple[Secret, ...]


def give_pass(ask: GivePass, *, desk: Desk) -> GivenPass:
    """A new pass; the one before it ends. The member is told.

    Raises:
        PassNotOffered: not by this policy, not for this case, or too many were given.
        Denied, OwnPerson: not this role, or the operator's own case.
        ProofNeeded: this operator has not just seen the member's papers, for a temporary pass.
    """
    by = ask.operator.actor
    with desk.uow as uow:
        case = uow.cases.get(ask.case_id)
        terms = policy_of(case, uow=uow, now=desk.now).temporary_pass
        if not terms.hours or case.state not in WAITING or uow.passes.count(case_id=case.id) >= MOST_PER_CASE:
            raise PassNotOffered("no temporary pass for this case")
        uow.cases.save(case)  # whoever ends the case, or gives another pass for it, at the same moment meets here
        spend_in_person(Act.TEMPORARY_PASS, case.member_id, ask.operator, desk=desk)
        end_passes_of_case(case.id, "replaced", desk=desk, by=by)
        seed = Secret(desk.entropy.octets(_SEED_OCTETS))
        given = _file(case, seed, terms, ask.operator, desk=desk)
        uow.audit.append(
            AuditEvent.PASS_GIVEN, given, by=by, at=desk.now, institution_id=given.institution_id, case_id=given.case_id
        )
        tell(uow.members.get(case.member_id), NoticeKind.PASS_GIVEN, desk=desk, case_id=case.id)
        uow.commit()
    codes = (hotp(seed, counter, algorithm=Algorithm.SHA1, digits=DIGITS) for counter in range(terms.codes))
    return GivenPass(given=given, codes=tuple(Secret(code.encode()) for code in codes))


def _file(case: Case, seed: Secret, terms: PassTerms, operator: Operator, *, desk: Desk) -> TemporaryPass:
    """Its token is born active: the papers were seen in this transaction, and there is no device that could fail a test."""
    uow, until = desk.uow, desk.now + timedelta(hours=terms.hours)
    serial = "PASS" + desk.letters(10)
    token_id = TokenId(desk.new_id(home_bucket(str(case.institution_id), serial)))
    token = Token(
        id=token_id,
        institution_id=case.institution_id,
        serial=serial,
        state=TokenState.ACTIVE,
        kind=TokenKind.HOTP,
        algorithm=Algorithm.SHA1,
        digits=DIGITS,
        period_s=0,
        valid_from=desk.now,
        valid_until=until,
        active_at=desk.now,
        seed=seal_seed(seed, institution_id=case.institution_id, token_id=token_id, desk=desk),
    )
    device = Device(
        id=token_id,
        institution_id=case.institution_id,
        form=Form.PASS,
        vendor="otpward",
        model="temporary pass",
        state=TokenState.ACTIVE,
        place=Place.MEMBER,
        holder_id=case.member_id,
        case_id=case.id,
        stocked_at=desk.now,
    )
    given = TemporaryPass(
        id=desk.new_id(),
        institution_id=case.institution_id,
        member_id=case.member_id,
        case_id=case.id,
        token_id=token_id,
        codes=terms.codes,
        given_by=operator.member_id,
        given_at=desk.now,
        expires_at=until,
    )
    bound = Registration(
        id=desk.new_id(),
        institution_id=case.institution_id,
        member_id=case.member_id,
        token_id=token_id,
        state=RegistrationState.LIVE,
        begun_at=desk.now,
        live_at=desk.now,
    )
    uow.tokens.add(token)
    uow.devices.add(device)
    uow.registrations.add(bound)
    uow.passes.add(given)
    return given
