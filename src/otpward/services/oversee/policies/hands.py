"""Who writes a policy: an administrator, a system whose key may, or whoever sits at the machine; and who has written what."""

from otpward.core.audit import Actor
from otpward.core.errors import Conflict, Denied, NotFound
from otpward.core.model.member import Operator
from otpward.core.model.policy_version import PolicyVersion
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk

Author = Operator | Actor
"""An operator is asked for their role; any other actor was let in by the door, with a key or a shell."""


class OwnPolicy(Denied):
    """Who has written a policy, or put it forward, does not approve it."""

    code = "own_policy"


class StalePolicy(Conflict):
    """The version changed since it was shown."""

    code = "stale_policy"


def actor_of(author: Author) -> Actor:
    """How the audit names them; raises `Denied` if an operator's role may not."""
    if isinstance(author, Actor):
        return author
    require(author.role, Permission.SET_POLICY)
    return author.actor


def hand_of(actor: Actor) -> str:
    """One word for who it was, the same every time."""
    return str(actor.id or actor.kind)


def version_of(number: int, seen_version: int | None, *, desk: Desk) -> PolicyVersion:
    """The version of this number; raises `NotFound`, and `StalePolicy` if it is not as it was shown."""
    found = desk.uow.policies.first(number=number)
    if found is None or not number:
        raise NotFound("no such version of the policy")
    if seen_version is not None and found.version != seen_version:
        raise StalePolicy("the policy changed since it was shown")
    return found
