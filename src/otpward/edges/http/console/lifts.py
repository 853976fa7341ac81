"""Lifting a stop at a branch: which one, what is asked for it, and what is said when it cannot be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from otpward.core.errors import Invalid
from otpward.core.lifecycle.token import Hold
from otpward.core.model.member import Operator
from otpward.core.model.proof import Act, Proof
from otpward.core.model.token import TokenHold
from otpward.core.policy.proofs import ProofNeeded
from otpward.core.policy.rates import LIFT_WISH_LIFE
from otpward.core.policy.roles import Permission
from otpward.core.policy.verification import Verdict, standing
from otpward.edges.http.console.door import allowed
from otpward.edges.http.console.token_view import TokenView
from otpward.edges.http.front import Visit
from otpward.services.prove_identity.find_in_person import find_in_person
from otpward.services.report_loss.lift_hold import (
    ALIVE,
    LIFTABLE,
    ApproveLift,
    CannotLift,
    LiftHold,
    Lifting,
    OwnLift,
    approve_lift,
    lift_hold,
)
from otpward.services.resync.unlock_in_person import UnlockInPerson, unlock_in_person
from otpward.services.resync.unlock_token import CannotUnlock


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """One stop that stands, and what this operator may do about it."""

    line: TokenHold
    two_people: bool
    may_ask: bool
    may_approve: bool
    own: bool


def lifts(view: TokenView, operator: Operator, now: datetime) -> Sequence[Lift]:
    """Every stop of this device that a branch can lift."""
    if view.token.state not in ALIVE:
        return []
    standing = [line for line in view.holds if line.lifted_at is None and line.hold in LIFTABLE & view.token.holds]
    return [_lift(line, operator, now) for line in standing]


def _lift(line: TokenHold, operator: Operator, now: datetime) -> Lift:
    asked = line.lift_asked_at is not None and now <= line.lift_asked_at + LIFT_WISH_LIFE
    return Lift(
        line=line,
        two_people=line.hold is not Hold.LOST,
        may_ask=not asked and allowed(operator, Permission.HAND_OVER),
        may_approve=asked and line.lift_asked_by != operator.member_id and allowed(operator, Permission.APPROVE),
        own=asked and line.lift_asked_by == operator.member_id,
    )


def seen(visit: Visit, view: TokenView, operator: Operator) -> Mapping[str, Proof | None]:
    """What this operator has seen of the holder's papers, for each act that takes it."""
    holder, now, acts = view.member, visit.front.house.clock.now(), (Act.LIFT_LOSS, Act.UNLOCK)
    if holder is None:
        return dict.fromkeys(acts)
    return visit.look(lambda uow: {act: find_in_person(act, holder.id, operator, uow=uow, now=now) for act in acts})


def send_lift(visit: Visit, view: TokenView, operator: Operator) -> tuple[str, dict[str, str]]:
    """Lift it, or ask a second person: what is said afterwards, or the faults."""
    form = visit.form
    hold = _hold(form.get("hold", ""))
    ask = LiftHold(
        token_id=view.token.id,
        hold=hold,
        operator=operator,
    )
    try:
        done = visit.do(lambda desk: lift_hold(ask, desk=desk))
    except ProofNeeded:
        return "", _not_seen(visit)
    except (CannotLift, OwnLift) as error:
        return "", {"": _refusal(visit, error)}
    return ("lifted" if done is Lifting.DONE else "asked"), {}


def send_approval(visit: Visit, view: TokenView, operator: Operator) -> tuple[str, dict[str, str]]:
    """The second of two agrees."""
    ask = ApproveLift(token_id=view.token.id, hold=_hold(visit.form.get("hold", "")), operator=operator)
    try:
        visit.do(lambda desk: approve_lift(ask, desk=desk))
    except (CannotLift, OwnLift) as error:
        return "", {"": _refusal(visit, error)}
    return "lifted", {}


def may_unlock(view: TokenView, operator: Operator, now: datetime) -> bool:
    """Whether this operator may open the lock that wrong numbers put on it; what stops it otherwise is lifted first."""
    locked = standing(view.token, now=now) is Verdict.LOCKED and view.token.state in ALIVE
    return locked and not lifts(view, operator, now) and allowed(operator, Permission.HAND_OVER)


def send_unlock(visit: Visit, view: TokenView, operator: Operator) -> tuple[str, dict[str, str]]:
    """Open the lock, for a holder who stands there."""
    ask = UnlockInPerson(token_id=view.token.id, operator=operator)
    try:
        visit.do(lambda desk: unlock_in_person(ask, desk=desk))
    except ProofNeeded:
        return "", _not_seen(visit)
    except CannotUnlock:
        return "", {"": visit.words._("It is not locked any more")}
    return "unlocked", {}


def _not_seen(visit: Visit) -> dict[str, str]:
    return {"": visit.words._("Compare the holder's papers first, for this act. What you saw before was used or is too old")}


def _hold(text: str) -> Hold:
    if text not in set(Hold):
        raise Invalid("no such stop", field="hold")
    return Hold(text)


def _refusal(visit: Visit, error: CannotLift | OwnLift) -> str:
    _ = visit.words._
    if isinstance(error, OwnLift):
        return _("You cannot approve your own request")
    return _("It cannot be lifted: a new OTP is under way, or it was lifted already. Look at the application first")
