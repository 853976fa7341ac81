"""Where a case stands, as its member reads it: the steps behind it, the one it is at, and when the rest may be expected.

The steps are named alike on the page, in notices and at the counter. Who acted is said as a role, never as a name.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from otpward.core.lifecycle.case import OPEN, CaseState
from otpward.core.model.case import Case, CaseStep, Delivery, Reason
from otpward.core.policy.notices import KST
from otpward.edges.http.badges import case_badge
from otpward.edges.http.words import Words, later

REASONS: Final[Mapping[Reason, str]] = {
    Reason.LOST: later("Lost"),
    Reason.STOLEN: later("Stolen"),
    Reason.MISUSED: later("Misused"),
    Reason.FAULTY: later("It is broken"),
    Reason.EXPIRING: later("It expires soon"),
    Reason.PHONE_CHANGED: later("I changed my phone"),
    Reason.FIRST_ISSUE: later("I have no OTP yet"),
}

_STEPS: Final = (
    (later("Received"), frozenset({CaseState.SUBMITTED})),
    (later("Documents checked"), frozenset({CaseState.AWAITING_APPROVAL})),
    (later("Approved"), frozenset({CaseState.APPROVED})),
    (later("Prepared"), frozenset({CaseState.PREPARING})),
    (later("On its way or ready to collect"), frozenset({CaseState.IN_TRANSIT, CaseState.READY_TO_COLLECT})),
    (later("Registered"), frozenset({CaseState.REGISTERED})),
    (later("Done"), frozenset({CaseState.DONE})),
)
"""Each step, and the states whose beginning is its moment."""

_TRAVEL: Final = 4
"""The step that an app does not have."""

_AT: Final[Mapping[CaseState, int]] = {
    CaseState.REPORTED: 0,
    CaseState.DRAFT: 0,
    CaseState.SUBMITTED: 1,
    CaseState.CHECKING: 1,
    CaseState.MORE_NEEDED: 1,
    CaseState.AWAITING_APPROVAL: 2,
    CaseState.APPROVED: 3,
    CaseState.PREPARING: 3,
    CaseState.IN_TRANSIT: 4,
    CaseState.READY_TO_COLLECT: 4,
    CaseState.RECEIVED: 5,
    CaseState.REGISTERED: 6,
    CaseState.DONE: len(_STEPS),
}
"""The step that comes next in this state; those before it are done."""

_STOPPED: Final[Mapping[CaseState, str]] = {
    CaseState.REFUSED: later("Not approved"),
    CaseState.CANCELLED: later("Cancelled"),
    CaseState.EXPIRED: later("Expired"),
    CaseState.LIFTED: later("Report cancelled"),
}

_ROLES: Final[Mapping[str, str]] = {"member": later("Member"), "staff": later("Staff"), "system": later("Automatic")}

_AT_LATEST: Final = (0, 1, 1, 2)
"""After how many working days the first steps may be expected, counted from the sending; the others when it is received."""


def timeline(
    case: Case, steps: Sequence[CaseStep], words: Words, *, working_days: int, now: datetime, tracking: str = ""
) -> list[dict[str, object]]:
    """The steps as the `timeline` macro takes them."""
    last_open = next((step.state for step in reversed(steps) if step.state in OPEN), CaseState.REPORTED)
    stopped = case.state in _STOPPED
    at = _AT[last_open if stopped else case.state]
    told: list[dict[str, object]] = []
    for index, (title, states) in enumerate(_STEPS):
        if index == _TRAVEL and case.delivery is Delivery.APP:
            continue
        if stopped and index >= at:
            break
        entered = next((step for step in reversed(steps) if step.state in states), None)
        step: dict[str, object] = {"title": words._(title), "state": "done" if index < at else "now" if index == at else "next"}
        begun = entered if index < at or index == at == _TRAVEL else None
        if begun is not None:
            step |= {"at": begun.at, "actor": words._(_ROLES.get(begun.by_role, _ROLES["system"]))}
        elif index >= at and case.submitted_at is not None:
            step["expected"] = expected(case.submitted_at, working_days, step=index, reached=at, now=now)
        if begun is not None and index == _TRAVEL:
            said = case_badge(words, state=begun.state).text if index == at else ""
            mail = words._("Registered mail {number}", number=tracking) if tracking else ""
            step["note"] = " · ".join(filter(None, (said, mail)))
        told.append(step)
    if stopped:
        told.append(_end(case, steps, words))
    return told


def expected(sent_at: datetime, working_days: int, *, step: int = _TRAVEL, reached: int = 0, now: datetime) -> datetime:
    """When a step may be expected, of what is received after so many working days; if the one before it is late, counted from
    today."""
    days = [min(day, working_days) for day in _AT_LATEST] + [working_days] * (len(_STEPS) - len(_AT_LATEST))
    planned = _after(sent_at, days[step])
    if _after(sent_at, days[min(reached, len(days) - 1)]) >= now:
        return planned
    return max(planned, _after(now, days[step] - days[min(reached, len(days) - 1)]))


def _after(at: datetime, days: int) -> datetime:
    """So many working days later; from a weekend, the count begins on Monday. Public holidays are not known here."""
    while days or at.astimezone(KST).weekday() >= 5:
        at += timedelta(days=1)
        if at.astimezone(KST).weekday() < 5 and days:
            days -= 1
    return at


def _end(case: Case, steps: Sequence[CaseStep], words: Words) -> dict[str, object]:
    last = next((step for step in reversed(steps) if step.state is case.state), None)
    end: dict[str, object] = {"title": words._(_STOPPED[case.state]), "state": "stopped"}
    if last is not None:
        end |= {"at": last.at, "actor": words._(_ROLES.get(last.by_role, _ROLES["system"])), "note": last.note}
    return end
