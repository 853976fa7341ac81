"""What a page showed of an application, carried in its forms; when a decision comes too late, what is another now."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, urlencode

from otpward.core.errors import NotFound
from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Case, Delivery, Documents, Reason
from otpward.edges.http.address import key_of, pick
from otpward.edges.http.badges import CASES
from otpward.edges.http.console.case_view import CaseView
from otpward.edges.http.console.labels import Labels
from otpward.edges.http.console.rows import named
from otpward.edges.http.front import Visit
from otpward.edges.http.words import later

_LONGEST: Final = 3000


@dataclass(frozen=True, slots=True)
class _Field:
    """One thing that a decision rests on: its name for people, how it is carried, and whether only a print of it is."""

    title: str
    value: Callable[[Case], object]
    covered: bool = False


FIELDS: Final = {
    "state": _Field(later("State"), lambda case: case.state),
    "reason": _Field(later("Reason"), lambda case: case.reason),
    "delivery": _Field(later("Receive by"), lambda case: case.delivery),
    "branch": _Field(later("Branch"), lambda case: case.branch_id),
    "documents": _Field(later("Papers"), lambda case: case.documents),
    "serial": _Field(later("Serial given"), lambda case: case.old_serial),
    "assigned": _Field(later("Taken by"), lambda case: case.assigned_to),
    "checked": _Field(later("Checked by"), lambda case: case.checked_by),
    "until": _Field(later("Last day"), lambda case: case.deadline_at),
    "address": _Field(later("Address"), lambda case: case.address.reveal(), covered=True),
    "message": _Field(later("To the member"), lambda case: case.message, covered=True),
    "answer": _Field(later("Answer of the member"), lambda case: case.answer.reveal(), covered=True),
}


def shown_fields(visit: Visit, view: CaseView) -> str:
    """Every field as it is now, for a hidden field; of what is personal a print that means something to this browser only."""
    return urlencode({name: _carried(visit, name, view.case) for name in FIELDS})


def differences(visit: Visit, shown: str, view: CaseView) -> list[tuple[str, str, str]]:
    """Field, before, after: what is not as it was shown."""
    before = dict(parse_qsl(shown[:_LONGEST], keep_blank_values=True))
    after = {name: _carried(visit, name, view.case) for name in FIELDS}
    words = visit.words
    return [
        (words._(FIELDS[name].title), _said(visit, name, before[name]), _said(visit, name, value))
        for name, value in after.items()
        if name in before and before[name] != value
    ]


def _carried(visit: Visit, name: str, case: Case) -> str:
    value = FIELDS[name].value(case)
    text = value.isoformat() if isinstance(value, datetime) else "" if value is None else str(value)
    if not FIELDS[name].covered or not text:
        return text
    return hmac.digest(visit.csrf.encode(), f"{name}:{text}".encode(), "sha256").hex()[:12]


def _said(visit: Visit, name: str, value: str) -> str:
    words, label = visit.words, Labels(visit.words)
    if not value:
        return "–"
    match name:
        case "state":
            state = pick(CaseState, value)
            return "–" if state is None else words._(CASES[state][0])
        case "reason":
            return label(pick(Reason, value))
        case "delivery":
            return label(pick(Delivery, value))
        case "documents":
            return label(pick(Documents, value))
        case "branch" | "assigned" | "checked":
            return _name(visit, name, value)
        case "until":
            return _moment(visit, value)
        case _:
            return words._("Written") if FIELDS[name].covered else value[:128]


def _name(visit: Visit, name: str, value: str) -> str:
    try:
        keys = [key_of(value)]
    except NotFound:
        return "–"
    if name == "branch":
        branches = visit.look(lambda uow: named(uow.branches, keys))
        return next((branch.name(visit.lang) for branch in branches.values()), "–")
    people = visit.look(lambda uow: named(uow.members, keys))
    return next((member.name.reveal() for member in people.values()), "–")


def _moment(visit: Visit, value: str) -> str:
    try:
        return str(visit.front.pages.show(visit.lang).time(datetime.fromisoformat(value)).striptags())
    except ValueError:
        return "–"
