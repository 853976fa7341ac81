"""Staff set out to the institution's sign-on: what comes back is bound to this browser, once, for ten minutes."""

import base64
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from otpward.clerk.limits import count_try
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Unavailable
from otpward.core.ids import InstitutionId, ProofId
from otpward.core.lifecycle.others import ProofEvent, ProofState, advance_proof
from otpward.core.model.proof import Act, Method, Proof
from otpward.core.policy.rates import SIGN_INS_PER_SOURCE
from otpward.core.secret import NOTHING, Personal
from otpward.ports.desk import Desk, House
from otpward.ports.prover import Asked, Begun
from otpward.ports.sign_on import SignOn

SIGN_ON_LIFE: Final = timedelta(minutes=10)
_NUMBER_LETTERS: Final = 20
_NONCE_OCTETS: Final = 32
_ACT: Final = Act.FOLLOW
"""The least of all acts. It is never left passed: in the transaction that passes it, it is spent on the session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginSignOn:
    """From which browser, and where the sign-on is to send it back."""

    institution_id: InstitutionId
    browser: bytes
    source: str
    return_url: str
    language: str


def begin_sign_on(ask: BeginSignOn, *, house: House, sign_on: SignOn) -> str:
    """The address to go to. The sign-on is asked between two transactions.

    Raises:
        TooOften: from this source.
        Unavailable: the sign-on does not answer.
    """
    house.do(ask.institution_id, lambda desk: _count(ask, desk=desk))
    desk = house.desk(ask.institution_id)
    asked = Asked(
        number=desk.letters(_NUMBER_LETTERS),
        nonce=house.entropy.octets(_NONCE_OCTETS),
        return_url=ask.return_url,
        language=ask.language,
        now=desk.now,
    )
    try:
        begun = sign_on.begin(asked)
        if urlsplit(begun.link).scheme not in {"https", "http"}:
            raise Unavailable("the sign-on's address is not one to follow")
    except Unavailable:
        house.do(ask.institution_id, lambda desk: _note_silence(ask, desk=desk))
        raise
    house.do(ask.institution_id, lambda desk: _keep(begun, ask, sign_on.name, desk=desk))
    return begun.link


def _count(ask: BeginSignOn, *, desk: Desk) -> None:
    with desk.uow as uow:
        count_try("sign_in.source", ask.source, SIGN_INS_PER_SOURCE, desk=desk)
        uow.commit()


def _keep(begun: Begun, ask: BeginSignOn, name: str, *, desk: Desk) -> None:
    """What it takes to complete it; whatever this browser had begun before is over."""
    with desk.uow as uow:
        for old in uow.proofs.find(browser=ask.browser, provider=name, state=ProofState.STARTED):
            uow.proofs.save(replace(old, state=advance_proof(old.state, ProofEvent.CANCEL), kept=NOTHING))
        uow.proofs.add(
            Proof(
                id=ProofId(desk.new_id()),
                institution_id=ask.institution_id,
                act=_ACT,
                method=Method.SIGN_ON,
                state=ProofState.STARTED,
                browser=ask.browser,
                phone_tail=NOTHING,
                provider=name,
                kept=Personal(base64.b64encode(begun.kept.reveal()).decode()),
                started_at=desk.now,
                expires_at=desk.now + SIGN_ON_LIFE,
            )
        )
        uow.commit()


def _note_silence(ask: BeginSignOn, *, desk: Desk) -> None:
    with desk.uow as uow:
        institution = uow.institutions.get(ask.institution_id)
        by = Actor(kind=ActorKind.STRANGER, source=ask.source)
        uow.audit.append(
            AuditEvent.SIGN_IN_FAILED,
            institution,
            by=by,
            at=desk.now,
            institution_id=institution.id,
            result="sign_on_unavailable",
        )
        uow.commit()
