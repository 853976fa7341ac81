"""Whether this is the member's recovery code: asked while it is still on their screen."""

from otpward.clerk.recovery import compare_code
from otpward.core.ids import InstitutionId, MemberId
from otpward.ports.desk import House


def is_own_code(institution_id: InstitutionId, member_id: MemberId, code: str, *, house: House) -> bool:
    """Whether it is. Nothing is spent by asking; it is for whoever has just been shown it, to see it again in one page."""
    return compare_code(institution_id, code, lambda _uow: member_id, house=house).right
