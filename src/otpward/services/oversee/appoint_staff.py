"""A member is appointed to work here."""

from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.ids import BranchId, InstitutionId, MemberId
from otpward.core.model.member import Role, Staff
from otpward.ports.desk import Desk

_OPERATOR = Actor(kind=ActorKind.OPERATOR, source="command line")


def appoint_staff(
    institution_id: InstitutionId, member_id: MemberId, role: Role, branch_id: BranchId | None, *, desk: Desk
) -> Staff:
    """The member works here from now on; raises `NotFound`, and `Taken` if they do already."""
    with desk.uow as uow:
        uow.members.get(member_id)
        staff = Staff(id=desk.new_id(), institution_id=institution_id, member_id=member_id, role=role, branch_id=branch_id)
        uow.staff.add(staff)
        uow.audit.append(
            AuditEvent.STAFF_APPOINTED, staff, by=_OPERATOR, at=desk.now, institution_id=institution_id, result=role
        )
        uow.commit()
    return staff
