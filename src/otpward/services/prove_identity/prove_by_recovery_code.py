"""The saved recovery code says who it is. It works once; a new one takes its place and is shown there and then."""

from dataclasses import dataclass

from otpward.clerk.recovery import Compared, compare_code, spend_code
from otpward.core.audit import Actor, ActorKind
from otpward.core.ids import MemberId
from otpward.core.model.proof import Method, Proof
from otpward.ports.desk import Desk, House
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.prove_identity.at_once import Claim, claimed, count_claim, file_proof


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveByRecoveryCode:
    """The code as typed, for this claim."""

    claim: Claim
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """The passed proof, and the new code: to be shown once."""

    proof: Proof
    new_code: str


def prove_by_recovery_code(ask: ProveByRecoveryCode, *, house: House) -> Recovered | None:
    """What became of it; None for a stranger, a wrong code, a used one, or where too many were wrong lately: all take as long.

    Raises:
        TooOften: from this source, or for this login, member or report.
        Unavailable: too many hashes are being computed at once.
    """
    inside = ask.claim.institution_id
    house.do(inside, lambda desk: _count(ask, desk=desk))

    def whose(uow: UnitOfWork) -> MemberId | None:
        member = claimed(ask.claim, uow)
        return None if member is None else member.id

    compared = compare_code(inside, ask.code, whose, house=house)
    return house.do(inside, lambda desk: _judge(ask, compared, desk=desk))


def _count(ask: ProveByRecoveryCode, *, desk: Desk) -> None:
    with desk.uow as uow:
        count_claim(ask.claim, desk=desk)
        uow.commit()


def _judge(ask: ProveByRecoveryCode, compared: Compared, *, desk: Desk) -> Recovered | None:
    claim = ask.claim
    with desk.uow as uow:
        member = claimed(claim, uow)
        by = Actor(kind=ActorKind.STRANGER, source=claim.source)
        fresh = spend_code(compared, member, source=claim.source, desk=desk, by=by)
        proof = file_proof(claim, Method.RECOVERY_CODE, member, passed=bool(fresh), desk=desk)
        uow.commit()
    return Recovered(proof=proof, new_code=fresh) if fresh else None
