"""How many devices lie where, in which state, and which shelves run low."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.institution import Branch
from otpward.core.model.stock import ModelRule
from otpward.core.policy.stock import LOW_BELOW, low_below
from otpward.ports.shelf import Sum
from otpward.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStock:
    """The devices of one model at one branch. `low_below` is where it is low, if somebody said so."""

    model: str
    in_stock: int
    reserved: int
    sent_off: int
    quarantined: int
    to_destroy: int
    low_below: int | None

    @property
    def low(self) -> bool:
        """Whether this model runs out here."""
        return self.low_below is not None and self.in_stock < self.low_below


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchStock:
    """The devices of one branch, in all and by model. What it sent off and has not come home counts, too."""

    branch: Branch
    models: Sequence[ModelStock]

    @property
    def in_stock(self) -> int:
        """On the shelf and free."""
        return sum(model.in_stock for model in self.models)

    @property
    def reserved(self) -> int:
        """Set aside for somebody."""
        return sum(model.reserved for model in self.models)

    @property
    def in_transit(self) -> int:
        """Sent off, to a member or another branch."""
        return sum(model.sent_off for model in self.models)

    @property
    def quarantined(self) -> int:
        """To be looked at."""
        return sum(model.quarantined for model in self.models)

    @property
    def to_destroy(self) -> int:
        """Written off, and still here."""
        return sum(model.to_destroy for model in self.models)

    @property
    def low(self) -> bool:
        """Whether the shelf should be filled: a model below what was said of it, or, where nothing was, few in all."""
        said = [model for model in self.models if model.low_below is not None]
        return any(model.low for model in said) if said else self.in_stock < LOW_BELOW


def count_stock(*, uow: UnitOfWork) -> list[BranchStock]:
    """The stock of each branch, by its code."""
    sums, rules = uow.shelf.sums(), uow.model_rules.find()
    return [
        BranchStock(branch=branch, models=_models(branch, [one for one in sums if one.branch_id == branch.id], rules))
        for branch in uow.branches.find(order="code")
    ]


def _models(branch: Branch, sums: Iterable[Sum], rules: Sequence[ModelRule]) -> list[ModelStock]:
    here = list(sums)
    named = {one.model for one in here if one.place is not Place.LOST and one.place is not Place.DESTROYED}
    named |= {rule.model for rule in rules if rule.branch_id in {None, branch.id}}

    def made(model: str, *places: Place, state: TokenState | None = None) -> int:
        fits = (one for one in here if one.model == model and one.place in places)
        return sum(one.count for one in fits if state in {None, one.state})

    return [
        ModelStock(
            model=model,
            in_stock=made(model, Place.BRANCH, state=TokenState.IN_STOCK),
            reserved=made(model, Place.BRANCH, state=TokenState.RESERVED),
            sent_off=made(model, Place.SHIPMENT, Place.TRANSFER),
            quarantined=made(model, Place.QUARANTINE, state=TokenState.QUARANTINED),
            to_destroy=made(model, Place.QUARANTINE, state=TokenState.RETIRED),
            low_below=low_below(model, branch.id, rules),
        )
        for model in sorted(named)
    ]
