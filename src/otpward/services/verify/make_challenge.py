"""A question to a token about one transaction: nobody could foresee it, it is answered once, and soon or not at all."""

from dataclasses import dataclass
from typing import Final

from otpward.clerk.signing import signing_keys
from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import Conflict, Invalid, TooOften
from otpward.core.ids import InstitutionId
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.model.challenge import Challenge
from otpward.core.model.member import Member, fold_login
from otpward.core.model.token import Token
from otpward.core.model.transaction import Transaction
from otpward.core.oath.model import TokenKind
from otpward.core.oath.question import NONCE_OCTETS, checked_client_challenge, make_question, make_session
from otpward.core.policy.rates import CHALLENGE_LIFE, CHALLENGES_OPEN
from otpward.core.policy.signing import SigningKeys, answer_of_server
from otpward.core.policy.verification import Verdict, standing
from otpward.core.secret import Personal
from otpward.ports.desk import Desk
from otpward.services.verify.verify import Nobody

_DRAWS: Final = 32
"""Drawn again where the question was asked before. Eight digits never need it; where four were asked for years, this ends."""


class NoQuestionLeft(Conflict):
    """This token was asked nearly every question that its suite has; it is to be replaced."""

    code = "no_question_left"


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeChallenge:
    """What is to be signed, and by whom: exactly one of `login` and `serial`. `client_challenge` is the token's own question,
    for mutual mode."""

    institution_id: InstitutionId
    transaction: Transaction
    by: Actor
    login: str | None = None
    serial: str | None = None
    client_challenge: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeChallenge:
    """The question, for which suite, in mutual mode with the server's own answer; `language` is the member's."""

    challenge: Challenge
    suite: str
    server_code: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoChallenge:
    """Nothing can be asked now, and why; `token` is the one that would have been."""

    reason: Verdict
    token: Token | None = None


def make_challenge(ask: MakeChallenge, *, desk: Desk) -> MadeChallenge | NoChallenge:
    """Ask a token that could answer now. Of a member's several, the newest that answers challenges.

    Raises:
        Invalid: the token's own question does not fit its suite, or was ours before.
        TooOften: as many as may be are open for this token.
        NoQuestionLeft: no question is left that it was not asked before.
    """
    with desk.uow as uow:
        found = _find(ask, desk=desk)
        if isinstance(found, NoChallenge):
            subject, inside = found.token or Nobody(id=desk.new_id()), ask.institution_id
            uow.audit.append(
                AuditEvent.CHALLENGE_REFUSED, subject, by=ask.by, at=desk.now, institution_id=inside, result=found.reason
            )
            uow.commit()
            return found
        token, member = found
        signer = uow.signers.save(uow.signers.get(token.id))
        _refuse_too_many(token, desk=desk)
        keys = signing_keys(token, signer, desk=desk)
        challenge = _draw(ask, token, member, keys, desk=desk)
        uow.challenges.add(challenge)
        server_code = answer_of_server(challenge, token, keys=keys, now=desk.now) if ask.client_challenge else ""
        detail = {"challenge": str(challenge.id)}
        uow.audit.append(
            AuditEvent.CHALLENGE_MADE, token, by=ask.by, at=desk.now, institution_id=ask.institution_id, detail=detail
        )
        uow.commit()
    return MadeChallenge(challenge=challenge, suite=signer.suite, server_code=server_code, language=member.language)


def _find(ask: MakeChallenge, *, desk: Desk) -> tuple[Token, Member] | NoChallenge:
    uow = desk.uow
    if ask.serial is not None:
        named = uow.tokens.first(serial=ask.serial)
        if named is None:
            return NoChallenge(reason=Verdict.UNKNOWN)
        bound = uow.registrations.find(token_id=named.id, state=RegistrationState.LIVE)
    else:
        person = uow.members.first(login=fold_login(ask.login or ""))
        if person is None or person.left_at is not None:
            return NoChallenge(reason=Verdict.UNKNOWN)
        bound = uow.registrations.find(member_id=person.id, state=RegistrationState.LIVE, order="-live_at")
    pairs = [(uow.tokens.get(one.token_id), uow.members.get(one.member_id)) for one in bound]
    pairs = [(token, member) for token, member in pairs if member.left_at is None]
    if not pairs:
        return NoChallenge(reason=Verdict.NOT_REGISTERED)
    signers = [(token, member) for token, member in pairs if token.kind is TokenKind.OCRA]
    if not signers:
        return NoChallenge(reason=Verdict.CHALLENGE_UNFIT, token=pairs[0][0])
    reasons = [standing(token, now=desk.now) for token, _ in signers]
    if None in reasons:
        return signers[reasons.index(None)]
    return NoChallenge(reason=reasons[0] or Verdict.UNKNOWN, token=signers[0][0])


def _refuse_too_many(token: Token, *, desk: Desk) -> None:
    latest = desk.uow.challenges.find(token_id=token.id, spent_at=None, order="-expires_at", limit=CHALLENGES_OPEN)
    if len(latest) == CHALLENGES_OPEN and latest[-1].expires_at > desk.now:
        raise TooOften(latest[-1].expires_at)


def _draw(ask: MakeChallenge, token: Token, member: Member, keys: SigningKeys, *, desk: Desk) -> Challenge:
    """A question that this token was never asked: an answer overheard once is never good again, and no answer of ours can be
    played back to us as the token's."""
    theirs = checked_client_challenge(keys.suite, ask.client_challenge) if ask.client_challenge else ""
    if theirs and _asked_before(token, theirs, desk=desk):
        raise Invalid("the client's challenge was a question of ours", field="client_challenge")
    canonical = ask.transaction.canonical
    for _ in range(_DRAWS):
        nonce = desk.entropy.octets(NONCE_OCTETS)
        question = make_question(keys.suite, nonce, canonical)
        if question.strip("0") and question != theirs and not _asked_before(token, question, desk=desk):
            return Challenge(
                id=desk.new_id(),
                institution_id=ask.institution_id,
                token_id=token.id,
                member_id=member.id,
                question=question,
                client_challenge=theirs,
                session=make_session(keys.suite, canonical),
                nonce=nonce,
                transaction=Personal(canonical),
                made_at=desk.now,
                expires_at=desk.now + CHALLENGE_LIFE,
            )
    raise NoQuestionLeft("every question drawn was asked before")


def _asked_before(token: Token, question: str, *, desk: Desk) -> bool:
    return desk.uow.challenges.first(token_id=token.id, question=question) is not None
