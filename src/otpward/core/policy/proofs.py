"""Which showing of identity is enough for which act, and what it takes to spend one."""

from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from otpward.core.errors import Denied
from otpward.core.ids import MemberId
from otpward.core.lifecycle.others import ProofEvent, ProofState, advance_proof
from otpward.core.model.loss import LossKind, LossReport
from otpward.core.model.proof import Act, Proof


class ProofNeeded(Denied):
    """The asker must show who they are first, for this very act."""

    code: ClassVar[str] = "proof_needed"


def spend(proof: Proof | None, *, act: Act, member_id: MemberId, browser: bytes, now: datetime) -> Proof:
    """The proof, spent: right act, right person, right browser, in time.

    Raises:
        ProofNeeded: there is no such proof, or it is for something else.
    """
    fits = (
        proof is not None
        and proof.state is ProofState.PASSED
        and proof.act is act
        and proof.member_id == member_id
        and proof.browser == browser
        and now < proof.expires_at
    )
    if proof is None or not fits:
        raise ProofNeeded(f"no proof for {act}")
    return replace(proof, state=advance_proof(proof.state, ProofEvent.SPEND))


def phone_may_prove(report: LossReport | None) -> bool:
    """A phone that was reported lost, or may be in a thief's hands, proves nothing."""
    return report is None or not report.phone_lost


def member_may_lift(report: LossReport) -> bool:
    """Only what was merely mislaid may be taken back without a branch; a lost phone cannot prove it either."""
    return report.kind is LossKind.LOST and not report.phone_lost
