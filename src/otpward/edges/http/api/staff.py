"""In whose name a system acts: what only staff may do, it does for a member of staff whom it names, with their role and no
other.

The audit has the person, and as the source that a key said so. A second pair of eyes is never a key's.
"""

from typing import Annotated, ClassVar

from pydantic import StringConstraints

from otpward.core.errors import Denied, Invalid
from otpward.core.model.member import Operator, fold_login
from otpward.edges.http.api.keys import Caller
from otpward.ports.desk import House

Login = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]


class NeedsAPerson(Denied):
    """It waits for a second person, who decides at the console."""

    code: ClassVar[str] = "needs_a_person"


def operator_named(login: str, caller: Caller, *, house: House) -> Operator:
    """The member of staff of this login; raises `Invalid` (field `by`) where nobody of that name works here."""
    inside = caller.key.institution_id
    member = house.look(inside, lambda uow: uow.members.first(login=fold_login(login)))
    staff = house.look(inside, lambda uow: uow.staff.first(member_id=member.id, ended_at=None)) if member is not None else None
    if member is None or member.left_at is not None or staff is None:
        raise Invalid("nobody of this login works here", field="by")
    return Operator(member_id=member.id, role=staff.role, branch_id=staff.branch_id, source=source_of(caller))


def source_of(caller: Caller) -> str:
    """How the audit says that a system did it in somebody's name."""
    return f"key {caller.key.handle} {caller.source}"[:64]
