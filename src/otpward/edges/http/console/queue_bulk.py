"""One act on several applications: chosen in the queue, confirmed on a page that lists them, told row by row."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from otpward.core.errors import Conflict, Denied, Invalid, NotFound, OtpwardError
from otpward.core.ids import MemberId
from otpward.core.model.case import Case
from otpward.core.model.member import Operator
from otpward.core.policy.roles import Permission
from otpward.edges.http.address import key_of
from otpward.edges.http.console.door import admit
from otpward.edges.http.console.queue_query import PAGE_ROWS, PATH
from otpward.edges.http.console.rows import CaseRow, case_rows, reviewers
from otpward.edges.http.front import Visit
from otpward.edges.http.words import Words, later
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Among
from otpward.services.apply.ask_for_more import ask_for_more
from otpward.services.apply.assign_case import AssignCase, assign_case
from otpward.services.apply.review import Decision, OwnRequest
from otpward.services.apply.take_up import take_up

ACTS: Final[Mapping[str, str]] = {
    "take_up": later("Take up"),
    "assign": later("Assign"),
    "ask": later("Ask for more"),
}
_TOLD: Final[Mapping[str, str]] = {
    "take_up": later("Taken up"),
    "assign": later("Assigned"),
    "ask": later("The member has been asked"),
}
_WHY: Final[tuple[tuple[type[OtpwardError], str], ...]] = (
    (OwnRequest, later("Not done: it is your own application")),
    (Denied, later("Not done: your role may not")),
    (NotFound, later("Not done: it is not there")),
    (Invalid, later("Not done: this person cannot take it")),
    (Conflict, later("Not done: it has changed meanwhile, or its state does not allow it")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one row."""

    row: CaseRow
    done: bool
    text: str


def acts(words: Words) -> list[tuple[str, str]]:
    """What can be done with several at once."""
    return [(act, words._(label)) for act, label in ACTS.items()]


def send_bulk(visit: Visit) -> Response:
    """Ask before it is done; done, say what became of each."""
    operator = admit(visit, Permission.REVIEW)
    act = visit.form.get("act", "")
    if act not in ACTS:
        raise Invalid("no such act", field="act")
    chosen = _chosen(visit.form.get("cases", ""))
    if not chosen:
        return visit.go(f"{_back(visit)}&told=none")
    rows = visit.look(lambda uow: case_rows(uow.cases.find(number=Among(frozenset(chosen)), order="opened_at"), uow))
    if visit.form.get("confirmed") != "yes":
        return _confirm(visit, act, rows, chosen)
    wrong = _missing(visit, act)
    if wrong:
        return _confirm(visit, act, rows, chosen, errors=wrong)
    results = [_one(visit, act, row, chosen[row.case.number], operator) for row in rows]
    return visit.page("console/cases/bulk_done.html", values={}, results=results, act=ACTS[act], back=_back(visit))


def _confirm(
    visit: Visit, act: str, rows: list[CaseRow], chosen: Mapping[str, int], errors: Mapping[str, str] | None = None
) -> Response:
    return visit.page(
        "console/cases/bulk.html",
        errors=errors,
        act=act,
        act_word=visit.words._(ACTS[act]),
        rows=rows,
        cases=",".join(f"{number}.{version}" for number, version in chosen.items()),
        staff=visit.look(reviewers),
        back=_back(visit),
        query=visit.form.get("query", "")[:400],
    )


def _missing(visit: Visit, act: str) -> dict[str, str]:
    if act == "ask" and not visit.form.get("message", "").strip():
        return {"message": visit.words._("Write what the member shall read")}
    if act == "assign" and not visit.form.get("to"):
        return {"to": visit.words._("Choose a colleague")}
    return {}


def _one(visit: Visit, act: str, row: CaseRow, seen: int, operator: Operator) -> Result:
    decision = Decision(
        case_id=row.case.id, operator=operator, seen_version=seen, message=visit.form.get("message", "").strip()
    )
    does: Mapping[str, Callable[[Desk], Case]] = {
        "take_up": lambda desk: take_up(decision, desk=desk),
        "ask": lambda desk: ask_for_more(decision, desk=desk),
        "assign": lambda desk: assign_case(AssignCase(decision=decision, to=_to(visit)), desk=desk),
    }
    try:
        visit.do(does[act])
    except (Invalid, Denied, NotFound, Conflict) as error:
        why = next(text for kind, text in _WHY if isinstance(error, kind))
        return Result(row=row, done=False, text=visit.words._(why))
    return Result(row=row, done=True, text=visit.words._(_TOLD[act]))


def _to(visit: Visit) -> MemberId | None:
    wanted = visit.form.get("to", "")
    return None if wanted == "nobody" else MemberId(key_of(wanted))


def _chosen(text: str) -> dict[str, int]:
    """Numbers with the versions that were shown, as many as a page has; what reads otherwise is left out."""
    pairs = [part.partition(".") for part in text.split(",")[:PAGE_ROWS]]
    return {number: int(seen) for number, _, seen in pairs if seen.isascii() and seen.isdigit() and len(seen) < 10}


def _back(visit: Visit) -> str:
    query = visit.form.get("query", "")[:400]
    return f"{PATH}?{query if query.isascii() and query.isprintable() and query else 'state='}"
