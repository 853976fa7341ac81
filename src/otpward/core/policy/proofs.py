"""Which showing of identity is enough for which act, and what it takes to spend one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final

from otpward.core.errors import Denied
from otpward.core.ids import MemberId
from otpward.core.lifecycle.others import ProofEvent, ProofState, advance_proof
from otpward.core.model.loss import LossKind, LossReport
from otpward.core.model.member import Member
from otpward.core.model.proof import Act, Method, Proof


class ProofNeeded(Denied):
    """The asker must show who they are first, for this very act."""

    code: ClassVar[str] = "proof_needed"


_ALONE: Final = (
    frozenset({Method.AGENCY}),
    frozenset({Method.CERTIFICATE}),
    frozenset({Method.APP}),
    frozenset({Method.PHONE_CODE}),
)
_COMBINATIONS: Final[Mapping[Act, tuple[frozenset[Method], ...]]] = {
    Act.APPLY: _ALONE,
    Act.LIFT_LOSS: _ALONE,
    Act.FOLLOW: (*_ALONE, frozenset({Method.SIGN_ON})),
    Act.UNLOCK: _ALONE,
}
"""A sign-on says that somebody knows a password, not who they are (본인확인 it is not): it is enough to look, and no more."""


class Bar(StrEnum):
    """Why a way of proving cannot be used now."""

    NOT_OFFERED = "not_offered"
    NOT_ENOUGH = "not_enough"
    PHONE_LOST = "phone_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Combinations:
    """For each act the sets of methods of which one is enough; an institution may put others into the place of the default."""

    enough: Mapping[Act, tuple[frozenset[Method], ...]] = field(default_factory=lambda: _COMBINATIONS)

    def allows(self, act: Act, method: Method) -> bool:
        """Whether this method alone is enough. A person seen with their papers always is."""
        return method is Method.IN_PERSON or frozenset({method}) in self.enough.get(act, ())

    def bar(self, act: Act, method: Method, *, offered: bool, phone_lost: bool) -> Bar | None:
        """Why the method cannot be used now; None if it can. What an identity service rests on is seen only when it answers."""
        if not offered:
            return Bar.NOT_OFFERED
        if not self.allows(act, method):
            return Bar.NOT_ENOUGH
        if phone_lost and method in {Method.PHONE_CODE, Method.APP}:
            return Bar.PHONE_LOST
        return None


COMBINATIONS: Final = Combinations()
"""Each of these is what enrolment took, or stronger (ASVS V6.4.4): the member was seen in person, or by one of them."""


def rests_on_phone(proof: Proof) -> bool:
    """Whether the proof is worth no more than the member's phone: it is void when that is reported lost."""
    return proof.method is Method.PHONE_CODE or (proof.method in {Method.AGENCY, Method.APP} and bool(proof.phone_tail))


def refuse_lost_phone(proof: Proof, member: Member) -> None:
    """Let nobody in on the strength of a phone that was reported lost; raises `Denied`."""
    if member.phone_lost_at is not None and rests_on_phone(proof):
        raise Denied("the phone was reported lost")


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
        and COMBINATIONS.allows(act, proof.method)
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
