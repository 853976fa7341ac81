"""`Idempotency-Key` on what changes something: asked again under the same key, the first answer is given again for a day.

The act commits by itself, so its answer is kept in a transaction of its own: a mark before it, the answer after it. Who asks
while the mark stands hears 409. If the server dies between the two, the mark lapses after a minute and the question is judged
anew, against what is then so: `If-Match` keeps a decision from being made twice.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar, Final

from pydantic import BaseModel
from starlette.responses import Response

from otpward.core.errors import Conflict, Invalid, Moved, OtherRequest, Taken
from otpward.core.model.answer import KeptAnswer
from otpward.core.policy.rates import ANSWER_LIFE
from otpward.edges.http.api.keys import Caller
from otpward.ports.desk import Desk, House
from otpward.ports.vault import Print

HEADER: Final = "Idempotency-Key"
_ONCE: Final = re.compile(r'"?([!#-\[\]-~]{1,128})"?')
_MARK_LIFE: Final = timedelta(minutes=1)
_TOLD: Final = ("etag", "location")


class StillRunning(Conflict):
    """The first request with this key has not been answered yet."""

    code: ClassVar[str] = "still_running"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request: who, under which key (None: without), where, and all that it says."""

    caller: Caller
    once: str | None
    where: str
    body: BaseModel | Mapping[str, object]
    version: int | None = None


def once(asked: Asked, house: House, act: Callable[[], Response]) -> Response:
    """The answer of `act`, or that which was given under this key before.

    Raises:
        Invalid: the key is no key.
        OtherRequest: it was used for another request.
        StillRunning: the first has not been answered yet; and whatever `act` raises, after which the key is free again.
    """
    if asked.once is None:
        return act()
    inside = asked.caller.key.institution_id
    key, request = _prints(asked, house)
    kept = house.do(inside, lambda desk: _mark(key, request, desk, inside=asked))
    if isinstance(kept, Response):
        return kept
    try:
        answer = act()
    except BaseException:
        house.do(inside, lambda desk: _save(kept, {}, desk, life=timedelta(0)))
        raise
    told: dict[str, str | int | None] = {"status": answer.status_code, "body": bytes(answer.body).decode()}
    told |= {name: answer.headers[name] for name in _TOLD if name in answer.headers}
    house.do(inside, lambda desk: _save(kept, told, desk, life=ANSWER_LIFE))
    return answer


def _prints(asked: Asked, house: House) -> tuple[bytes, bytes]:
    found = _ONCE.fullmatch((asked.once or "").strip())
    if found is None:
        raise Invalid("an Idempotency-Key has 1 to 128 printable ASCII characters", field=HEADER)
    body = asked.body.model_dump_json() if isinstance(asked.body, BaseModel) else repr(sorted(asked.body.items()))
    told = (asked.where, str(asked.version), body)
    fingerprint = house.vault.fingerprint
    return fingerprint(Print.REQUEST, "rest", asked.caller.key.handle, found[1]), fingerprint(Print.REQUEST, "rest", *told)


def _mark(key: bytes, request: bytes, desk: Desk, *, inside: Asked) -> KeptAnswer | Response:
    with desk.uow as uow:
        kept = uow.answers.first(key=key)
        if kept is not None and kept.until > desk.now:
            if kept.request != request:
                raise OtherRequest("this Idempotency-Key was used for another request", field=HEADER)
            if "status" not in kept.verification:
                raise StillRunning("the first request with this Idempotency-Key is still running")
            return _again(kept.verification)
        until = desk.now + _MARK_LIFE
        if kept is not None:
            mark = uow.answers.save(replace(kept, request=request, verification={}, until=until))
        else:
            mark = KeptAnswer(
                id=desk.new_id(),
                institution_id=inside.caller.key.institution_id,
                key=key,
                request=request,
                verification={},
                until=until,
            )
            try:
                uow.answers.add(mark)
            except Taken:
                raise Moved("the same request came at the same moment") from None
        uow.commit()
    return mark


def _save(mark: KeptAnswer, told: Mapping[str, str | int | None], desk: Desk, *, life: timedelta) -> None:
    with desk.uow as uow:
        kept = uow.answers.first(key=mark.key)
        if kept is not None and kept.version == mark.version:  # else it was forgotten, or is another's mark: its time was over
            uow.answers.save(replace(kept, verification=told, until=desk.now + life))
            uow.commit()


def _again(told: Mapping[str, str | int | None]) -> Response:
    headers = {"Cache-Control": "no-store", **{name: str(told[name]) for name in _TOLD if name in told}}
    return Response(str(told["body"]), status_code=int(told["status"] or 200), media_type="application/json", headers=headers)
