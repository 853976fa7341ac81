"""What this operator has seen of a member, and has not used yet."""

from datetime import datetime

from otpward.clerk.in_person import held_by
from otpward.core.ids import MemberId
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.member import Operator
from otpward.core.model.proof import Act, Proof
from otpward.ports.unit_of_work import UnitOfWork


def find_in_person(act: Act, member_id: MemberId, operator: Operator, *, uow: UnitOfWork, now: datetime) -> Proof | None:
    """The proof in person for this act that lies with this operator and is still good."""
    found = uow.proofs.find(
        browser=held_by(operator), member_id=member_id, act=act, state=ProofState.PASSED, order="-started_at"
    )
    return next((one for one in found if now < one.expires_at), None)
