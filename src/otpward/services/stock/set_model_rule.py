"""Somebody says from how many on a model is low, and how long its battery lasts."""

from dataclasses import dataclass, replace
from typing import Final

from otpward.clerk.places import keeper_of
from otpward.core.audit import AuditEvent
from otpward.core.errors import Invalid
from otpward.core.ids import BranchId, InstitutionId
from otpward.core.model.member import Operator
from otpward.core.model.stock import ModelRule
from otpward.ports.desk import Desk

LOW_MOST: Final = 100_000
BATTERY_MOST: Final = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class SetModelRule:
    """Of this model, at this branch or (None) everywhere; the battery's months only everywhere, 0 for unknown."""

    institution_id: InstitutionId
    operator: Operator
    model: str
    branch_id: BranchId | None
    low_below: int
    battery_months: int = 0


def set_model_rule(ask: SetModelRule, *, desk: Desk) -> ModelRule:
    """The rule as it now is.

    Raises:
        Invalid: a number out of its range (field `low_below`, `battery_months`).
        Denied, NotFound: not this role or branch; no such branch.
    """
    by = keeper_of(ask.operator, ask.branch_id)
    if not 0 <= ask.low_below <= LOW_MOST:
        raise Invalid("0 to 100,000", field="low_below")
    if not 0 <= ask.battery_months <= BATTERY_MOST:
        raise Invalid("0 to 240 months", field="battery_months")
    with desk.uow as uow:
        if ask.branch_id is not None:
            uow.branches.get(ask.branch_id)
        rule = uow.model_rules.first(model=ask.model[:200], branch_id=ask.branch_id)
        if rule is None:
            rule = ModelRule(
                id=desk.new_id(),
                institution_id=ask.institution_id,
                branch_id=ask.branch_id,
                model=ask.model[:200],
                low_below=ask.low_below,
                battery_months=ask.battery_months,
            )
            uow.model_rules.add(rule)
        else:
            rule = uow.model_rules.save(replace(rule, low_below=ask.low_below, battery_months=ask.battery_months))
        detail: dict[str, str | int] = {"model": rule.model, "low_below": rule.low_below}
        uow.audit.append(AuditEvent.STOCK_RULE_SET, rule, by=by, at=desk.now, institution_id=ask.institution_id, detail=detail)
        uow.commit()
    return rule
