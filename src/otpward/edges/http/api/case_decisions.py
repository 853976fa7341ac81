"""`/v1/cases/{number}/…`: what staff decide, done by a system in the name of the one who did.

Each decision names the version that was read (`If-Match`). What waits for a second person is not decided here: a key can name
anybody, and would be both pairs of eyes.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from otpward.clerk.cases import StaleCase
from otpward.clerk.fees import StaleFee
from otpward.core.errors import Invalid, OtpwardError
from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Case
from otpward.core.model.member import Operator, fold_login
from otpward.core.policy.case_acts import CaseAct
from otpward.core.policy.keys import CASES_DECIDE
from otpward.edges.http.api.case_answers import CaseAnswer, NoteAnswer, note_told
from otpward.edges.http.api.cases import Number, case_named, told_again
from otpward.edges.http.api.keys import Caller, caller_with
from otpward.edges.http.api.once import HEADER, Asked, once
from otpward.edges.http.api.problems import declare, problem
from otpward.edges.http.api.said import KEY, NoVersion, OtherVersion, said, seen_version
from otpward.edges.http.api.staff import Login, NeedsAPerson, operator_named
from otpward.edges.http.faults import status_of
from otpward.edges.http.front import Front
from otpward.ports.desk import Desk, House
from otpward.services.apply.approve import approve
from otpward.services.apply.ask_for_more import ask_for_more
from otpward.services.apply.assign_case import AssignCase, assign_case
from otpward.services.apply.deny_act import deny_act
from otpward.services.apply.note_case import NoteCase, note_case
from otpward.services.apply.refuse import refuse
from otpward.services.apply.review import Decision, OwnRequest
from otpward.services.apply.take_up import take_up

_WRITES: Final = declare(400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 429, 500, 503)
_NOTES: Final = declare(400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503)
_SENTENCES: Final = {
    "needs_a_person": "it waits for a second person, who decides at the console",
    "own_request": "nobody decides about themselves, nor approves what they put forward",
    "denied": "the role of the person you name may not do this",
    "illegal_transition": "this cannot be done in the state that the application is in",
    "conflict": "this cannot be done in the state that the application is in",
    "moved": "somebody else was faster; read it again",
    "changed_since": "it changed since you read it; read it again",
    "if_match_needed": "send If-Match with the ETag of the application as you read it",
    "still_running": "the first request with this Idempotency-Key is still running",
    "fee_due": "its fee is neither paid nor waived",
    "proof_needed": "who you name has not just seen this member's papers, for applying; it is recorded at the console",
    "own_person": "nobody applies for themselves in the name of staff",
    "running_already": "an application of this member was sent already",
    "not_writable": "it was sent already, and is no draft any more",
}
"""One sentence each; what is not here has its own."""

Once = Annotated[str | None, Header(alias=HEADER, max_length=130)]
IfMatch = Annotated[str | None, Header(alias="If-Match", max_length=40, description="The ETag of what you read")]
Text = Annotated[str, StringConstraints(strict=True, max_length=1000)]


class Verb(StrEnum):
    """What is decided."""

    TAKE_UP = "take_up"
    APPROVE = "approve"
    ASK_FOR_MORE = "ask_for_more"
    REFUSE = "refuse"


class DecisionAsk(BaseModel):
    """`by` is the login of the member of staff who decided. The member reads `message` (needed to refuse and to ask for more);
    `reason` is for whoever approves after it; `item` names the paper that is asked for once more."""

    model_config = ConfigDict(extra="forbid")

    act: Verb
    by: Login
    message: Text = ""
    reason: Text = ""
    item: Annotated[str, StringConstraints(strict=True, max_length=40)] = ""


class AssignAsk(BaseModel):
    """Whose work it becomes, by login; null for nobody's."""

    model_config = ConfigDict(extra="forbid")

    by: Login
    to: Login | None = Field(description="A login, or null")


class NoteAsk(BaseModel):
    """A note for colleagues; its member never reads it."""

    model_config = ConfigDict(extra="forbid")

    by: Login
    text: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=1000)]


_ACTS: Final[dict[Verb, tuple[CaseAct, Callable[..., Case]]]] = {
    Verb.TAKE_UP: (CaseAct.TAKE_UP, take_up),
    Verb.APPROVE: (CaseAct.APPROVE, approve),
    Verb.ASK_FOR_MORE: (CaseAct.ASK_FOR_MORE, ask_for_more),
    Verb.REFUSE: (CaseAct.REFUSE, refuse),
}


def router(front: Front) -> APIRouter:
    """The routes of this room."""
    routes, house = APIRouter(prefix="/v1/cases/{number}", tags=["apply"]), front.house
    decides = Depends(caller_with(CASES_DECIDE, house=house))

    @routes.post(
        "/decisions", response_model=CaseAnswer, response_model_exclude_none=True, responses=_WRITES, openapi_extra=KEY
    )
    def decide_case(
        number: Number, ask: DecisionAsk, caller: Annotated[Caller, decides], once_key: Once = None, if_match: IfMatch = None
    ) -> Response:
        """Take up, approve, ask for more, or refuse. Where two people are needed, to approve is to put it before the second."""
        case_act, service = _ACTS[ask.act]

        def act(seen: int) -> Response:
            operator = operator_named(ask.by, caller, house=house)
            case = house.look(caller.key.institution_id, lambda uow: case_named(number, uow))
            decision = Decision(
                case_id=case.id, operator=operator, seen_version=seen, message=ask.message, reason=ask.reason, item=ask.item
            )
            _refuse_second(case, case_act, operator, seen, house)
            return _now(_watched(case, case_act, operator, house, lambda desk: service(decision, desk=desk)), house)

        return _decided(Asked(caller=caller, once=once_key, where=f"decide {number}", body=ask), if_match, house, act)

    @routes.post(
        "/assignment", response_model=CaseAnswer, response_model_exclude_none=True, responses=_WRITES, openapi_extra=KEY
    )
    def assign(
        number: Number, ask: AssignAsk, caller: Annotated[Caller, decides], once_key: Once = None, if_match: IfMatch = None
    ) -> Response:
        """Make it somebody's work, or nobody's."""

        def act(seen: int) -> Response:
            inside = caller.key.institution_id
            operator = operator_named(ask.by, caller, house=house)
            case = house.look(inside, lambda uow: case_named(number, uow))
            to = house.look(inside, lambda uow: uow.members.first(login=fold_login(ask.to or ""))) if ask.to else None
            if ask.to and to is None:
                raise Invalid("nobody of this login works here", field="to")
            wanted = AssignCase(
                decision=Decision(case_id=case.id, operator=operator, seen_version=seen), to=None if to is None else to.id
            )
            return _now(_watched(case, CaseAct.ASSIGN, operator, house, lambda desk: assign_case(wanted, desk=desk)), house)

        return _decided(Asked(caller=caller, once=once_key, where=f"assign {number}", body=ask), if_match, house, act)

    @routes.post("/notes", status_code=201, response_model=NoteAnswer, responses=_NOTES, openapi_extra=KEY)
    def write_note(number: Number, ask: NoteAsk, caller: Annotated[Caller, decides], once_key: Once = None) -> Response:
        """Keep a note. It changes nothing about the application, so it is never too late for one."""

        def act() -> Response:
            operator = operator_named(ask.by, caller, house=house)
            case = house.look(caller.key.institution_id, lambda uow: case_named(number, uow))
            wanted = NoteCase(case_id=case.id, operator=operator, text=ask.text)
            note = house.do(caller.key.institution_id, lambda desk: note_case(wanted, desk=desk))
            return said(note_told(note), status=201)

        return in_one_sentence(lambda: once(Asked(caller=caller, once=once_key, where=f"note {number}", body=ask), house, act))

    return routes


def in_one_sentence(answer: Callable[[], Response]) -> Response:
    """The answer; a refusal that has a sentence above is said with it."""
    try:
        return answer()
    except NoVersion as error:
        return problem(428, error.code, _SENTENCES[error.code])
    except OtherVersion as error:
        return problem(412, error.code, _SENTENCES[error.code])
    except (StaleCase, StaleFee):
        return problem(412, OtherVersion.code, _SENTENCES[OtherVersion.code])
    except OtpwardError as error:
        if error.code not in _SENTENCES or status_of(error) not in {403, 409}:
            raise
        return problem(status_of(error), error.code, _SENTENCES[error.code])


def _decided(asked: Asked, if_match: str | None, house: House, act: Callable[[int], Response]) -> Response:
    def answer() -> Response:
        seen = seen_version(if_match)
        question = Asked(caller=asked.caller, once=asked.once, where=asked.where, body=asked.body, version=seen)
        return once(question, house, lambda: act(seen))

    return in_one_sentence(answer)


def _refuse_second(case: Case, act: CaseAct, operator: Operator, seen: int, house: House) -> None:
    """Let it go on for the version that was looked at here, and for none that comes after it."""
    if case.version != seen:
        raise OtherVersion("it changed since it was read")
    if case.state is CaseState.AWAITING_APPROVAL:
        house.do(case.institution_id, lambda desk: deny_act(case, act, operator, NeedsAPerson.code, desk=desk))
        raise NeedsAPerson("a second person decides at the console")


def _watched(case: Case, act: CaseAct, operator: Operator, house: House, do: Callable[[Desk], Case]) -> Case:
    """The case after it; who tries to decide about themselves is written down, as at the console."""
    try:
        return house.do(case.institution_id, do)
    except OwnRequest as error:
        code = error.code
        house.do(case.institution_id, lambda desk: deny_act(case, act, operator, code, desk=desk))
        raise


def _now(case: Case, house: House) -> Response:
    told: dict[str, Any] = house.look(case.institution_id, lambda uow: told_again(case, uow))
    return said(told, version=case.version)
