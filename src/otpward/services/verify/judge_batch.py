"""Many questions at once, decided as if they came one after the other. Facts in, decision out; the store commits it whole."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

from otpward.clerk.limits import window_end
from otpward.core.audit import ActorKind, AuditEvent, AuditLine
from otpward.core.errors import TooOften
from otpward.core.ids import BUCKETS, make_id
from otpward.core.model.answer import KeptAnswer
from otpward.core.model.institution import ApiKey
from otpward.core.model.token import Token
from otpward.core.oath.model import TokenKind
from otpward.core.policy.keys import REASONS, VERIFY, NotInScope, check_key
from otpward.core.policy.rates import ANSWER_LIFE, WRONG_CODES_PER_CLIENT
from otpward.core.policy.verification import Examined, Verdict, examine, pretend
from otpward.core.secret import Secret
from otpward.ports.judging import Alone, Asked, Batch, Change, Filing, Found, Judged, Result, Verification
from otpward.ports.surroundings import Entropy
from otpward.ports.vault import About, Vault
from otpward.services.verify.verify import accepted, heard_before, written

_ID_OCTETS = 16
_IDS_AT_ONCE = 64


@dataclass(slots=True)
class _Round:
    """One batch: what has been decided so far is what the next question finds."""

    now: datetime
    vault: Vault
    entropy: Entropy
    before: dict[UUID, Token] = field(default_factory=dict)
    after: dict[UUID, Token] = field(default_factory=dict)
    wrong: dict[bytes, int] = field(default_factory=dict)
    kept: dict[bytes, KeptAnswer] = field(default_factory=dict)
    rests_on: dict[bytes, UUID | None] = field(default_factory=dict)
    lines: int = 0
    chance: bytes = b""

    def new_id(self) -> UUID:
        """The next key: they rise within the batch, so that lines keep their order."""
        self.lines += 1
        if len(self.chance) < _ID_OCTETS:
            self.chance = self.entropy.octets(_ID_OCTETS * _IDS_AT_ONCE)
        chance, self.chance = self.chance[:_ID_OCTETS], self.chance[_ID_OCTETS:]
        return make_id(self.now, chance, self.lines % BUCKETS)

    def seed(self, token: Token) -> Secret:
        """The seed in the clear, for one computation."""
        return self.vault.unseal(token.seed, about=About(token.institution_id, token.id, "token.seed"))


def judge_batch(found: Sequence[Found], now: datetime, *, vault: Vault, entropy: Entropy) -> Batch:
    """Decide each question in turn, on the tokens as the questions before it left them.

    Whatever places or lifts a hold is left to be judged alone, since it writes more than the token's own row; so is a wrong
    code of somebody with several tokens, and a token that answers challenges. One question's fault is its own.
    """
    round_ = _Round(now, vault, entropy)
    results: list[Result] = []
    filings: list[Filing | None] = []
    depends: list[UUID | None] = []
    for one in found:
        try:
            result, filing = _judge(one, round_)
        except Exception as error:
            result, filing = error, None
        results.append(result)
        filings.append(filing)
        once = one.asked.once
        if once is not None and filing is None:
            depends.append(round_.rests_on.get(once.key))
        else:
            depends.append(None if filing is None else filing.token)
    changes = [Change(before=round_.before[key], after=after) for key, after in round_.after.items()]
    return Batch(results=results, changes=changes, filings=filings, depends=depends)


def _judge(found: Found, round_: _Round) -> tuple[Result, Filing | None]:
    asked = found.asked
    key = check_key(found.key, asked.digest, now=round_.now)
    if VERIFY not in key.scopes:
        raise NotInScope("the key has no scope verify")
    reasons = REASONS in key.scopes
    if asked.once is not None:
        kept = round_.kept.get(asked.once.key, found.kept)
        if kept is not None and kept.until > round_.now:
            return Judged(verification=heard_before(kept, asked.once), reasons=reasons), None
    _refuse_too_many_wrong(found, round_)
    if not found.tokens:
        pretend(asked.code, None, now=round_.now)
        line_id = round_.new_id()
        answer = Verification(id=line_id, verdict=found.missing, tries_left=0, serial=asked.serial)
        return Judged(verification=answer, reasons=reasons), _file(answer, None, key, asked, round_, wrong=True)
    after = round_.after
    tokens = [after.get(token.id, token) for token in found.tokens]
    plain = asked.challenge is None and not [token for token in tokens if token.kind is TokenKind.OCRA]
    examined = _examine(tokens, asked.code, round_) if plain else None
    if examined is None or examined[1].token.holds != examined[0].holds:
        return Alone(institution_id=key.institution_id, key_id=key.id, reasons=reasons), None
    before, said = examined
    if not said.changed:
        pretend(asked.code, before, now=round_.now)
    answer = (
        accepted(round_.new_id(), said, now=round_.now)
        if said.verdict is Verdict.ACCEPTED
        else Verification(id=round_.new_id(), verdict=said.verdict, tries_left=said.tries_left, serial=asked.serial)
    )
    if said.changed:
        round_.before.setdefault(before.id, before)
        after[before.id] = said.token
    wrong = said.changed and said.verdict is not Verdict.ACCEPTED
    return Judged(verification=answer, reasons=reasons), _file(answer, before, key, asked, round_, wrong=wrong)


def _examine(tokens: Sequence[Token], code: str, round_: _Round) -> tuple[Token, Examined] | None:
    """The one token, judged; of several the one that accepts, or None if none does."""
    judged = [examine(token, code, seed=partial(round_.seed, token), now=round_.now) for token in tokens]
    if len(tokens) == 1:
        return tokens[0], judged[0]
    pairs = zip(tokens, judged, strict=True)
    return next(((token, one) for token, one in pairs if one.verdict is Verdict.ACCEPTED), None)


def _refuse_too_many_wrong(found: Found, round_: _Round) -> None:
    for key, count, rate in zip(found.asked.client_keys, found.wrong_codes, WRONG_CODES_PER_CLIENT, strict=False):
        if count + round_.wrong.get(key, 0) >= rate.limit:
            raise TooOften(window_end(round_.now, rate))


def _file(answer: Verification, token: Token | None, key: ApiKey, asked: Asked, round_: _Round, *, wrong: bool) -> Filing:
    accepted = answer.verdict is Verdict.ACCEPTED
    line = AuditLine(
        id=answer.id,
        institution_id=key.institution_id,
        at=round_.now,
        event=AuditEvent.CODE_ACCEPTED if accepted else AuditEvent.CODE_REFUSED,
        actor_kind=ActorKind.API_KEY,
        actor_id=key.id,
        source=asked.source[:64],
        subject="nobody" if token is None else "token",
        subject_id=answer.id if token is None else token.id,
        result=answer.verdict.value,
    )
    counted = asked.client_keys if wrong else ()
    for one in counted:
        round_.wrong[one] = round_.wrong.get(one, 0) + 1
    depends = token.id if token is not None and token.id in round_.after else None
    kept = None
    if asked.once is not None:
        round_.rests_on[asked.once.key] = depends
        kept = round_.kept[asked.once.key] = KeptAnswer(
            id=round_.new_id(),
            institution_id=key.institution_id,
            key=asked.once.key,
            request=asked.once.request,
            verification=written(answer),
            until=round_.now + ANSWER_LIFE,
        )
    return Filing(line=line, token=depends, counted=counted, kept=kept)
