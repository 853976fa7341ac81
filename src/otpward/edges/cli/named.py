"""In whose name the command line acts, where only staff may."""

from otpward.core.errors import Denied
from otpward.core.ids import InstitutionId
from otpward.core.model.member import Operator, fold_login
from otpward.ports.desk import House


def staff_named(login: str, inside: InstitutionId, house: House) -> Operator:
    """Somebody who works here, with their own role; the audit has them, and that it was done from the command line.

    Raises:
        Denied: nobody of that name works here.
    """
    member = house.look(inside, lambda uow: uow.members.first(login=fold_login(login)))
    staff = house.look(inside, lambda uow: uow.staff.first(member_id=member.id)) if member is not None else None
    if staff is None or staff.ended_at is not None:
        raise Denied(f"{login} does not work here")
    return Operator(member_id=staff.member_id, role=staff.role, branch_id=staff.branch_id, source="command line")
