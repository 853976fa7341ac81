"""What is said about a fee: the same to the member on every page, and on paper."""

from collections.abc import Mapping
from typing import Final

from otpward.clerk.fees import fee_of
from otpward.core.lifecycle.fee import FeeState
from otpward.core.model.case import Case, Delivery
from otpward.core.model.fee import Fee, Means
from otpward.core.policy.document.requirement import Requirement
from otpward.edges.http.badges import Badge, Role
from otpward.edges.http.front import Visit
from otpward.edges.http.words import Words, later

MEANS: Final[Mapping[Means, str]] = {
    Means.CASH: later("Cash"),
    Means.CARD: later("Card"),
    Means.TRANSFER: later("Bank transfer"),
}
STATES: Final[Mapping[FeeState, tuple[str, Role]]] = {
    FeeState.DUE: (later("Due"), Role.WARNING),
    FeeState.WAIVED: (later("Waived"), Role.PLAIN),
    FeeState.PAID: (later("Paid"), Role.SUCCESS),
    FeeState.REFUNDED: (later("Given back"), Role.PLAIN),
    FeeState.DROPPED: (later("No longer due"), Role.PLAIN),
}
_WHEN: Final[Mapping[Delivery, str]] = {
    Delivery.BRANCH: later("You pay when you collect it"),
    Delivery.POST: later("You pay before it is sent"),
    Delivery.APP: later("You pay before the app is set up"),
}


def fee_badge(fee: Fee, words: Words) -> Badge:
    """The state in a word."""
    text, role = STATES[fee.state]
    return Badge(words._(text), role)


def fee_asked(visit: Visit, asked: Requirement) -> str:
    """What is to be paid and when, or why nothing is; before anything was sent."""
    amount = visit.front.pages.show(visit.lang).money(asked.fee_won, free=True)
    if asked.waived is not None:
        return f"{amount} · {asked.waived.title.text(visit.lang)}"
    return f"{amount} · {visit.words._(_WHEN[asked.delivery])}" if asked.fee_won and asked.fee_first else amount


def fee_told(visit: Visit, case: Case, asked: Requirement) -> str:
    """What has become of the fee of an application that was sent."""
    fee = visit.look(lambda uow: fee_of(case, uow=uow))
    if fee is None:
        return visit.front.pages.show(visit.lang).money(asked.fee_won, free=True)
    _, show = visit.words._, visit.front.pages.show(visit.lang)
    amount = show.money(fee.amount_won)
    match fee.state:
        case FeeState.DUE:
            return f"{amount} · {_(_WHEN[asked.delivery])}" if asked.fee_first else f"{amount} · {_('Due')}"
        case FeeState.WAIVED:
            why = asked.waived.title.text(visit.lang) if fee.waiver and asked.waived is not None else _("Waived")
            return f"{show.money(0, free=True)} · {why}"
        case FeeState.PAID if fee.refunded_won:
            return f"{amount} · {_('Paid')} · {_('{amount} given back', amount=show.money(fee.refunded_won))}"
        case FeeState.PAID:
            return f"{amount} · {_('Paid')}"
        case FeeState.REFUNDED:
            return f"{amount} · {_('Given back')}"
        case FeeState.DROPPED:
            return _("No longer due")
