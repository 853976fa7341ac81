"""Staff who saw the papers give the proof to the member's own browser: a code is shown to be typed there."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Final

from otpward.clerk.in_person import held_by, lies_at_counter
from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict, NotFound
from otpward.core.ids import ProofId, spell
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.member import Operator
from otpward.core.model.proof import Act, Method, Proof
from otpward.core.policy.rates import BRANCH_CODE_LETTERS, BRANCH_CODE_LIFE
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk
from otpward.ports.vault import Print, Vault

ELSEWHERE: Final = frozenset({Act.APPLY, Act.UNLOCK, Act.CHANGE_CONTACT, Act.FOLLOW})
"""What the member can go on with alone. A stop is lifted at the counter, where the device can be seen too."""


class NothingToGive(Conflict):
    """The proof was used, is too old, or is for something that is done at the counter."""

    code: ClassVar[str] = "nothing_to_give"


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBranchCode:
    """Which proof; it must lie with this operator."""

    proof_id: ProofId
    operator: Operator


def give_branch_code(ask: GiveBranchCode, *, desk: Desk) -> Proof:
    """The proof, with a code that is good for ten minutes; `shown_code` tells it. While one is good, it stays the same.

    Raises:
        NotFound: no such proof of this operator.
        NothingToGive: it cannot go over any more.
        Denied: not this role.
    """
    require(ask.operator.role, Permission.HAND_OVER)
    with desk.uow as uow:
        proof = uow.proofs.first(id=ask.proof_id, browser=held_by(ask.operator))
        if proof is None:
            raise NotFound("no such proof of this operator")
        if proof.act not in ELSEWHERE or not is_open(proof, desk.now):
            raise NothingToGive("not to be given")
        if shown_code(proof, now=desk.now, vault=desk.vault):
            return proof
        given = uow.proofs.save(replace(proof, sends=proof.sends + 1, sent_at=desk.now, tries=0))
        uow.audit.append(
            AuditEvent.PROOF_CODE_SHOWN,
            given,
            by=ask.operator.actor,
            at=desk.now,
            institution_id=given.institution_id,
            case_id=given.case_id,
        )
        uow.commit()
    return given


def shown_code(proof: Proof, *, now: datetime, vault: Vault) -> str:
    """The code that is good for it now; empty if none is. It is computed and never stored: nobody without the key can."""
    if not is_open(proof, now) or proof.sent_at is None or now >= proof.sent_at + BRANCH_CODE_LIFE:
        return ""
    return code_of(proof, vault)


def code_of(proof: Proof, vault: Vault) -> str:
    """The code that was given last for this proof, good or not."""
    return spell(vault.fingerprint(Print.BRANCH_CODE, str(proof.id), str(proof.sends)), BRANCH_CODE_LETTERS)


def is_open(proof: Proof, now: datetime) -> bool:
    """Whether it is a proof in person that still lies at the counter."""
    here = proof.method is Method.IN_PERSON and proof.state is ProofState.PASSED and lies_at_counter(proof)
    return here and now < proof.expires_at
