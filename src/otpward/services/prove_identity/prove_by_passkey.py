"""A passkey says who it is, without a name being typed: what the browser presents belongs to a member or to nobody."""

from dataclasses import dataclass

from otpward.clerk.passkeys import Asked, Presented, judge_passkey
from otpward.core.audit import Actor, ActorKind
from otpward.core.formats.webauthn.ceremony import Site
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.proof import Act, Method, Proof
from otpward.ports.desk import Desk
from otpward.services.prove_identity.at_once import Claim, claimed, count_claim, file_proof


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveByPasskey:
    """The browser's answer, for this claim."""

    claim: Claim
    answer: str


def asked_to_prove(act: Act, browser: bytes) -> Asked:
    """What the challenge is for."""
    return Asked(purpose=f"prove:{act}", browser=browser)


def prove_by_passkey(ask: ProveByPasskey, *, site: Site | None, desk: Desk) -> Proof | None:
    """The passed proof; None if the passkey is nobody's, somebody else's, or may not speak now. Why is in the audit.

    Raises:
        TooOften: from this source, or for this member or report.
    """
    claim = ask.claim
    with desk.uow as uow:
        count_claim(claim, desk=desk)
        named = claim.member_id is not None or claim.report_id is not None
        expected = claimed(claim, uow) if named else None
        shown = Presented(
            institution_id=claim.institution_id,
            answer=ask.answer,
            asked=asked_to_prove(claim.act, claim.browser),
            member_id=None if expected is None else expected.id,
        )
        judged = judge_passkey(shown, site=site, desk=desk, by=Actor(kind=ActorKind.STRANGER, source=claim.source))
        good = judged.member is not None and (expected is not None or not named)
        proof = file_proof(claim, Method.PASSKEY, judged.member if good else expected, passed=good, desk=desk)
        uow.commit()
    return proof if proof.state is ProofState.PASSED else None
