"""A branch is added."""

from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.model.institution import Branch
from otpward.ports.desk import Desk

_OPERATOR = Actor(kind=ActorKind.OPERATOR, source="command line")


def add_branch(branch: Branch, *, desk: Desk) -> Branch:
    """The branch, kept; raises `Taken` if its code exists."""
    with desk.uow as uow:
        uow.branches.add(branch)
        uow.audit.append(AuditEvent.BRANCH_ADDED, branch, by=_OPERATOR, at=desk.now, institution_id=branch.institution_id)
        uow.commit()
    return branch
