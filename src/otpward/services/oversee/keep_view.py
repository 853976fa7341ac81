"""An operator's own views of the queue."""

from dataclasses import dataclass, replace
from typing import Final

from otpward.core.errors import Invalid
from otpward.core.ids import InstitutionId
from otpward.core.model.member import Operator
from otpward.core.model.review import SavedView
from otpward.ports.desk import Desk

VIEWS_MOST: Final = 20


class TooManyViews(Invalid):
    """Nobody finds anything among more."""

    code = "too_many_views"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepView:
    """Filters under a name; a name that is there already gets the new filters. `first`: the operator begins with it."""

    institution_id: InstitutionId
    operator: Operator
    name: str
    query: str
    first: bool = False


def keep_view(ask: KeepView, *, desk: Desk) -> SavedView:
    """The view, kept; at most one is the first.

    Raises:
        Invalid: no name, or filters longer than any page of ours makes (fields `name`, `query`).
        TooManyViews.
    """
    name = " ".join(ask.name.split())[:40]
    if not name:
        raise Invalid("a view has a name", field="name")
    if len(ask.query) > 400:
        raise Invalid("too many filters", field="query")
    with desk.uow as uow:
        mine = uow.saved_views.find(operator_id=ask.operator.member_id)
        same = next((view for view in mine if view.name == name), None) or next((view for view in mine if view.dropped), None)
        if same is None and len(mine) >= VIEWS_MOST:
            raise TooManyViews("too many views", field="name")
        for view in mine:
            if ask.first and view.first and view is not same:
                uow.saved_views.save(replace(view, first=False))
        if same is not None:
            kept = uow.saved_views.save(replace(same, name=name, query=ask.query, first=ask.first, dropped=False))
        else:
            kept = SavedView(
                id=desk.new_id(),
                institution_id=ask.institution_id,
                operator_id=ask.operator.member_id,
                name=name,
                query=ask.query,
                first=ask.first,
            )
            uow.saved_views.add(kept)
        uow.commit()
    return kept
