"""One question, one answer: is this code good for this member, or for this token?"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from otpward.clerk.limits import count_wrong, refuse_too_many_wrong
from otpward.clerk.tokens import judge_among
from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import Moved, OtherRequest, Taken
from otpward.core.ids import InstitutionId
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.model.answer import KeptAnswer
from otpward.core.model.member import fold_login
from otpward.core.model.token import Token
from otpward.core.policy.rates import ANSWER_LIFE
from otpward.core.policy.verification import Examined, Verdict
from otpward.ports.desk import Desk
from otpward.ports.judging import Once, Verification
from otpward.services.verify.answer_challenge import answer_challenge

MOST_TELLING: Final = (
    Verdict.ACCEPTED,
    Verdict.RESYNC_NEEDED,
    Verdict.REPLAYED,
    Verdict.WRONG_CODE,
    Verdict.CHALLENGE_SPENT,
    Verdict.CHALLENGE_EXPIRED,
    Verdict.CHALLENGE_UNKNOWN,
    Verdict.LOCKED,
    Verdict.BLOCKED,
    Verdict.ON_HOLD,
    Verdict.EXPIRED,
    Verdict.NOT_ACTIVE,
    Verdict.CHALLENGE_NEEDED,
    Verdict.CHALLENGE_UNFIT,
    Verdict.NOT_REGISTERED,
    Verdict.UNKNOWN,
)
"""Of several tokens, what is said of the one that was evaluated tells most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify:
    """A code, and whose it should be: exactly one of `login` and `serial`.

    `client` is the address of the person who typed it, where the asker knows it: wrong codes are counted by it, too. `once`
    makes asking again safe. `challenge` is the question that the code answers, for a token that answers challenges.
    """

    institution_id: InstitutionId
    code: str
    by: Actor
    login: str | None = None
    serial: str | None = None
    client: str = ""
    once: Once | None = None
    challenge: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Nobody:
    """What an audit line is about when nothing was found."""

    id: UUID
    version: int = 0


def verify(ask: Verify, *, desk: Desk) -> Verification:
    """Judge the code and commit what it did before answering. Nothing is cached: a hold stops the very next call.

    A member with several tokens is accepted by any of them, which counts against none of the others; a wrong code counts
    against each. Who has left is nobody. The answer's id is that of its audit line.

    Raises:
        TooOften: too many wrong codes came from `client`; nothing was looked at.
        OtherRequest: `once` was used for another question.
    """
    with desk.uow as uow:
        kept = None if ask.once is None else uow.answers.first(key=ask.once.key)
        if ask.once is not None and kept is not None and kept.until > desk.now:
            return heard_before(kept, ask.once)
        refuse_too_many_wrong(ask.client, desk=desk)
        verification_id = desk.new_id()
        tokens, missing = _candidates(ask, desk=desk)
        judged = (
            judge_among(tokens, ask.code, desk=desk, by=ask.by, line_id=verification_id)
            if ask.challenge is None
            else answer_challenge(ask.challenge, tokens, ask.code, desk=desk, by=ask.by, line_id=verification_id)
        )
        if not judged:
            nobody = Nobody(id=verification_id)
            uow.audit.append(
                AuditEvent.CODE_REFUSED,
                nobody,
                by=ask.by,
                at=desk.now,
                institution_id=ask.institution_id,
                result=missing,
                line_id=verification_id,
            )
        answer = sum_up(verification_id, judged, missing=missing, serial=ask.serial, now=desk.now)
        if answer.verdict is not Verdict.ACCEPTED and (not judged or any(one.changed for one in judged)):
            count_wrong(ask.client, desk=desk)
        if ask.once is not None:
            _keep(answer, ask.once, ask.institution_id, over=kept, desk=desk)
        uow.commit()
    return answer


def sum_up(
    verification_id: UUID, judged: list[Examined], *, missing: Verdict, serial: str | None, now: datetime
) -> Verification:
    """What is said in the end of these tokens; `missing` where there were none."""
    if not judged:
        return Verification(id=verification_id, verdict=missing, tries_left=0, serial=serial)
    said = min(judged, key=lambda one: MOST_TELLING.index(one.verdict))
    if said.verdict is Verdict.ACCEPTED:
        return accepted(verification_id, said, now=now)
    return Verification(id=verification_id, verdict=said.verdict, tries_left=said.tries_left, serial=serial)


def accepted(verification_id: UUID, said: Examined, *, now: datetime) -> Verification:
    """What is said of the token that accepted: how long it has been active, and until when it is new."""
    token = said.token
    held = token.hold_until if token.hold_until is not None and now < token.hold_until else None
    return Verification(
        id=verification_id,
        verdict=said.verdict,
        tries_left=said.tries_left,
        serial=token.serial,
        age_s=None if token.active_at is None else max(0, int((now - token.active_at).total_seconds())),
        hold_until=held,
    )


def heard_before(kept: KeptAnswer, once: Once) -> Verification:
    """The answer that was given under this key; raises `OtherRequest`."""
    if not hmac.compare_digest(kept.request, once.request):
        raise OtherRequest("this Idempotency-Key was used for another request", field="Idempotency-Key")
    return read_kept(kept.verification)


def written(answer: Verification) -> dict[str, str | int | None]:
    """An answer as it is kept."""
    kept: dict[str, str | int | None] = {
        "id": str(answer.id),
        "verdict": answer.verdict.value,
        "tries_left": answer.tries_left,
        "serial": answer.serial,
    }
    if answer.age_s is not None:
        kept["age_s"] = answer.age_s
    if answer.hold_until is not None:
        kept["hold_until"] = answer.hold_until.isoformat()
    return kept


def read_kept(values: Mapping[str, str | int | None]) -> Verification:
    """A kept answer as it was."""
    serial, age_s, held = values["serial"], values.get("age_s"), values.get("hold_until")
    return Verification(
        id=UUID(str(values["id"])),
        verdict=Verdict(str(values["verdict"])),
        tries_left=int(values["tries_left"] or 0),
        serial=None if serial is None else str(serial),
        age_s=None if age_s is None else int(age_s),
        hold_until=None if held is None else datetime.fromisoformat(str(held)),
    )


def _keep(answer: Verification, once: Once, institution_id: InstitutionId, *, over: KeptAnswer | None, desk: Desk) -> None:
    """Keep it in the same transaction, in the place of one whose time is over; if another was faster under this key, all of
    this has not happened."""
    until = desk.now + ANSWER_LIFE
    if over is not None:
        desk.uow.answers.save(replace(over, request=once.request, verification=written(answer), until=until))
        return
    kept = KeptAnswer(
        id=desk.new_id(),
        institution_id=institution_id,
        key=once.key,
        request=once.request,
        verification=written(answer),
        until=until,
    )
    try:
        desk.uow.answers.add(kept)
    except Taken:
        raise Moved("the same question was answered meanwhile") from None


def _candidates(ask: Verify, *, desk: Desk) -> tuple[list[Token], Verdict]:
    uow = desk.uow
    if ask.serial is not None:
        token = uow.tokens.first(serial=ask.serial)
        if token is None:
            return [], Verdict.UNKNOWN
        live = uow.registrations.first(token_id=token.id, state=RegistrationState.LIVE)
        if live is None or uow.members.get(live.member_id).left_at is not None:
            return [], Verdict.NOT_REGISTERED
        return [token], Verdict.UNKNOWN
    member = uow.members.first(login=fold_login(ask.login or ""))
    if member is None or member.left_at is not None:
        return [], Verdict.UNKNOWN
    registrations = uow.registrations.find(member_id=member.id, state=RegistrationState.LIVE, order="-live_at")
    return [uow.tokens.get(one.token_id) for one in registrations], Verdict.NOT_REGISTERED
