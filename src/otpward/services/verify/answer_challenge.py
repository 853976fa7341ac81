"""An answer is judged against its challenge: accepted, the challenge is spent in the same transaction."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from otpward.clerk.signing import signing_keys
from otpward.clerk.tokens import file_verdict
from otpward.core.audit import Actor, AuditEvent
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.model.challenge import Challenge
from otpward.core.model.token import Token
from otpward.core.oath.model import TokenKind
from otpward.core.policy.signing import examine_answer
from otpward.core.policy.verification import Examined, Verdict
from otpward.ports.desk import Desk


def answer_challenge(
    challenge_id: UUID, tokens: Sequence[Token], typed: str, *, desk: Desk, by: Actor, line_id: UUID | None = None
) -> list[Examined]:
    """Judge `typed`, which one of `tokens` (those of whoever was named) should have answered. The caller commits.

    One token is judged: the one that was asked, else the one that is asked for, so that a stray challenge counts nowhere.
    """
    if not tokens:
        return []
    asked = desk.uow.challenges.first(id=challenge_id)
    token = next((one for one in tokens if asked is not None and one.id == asked.token_id), None)
    challenge = asked if token is not None and asked is not None and _still_theirs(asked, desk=desk) else None
    if token is None:
        token = next((one for one in tokens if one.kind is TokenKind.OCRA), tokens[0])
    signer = desk.uow.signers.first(id=token.id) if token.kind is TokenKind.OCRA else None
    keys = signing_keys(token, signer, desk=desk) if signer is not None else None
    examined = examine_answer(token, challenge, typed, keys=keys, now=desk.now)
    filed = file_verdict(examined, before=token, desk=desk, by=by, line_id=line_id)
    if filed.verdict is Verdict.ACCEPTED and challenge is not None:
        desk.uow.challenges.save(replace(challenge, spent_at=desk.now))
        detail = {"challenge": str(challenge.id)}
        desk.uow.audit.append(
            AuditEvent.CHALLENGE_ANSWERED, filed.token, by=by, at=desk.now, institution_id=token.institution_id, detail=detail
        )
    return [filed]


def _still_theirs(challenge: Challenge, *, desk: Desk) -> bool:
    """The token is still that of the member who was asked."""
    live = desk.uow.registrations.first(token_id=challenge.token_id, state=RegistrationState.LIVE)
    return live is not None and live.member_id == challenge.member_id
