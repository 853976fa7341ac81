"""`/v1/notice-texts`: in which words each notice is written, read and set by a system in the name of one of staff."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.responses import Response

from otpward.core.model.notice import NoticeText
from otpward.core.policy.keys import NOTICES_READ, NOTICES_WRITE
from otpward.core.policy.notice_words import needed, placeholders
from otpward.core.policy.notices import TEXTS, NoticeKind
from otpward.edges.http.api.keys import Caller, caller_with
from otpward.edges.http.api.problems import declare
from otpward.edges.http.api.said import KEY, said
from otpward.edges.http.api.staff import Login, operator_named
from otpward.edges.http.front import Front
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.notices.word_notice import WordNotice, word_notice

_READS: Final = declare(401, 403, 404, 422, 500, 503)
_WRITES: Final = declare(400, 401, 403, 409, 413, 415, 422, 500, 503)
Words = Annotated[str, StringConstraints(strict=True, max_length=4000)]


class WordsAsk(BaseModel):
    """The words in both languages, with names in braces; both empty: ours again. `by` is the login of whoever wrote them.
    `talk_code` is the approved template of AlimTalk, empty for none; left out, it stays as it is."""

    model_config = ConfigDict(extra="forbid")

    by: Login
    ko: Words
    en: Words
    talk_code: Annotated[str, StringConstraints(strict=True, max_length=60)] | None = None


class TextAnswer(BaseModel):
    """One notice. `own`: these are the institution's words, of version `number` (0: ours). `names` may stand in braces,
    `needed` must."""

    kind: str
    own: bool
    number: int
    ko: str
    en: str
    talk_code: str
    names: list[str]
    needed: list[str]


class TextListAnswer(BaseModel):
    """Every notice there is."""

    texts: list[TextAnswer]


def router(front: Front) -> APIRouter:
    """The routes of this room."""
    routes, house = APIRouter(prefix="/v1/notice-texts", tags=["oversee"]), front.house
    reads = Depends(caller_with(NOTICES_READ, NOTICES_WRITE, house=house))
    writes = Depends(caller_with(NOTICES_WRITE, house=house))

    @routes.get("", response_model=TextListAnswer, responses=_READS, openapi_extra=KEY)
    def list_notice_texts(caller: Annotated[Caller, reads]) -> Response:
        """Every notice with the words it has now."""

        def view(uow: UnitOfWork) -> list[dict[str, Any]]:
            live = {one.live_for: one for one in uow.notice_texts.find(limit=None) if one.live_for is not None}
            return [_told(kind, live.get(kind)) for kind in NoticeKind]

        return said({"texts": house.look(caller.key.institution_id, view)})

    @routes.get("/{kind}", response_model=TextAnswer, responses=_READS, openapi_extra=KEY)
    def read_notice_text(kind: NoticeKind, caller: Annotated[Caller, reads]) -> Response:
        """One notice."""
        return said(house.look(caller.key.institution_id, lambda uow: _told(kind, uow.notice_texts.first(live_for=kind))))

    @routes.put("/{kind}", response_model=TextAnswer, responses=_WRITES, openapi_extra=KEY)
    def set_notice_text(kind: NoticeKind, ask: WordsAsk, caller: Annotated[Caller, writes]) -> Response:
        """Word it. The words stand in the next notice; the same again changes nothing."""
        inside, operator = caller.key.institution_id, operator_named(ask.by, caller, house=house)
        wanted = WordNotice(
            institution_id=inside, operator=operator, kind=kind, korean=ask.ko, english=ask.en, talk_code=ask.talk_code
        )
        return said(_told(kind, house.do(inside, lambda desk: word_notice(wanted, desk=desk))))

    return routes


def _told(kind: NoticeKind, live: NoticeText | None) -> dict[str, Any]:
    own = live is not None and bool(live.korean)
    korean, english = (live.korean, live.english) if live is not None and own else TEXTS[kind]
    return {
        "kind": kind.value,
        "own": own,
        "number": live.number if live is not None and own else 0,
        "ko": korean,
        "en": english,
        "talk_code": live.talk_code if live is not None else "",
        "names": sorted(placeholders(kind)),
        "needed": sorted(needed(kind)),
    }
