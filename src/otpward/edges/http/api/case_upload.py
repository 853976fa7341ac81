"""`POST /v1/cases/{number}/documents`: a photo or PDF comes in, through the same door as at the portal.

A route of its own kind: its body is bounded, counted and kept in memory before anything of it is understood (`uploads`), which
the framework's own forms would not do.
"""

import re
from datetime import date
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from otpward.clerk.consents import ConsentNeeded
from otpward.core.errors import Denied, Invalid, TooOften
from otpward.core.model.document import Document, Flaw
from otpward.core.policy.asked_papers import NotFresh
from otpward.core.policy.keys import CASES_WRITE
from otpward.core.policy.papers import Paper
from otpward.edges.http.api.case_documents import DocumentAnswer, told
from otpward.edges.http.api.cases import case_named
from otpward.edges.http.api.keys import Caller, caller_with
from otpward.edges.http.api.problems import MEDIA, declare, problem
from otpward.edges.http.api.said import said
from otpward.edges.http.api.staff import source_of
from otpward.edges.http.documents_words import FLAWS
from otpward.edges.http.front import Front
from otpward.edges.http.uploads import AGAIN_S, Crowded, Uploads, UploadTooBig, Waiting
from otpward.services.apply.save_application import NotWritable
from otpward.services.apply.send_document import SendDocument, send_document

PATH: Final = "/v1/cases/{number}/documents"
_HERE: Final = re.compile(r"/v1/cases/[A-Za-z0-9-]{1,24}/documents")
_FORM: Final = "multipart/form-data"
_FIELDS: Final = frozenset({"item", "paper", "issued_on", "chosen"})
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def takes_files(path: str) -> bool:
    """Whether this is where a file is sent to."""
    return _HERE.fullmatch(path) is not None


def routes(front: Front) -> list[BaseRoute]:
    """The route; none where pictures cannot be read."""
    if front.uploads is None:
        return []
    uploads, house = front.uploads, front.house
    identify = caller_with(CASES_WRITE, house=house)

    async def send(request: Request) -> Response:
        caller = await run_in_threadpool(identify, request)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
            return problem(415, "unsupported_media_type", title=f"Send {_FORM}")
        try:
            fields = await uploads.receive(request)
        except UploadTooBig as error:
            return problem(413, error.code, FLAWS[Flaw.TOO_BIG])
        except Crowded as error:
            return problem(503, error.code, "as many pictures as there is room for are being read", headers=_AGAIN)
        except Denied:
            return problem(400, "malformed_form", "the body is not a form with a file")
        return await run_in_threadpool(_take, request, dict(fields), caller, front, uploads)

    return [Route(PATH, uploads.minded(send), methods=["POST"])]


_AGAIN: Final = {"Retry-After": str(AGAIN_S)}


def _take(request: Request, fields: dict[str, str], caller: Caller, front: Front, uploads: Uploads) -> Response:
    """Every refusal is one sentence, and nothing is kept of what was refused."""
    try:
        document = _sent(request, fields, caller, front)
    except ConsentNeeded as error:
        return problem(409, error.code, "the member has not agreed to pictures of papers since this application was begun")
    except NotWritable as error:
        return problem(409, error.code, "nothing can be added to the application in the state that it is in")
    except NotFresh as error:
        return problem(422, error.code, "the day of issue is missing, not a day, or too long ago", field="issued_on")
    except TooOften as error:
        wait = max(1, int((error.until - front.house.clock.now()).total_seconds()))
        return problem(429, error.code, "so many pictures in an hour", headers={"Retry-After": str(wait)})
    waiting = Waiting(caller.key.institution_id, document.id, document.paper, request.state.file)
    uploads.hand_over(waiting, request)
    answer = said(told(document), status=202, version=document.version)
    answer.headers["Location"] = f"{request.url.path}/{document.id}"
    return answer


def _sent(request: Request, fields: dict[str, str], caller: Caller, front: Front) -> Document:
    unknown = sorted(set(fields) - _FIELDS)
    if unknown:
        raise Invalid("there is no such field", field=unknown[0][:40])
    if not request.state.file:
        raise Invalid(FLAWS[Flaw.EMPTY if fields.get("chosen") else Flaw.NONE_CHOSEN], field="file")
    paper, day = fields.get("paper", ""), fields.get("issued_on", "")
    if paper and paper not in set(Paper):
        raise Invalid(f"one of: {', '.join(Paper)}", field="paper")
    try:
        issued_on = date.fromisoformat(day) if _DAY.fullmatch(day) else None
    except ValueError:
        issued_on = None
    if day and issued_on is None:
        raise Invalid("a day is written 2026-11-23", field="issued_on")
    inside = caller.key.institution_id
    case = front.house.look(inside, lambda uow: case_named(request.path_params["number"], uow))
    ask = SendDocument(
        case_id=case.id,
        member_id=case.member_id,
        item=fields.get("item", ""),
        paper=Paper(paper) if paper else None,
        source=source_of(caller),
        issued_on=issued_on,
    )
    return front.house.do(inside, lambda desk: send_document(ask, desk=desk))


def describe(front: Front) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the OpenAPI document says of it, beside what the framework says of the same path."""
    form = {
        "type": "object",
        "required": ["item", "file"],
        "properties": {
            "item": {"type": "string", "maxLength": 40, "description": "Which of the papers that were asked for"},
            "paper": {"type": "string", "enum": [one.value for one in Paper], "description": "Which proof of identity it is"},
            "issued_on": {"type": "string", "format": "date", "description": "Where the policy wants a fresh paper"},
            "file": {"type": "string", "format": "binary", "description": "JPEG, PNG, WebP or PDF, up to 10 MB"},
        },
    }
    failures = {
        str(status): {
            "description": more["description"],
            "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, more in declare(400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503).items()
    }
    taken = {
        "description": "Taken; it is being read and covered",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DocumentAnswer"}}},
    }
    operation = {
        "tags": ["apply"],
        "summary": "Send a picture of a paper",
        "description": "For the member, who agreed to it. Nothing is kept before it is covered, and they have looked.",
        "operationId": "send_document",
        "parameters": [
            {"name": "number", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 24}},
        ],
        "requestBody": {"required": True, "content": {_FORM: {"schema": form}}},
        "responses": {"202": taken, **failures},
        "security": [{"key": []}],
    }
    schema = DocumentAnswer.model_json_schema(ref_template="#/components/schemas/{model}")
    return ({PATH: {"post": operation}} if front.uploads is not None else {}), {"DocumentAnswer": schema}
