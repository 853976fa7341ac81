"""A device that rests works again, after its holder has shown who they are, and one number of it."""

from dataclasses import dataclass

from otpward.clerk.notices import tell
from otpward.clerk.proofs import need_of, spend_proofs, standing
from otpward.clerk.tokens import free_token, judge_code, live_registrations
from otpward.core.audit import Actor, ActorKind
from otpward.core.errors import Conflict, NotFound
from otpward.core.ids import MemberId, TokenId
from otpward.core.lifecycle.token import Hold
from otpward.core.model.proof import Act
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.proofs import Binding, ProofNeeded
from otpward.core.policy.verification import Verdict
from otpward.ports.desk import Desk


class NotAtRest(Conflict):
    """It does not rest."""

    code = "not_at_rest"


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeToken:
    """Which, and what it shows. `browser` must be the one in which the proof was passed."""

    token_id: TokenId
    member_id: MemberId
    browser: bytes
    code: str
    source: str


def wake_token(ask: WakeToken, *, desk: Desk) -> Verdict:
    """What was said of the number; if it was good, the hold is lifted and the proof is spent. A wrong one is counted, and
    spends no proof. Any other hold goes on standing in the way.

    Raises:
        NotFound: not a token of this member.
        NotAtRest: nothing of this kind stops it.
        ProofNeeded: not enough was proven, for unlocking a device: the two are alike.
    """
    by = Actor(kind=ActorKind.MEMBER, id=ask.member_id, source=ask.source)
    with desk.uow as uow:
        if all(one.token_id != ask.token_id for one in live_registrations(uow, ask.member_id)):
            raise NotFound("no such token of this member")
        token, member = uow.tokens.get(ask.token_id), uow.members.get(ask.member_id)
        if Hold.DORMANT not in token.holds:
            raise NotAtRest(f"token {token.serial} does not rest")
        need = need_of(Act.UNLOCK, member, [ask.token_id], uow=uow)
        binding = Binding(member=member, browser=ask.browser)
        if not standing(need, binding, uow=uow, now=desk.now).enough:
            raise ProofNeeded("not proven enough to wake it")
        examined = judge_code(token, ask.code, desk=desk, by=by, despite=frozenset({Hold.DORMANT}))
        if examined.verdict is Verdict.ACCEPTED:
            spend_proofs(need, binding, desk=desk, by=by)
            free_token(examined.token, Hold.DORMANT, desk=desk, by=by)
            tell(member, NoticeKind.TOKEN_AWAKE, desk=desk)
        uow.commit()
    return examined.verdict
