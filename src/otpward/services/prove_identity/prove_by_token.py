"""A number of another token says who it is. It is spent, like any number; what the act is about never counts."""

from dataclasses import dataclass

from otpward.clerk.limits import count_one, is_full
from otpward.clerk.proofs import written_case
from otpward.clerk.tokens import judge_among, live_tokens
from otpward.core.audit import Actor, ActorKind
from otpward.core.ids import TokenId
from otpward.core.model.member import Member
from otpward.core.model.proof import Act, Method, Proof
from otpward.core.model.token import Token
from otpward.core.policy.backup import second_tokens
from otpward.core.policy.rates import WRONG_CODES_PER_CLIENT, WRONG_OTPS_PER_MEMBER
from otpward.core.policy.verification import Verdict
from otpward.ports.desk import Desk
from otpward.services.prove_identity.at_once import Claim, claimed, count_claim, file_proof

_OF_MEMBER, _OF_SOURCE = "wrong_otp.member", "wrong_otp.source"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveByToken:
    """The number as typed, for this claim."""

    claim: Claim
    code: str


def prove_by_token(ask: ProveByToken, *, desk: Desk) -> Proof | None:
    """The passed proof; None for a stranger, a wrong or used number, without another token, or where too many were wrong
    lately. Then nothing is judged, so that nobody locks somebody else's token from here.

    Raises:
        TooOften: from this source, or for this login, member or report.
    """
    claim = ask.claim
    with desk.uow as uow:
        count_claim(claim, desk=desk)
        member = claimed(claim, uow)
        passed = member is not None and _accepted(ask, member, desk=desk)
        if not passed:
            _count_wrong(claim, member, desk=desk)
        proof = file_proof(claim, Method.OTP, member, passed=passed, desk=desk)
        uow.commit()
    return proof if passed else None


def _accepted(ask: ProveByToken, member: Member, *, desk: Desk) -> bool:
    full = is_full(_OF_MEMBER, str(member.id), WRONG_OTPS_PER_MEMBER, desk=desk)
    if full or is_full(_OF_SOURCE, ask.claim.source, WRONG_CODES_PER_CLIENT, desk=desk):
        return False
    others = _others(ask.claim.act, member, desk=desk)
    by = Actor(kind=ActorKind.STRANGER, source=ask.claim.source)
    judged = judge_among(others, ask.code, desk=desk, by=by) if others else []
    return any(one.verdict is Verdict.ACCEPTED for one in judged)


def _others(act: Act, member: Member, *, desk: Desk) -> list[Token]:
    """The member's tokens that may speak for this act. An application is about the old token that it names; before it names
    one, about the only one there is."""
    tokens = live_tokens(desk.uow, member.id)
    about: frozenset[TokenId] = frozenset()
    if act is Act.APPLY:
        case = written_case(member.id, uow=desk.uow)
        if case is not None and case.old_token_id is not None:
            about = frozenset({case.old_token_id})
        elif len(tokens) == 1:
            about = frozenset({tokens[0].id})
    return second_tokens(tokens, about, now=desk.now)


def _count_wrong(claim: Claim, member: Member | None, *, desk: Desk) -> None:
    if member is not None:
        count_one(_OF_MEMBER, str(member.id), WRONG_OTPS_PER_MEMBER, desk=desk)
    count_one(_OF_SOURCE, claim.source, WRONG_CODES_PER_CLIENT, desk=desk)
