"""Administrators who write, put forward and approve policies."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from otpward.clerk.policy import policy_now
from otpward.core.audit import Actor, ActorKind
from otpward.core.model.member import Operator, Role
from otpward.core.model.policy_version import PolicyVersion
from otpward.core.policy.document.model import Policy
from otpward.ports.desk import Desk
from otpward.services.oversee.add_member import AddMember, add_member
from otpward.services.oversee.appoint_staff import appoint_staff
from otpward.services.oversee.policies.approve_policy import DecidePolicy, approve_policy
from otpward.services.oversee.policies.propose_policy import ProposePolicy, propose_policy
from otpward.services.oversee.policies.save_policy import SavePolicy, save_policy
from tests.fakes.sample import Sample

TODAY = date(2026, 11, 23)
SHELL = Actor(kind=ActorKind.OPERATOR, source="command line")
FEE = "[rules.all]\nfee_won = 7000\n"


@dataclass
class Desks:
    """`first` writes, `second` approves."""

    sample: Sample
    first: Operator
    second: Operator

    def do(self, act: Callable[[Desk], Any]) -> Any:
        return self.sample.house.do(self.sample.institution.id, act)

    def save(self, text: str = FEE, *, author: Operator | Actor | None = None, **more: Any) -> PolicyVersion:
        ask = SavePolicy(institution_id=self.sample.institution.id, author=author or self.first, text=text, **more)
        saved: PolicyVersion = self.do(lambda desk: save_policy(ask, desk=desk))
        return saved

    def propose(self, number: int, on: date = TODAY, *, author: Operator | Actor | None = None) -> PolicyVersion:
        ask = ProposePolicy(
            institution_id=self.sample.institution.id, author=author or self.first, number=number, effective_on=on
        )
        proposed: PolicyVersion = self.do(lambda desk: propose_policy(ask, desk=desk))
        return proposed

    def decide(self, number: int, *, by: Operator | None = None, seen_version: int | None = None) -> DecidePolicy:
        return DecidePolicy(
            institution_id=self.sample.institution.id, operator=by or self.second, number=number, seen_version=seen_version
        )

    def approve(self, number: int, *, by: Operator | None = None, seen_version: int | None = None) -> PolicyVersion:
        ask = self.decide(number, by=by, seen_version=seen_version)
        approved: PolicyVersion = self.do(lambda desk: approve_policy(ask, desk=desk))
        return approved

    def put_in_force(self, text: str, on: date = TODAY) -> PolicyVersion:
        """Through every step."""
        number = self.save(text).number
        self.propose(number, on)
        return self.approve(number)

    def now(self) -> Policy:
        inside, house = self.sample.institution.id, self.sample.house
        policy: Policy = house.look(inside, lambda uow: policy_now(inside, uow=uow, now=house.clock.now()))
        return policy


def someone(sample: Sample, login: str, role: Role) -> Operator:
    """A new member of staff."""
    inside, house = sample.institution.id, sample.house
    ask = AddMember(institution_id=inside, login=login, name="나직원", birth_date="1990-03-04", phone="+821055509901")
    member = house.do(inside, lambda desk: add_member(ask, desk=desk, passwords=house.passwords))
    house.do(inside, lambda desk: appoint_staff(inside, member.id, role, None, desk=desk))
    return Operator(member_id=member.id, role=role, branch_id=None, source="127.0.0.1")


def desks(sample: Sample) -> Desks:
    """The sample's administrator and a second one."""
    return Desks(sample, sample.operator, someone(sample, "second", Role.ADMINISTRATOR))
