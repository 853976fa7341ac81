"""A proof by somebody outside begins: an identity service, an app, a certificate. For a stranger it begins just the same."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from otpward.clerk.limits import count_try
from otpward.clerk.proofs import rules_of
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Denied, Invalid, Unavailable
from otpward.core.ids import InstitutionId, MemberId, ProofId, ReportId
from otpward.core.lifecycle.others import ProofEvent, ProofState, advance_proof
from otpward.core.model.member import Member, fold_login
from otpward.core.model.proof import Act, Method, Proof
from otpward.core.policy.combinations import Need
from otpward.core.policy.rates import PROOFS_PER_LOGIN, PROOFS_PER_SOURCE
from otpward.core.secret import NOTHING, Personal, Secret
from otpward.ports.desk import Desk, House
from otpward.ports.phone_risk import SimGuard
from otpward.ports.prover import Asked, Begun, Prover
from otpward.services.prove_identity.ask_carrier import ask_carrier
from otpward.services.prove_identity.begin_proof import PhoneProvesNothing

SERVICE_LIFE: Final = timedelta(minutes=10)
_BY_PHONE: Final = frozenset({Method.AGENCY, Method.APP})
_NUMBER_LETTERS: Final = 20
_NONCE_OCTETS: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whom the prover is to ask, in the words of the asker; of a member who sits here, as on file."""

    name: Personal = NOTHING
    birth_date: Personal = NOTHING
    phone: Personal = NOTHING
    added: Mapping[str, str] = field(default_factory=dict)
    """What the prover asks for besides: `carrier`, `digit`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginService:
    """Who is asked for, and for what: a member who sits here, the report that this browser made, or a login as typed.

    `signed_in`: they sit here with password and OTP. `purpose` comes back with the outcome, to say where it leads.
    """

    institution_id: InstitutionId
    act: Act
    provider: str
    browser: bytes
    source: str
    return_url: str
    language: str
    purpose: str = ""
    login: str = ""
    member_id: MemberId | None = None
    signed_in: bool = False
    report_id: ReportId | None = None
    person: Person = field(default_factory=Person)


@dataclass(frozen=True, slots=True, kw_only=True)
class Underway:
    """What is kept of a running proof, sealed with it."""

    kept: Secret = field(default_factory=lambda: Secret(b""))
    link: str = ""
    form: Mapping[str, str] = field(default_factory=dict)
    push: bool = False
    code: bool = False
    challenge: bytes = b""
    purpose: str = ""
    signed_in: bool = False
    unsure: bool = False
    """Nobody could say whether the SIM of the member's phone was changed."""

    def folded(self) -> Personal:
        """As the text that is sealed."""
        binary = {"kept": self.kept.reveal(), "challenge": self.challenge}
        texts = {name: base64.b64encode(octets).decode() for name, octets in binary.items()}
        plain = {
            "link": self.link,
            "form": dict(self.form),
            "push": self.push,
            "code": self.code,
            "purpose": self.purpose,
            "signed_in": self.signed_in,
            "unsure": self.unsure,
        }
        return Personal(json.dumps(texts | plain))


def underway(proof: Proof) -> Underway:
    """What was kept of this proof; nothing, once it is over."""
    if not proof.kept:
        return Underway()
    read = json.loads(proof.kept.reveal())
    binary = {name: base64.b64decode(read.pop(name)) for name in ("kept", "challenge")}
    return Underway(kept=Secret(binary["kept"]), challenge=binary["challenge"], **read)


def begin_service(ask: BeginService, *, house: House, prover: Prover, guard: SimGuard | None = None) -> Proof:
    """A started proof, good for ten minutes, of which `underway` tells how it goes on.

    The prover is asked between two transactions, never inside one. It is asked for strangers too, with what they typed. Where
    it may come by way of the phone, the carrier is asked first (`guard`).

    Raises:
        Denied: this method is no part of any way to do the act, or the report was made elsewhere.
        PhoneProvesNothing: the app lives on a phone that was reported lost.
        TooOften: from this source, or for this person.
        Invalid: the prover cannot ask with what it was given; the proof has failed.
        Unavailable: the prover does not answer; the proof has failed.
    """
    proof, person = house.do(ask.institution_id, lambda desk: _open(ask, prover, desk=desk))
    by_phone = guard if prover.method in _BY_PHONE else None
    sure = by_phone is None or ask_carrier(ask.institution_id, proof.id, house=house, guard=by_phone)
    number = house.desk(ask.institution_id).letters(_NUMBER_LETTERS)
    asked = Asked(
        number=number,
        nonce=house.entropy.octets(_NONCE_OCTETS),
        return_url=ask.return_url,
        language=ask.language,
        name=person.name,
        birth_date=person.birth_date,
        phone=person.phone,
        added=ask.person.added,
        act=ask.act,
        now=house.clock.now(),
    )
    try:
        begun = prover.begin(asked)
        if begun.link and urlsplit(begun.link).scheme not in {"https", "http"}:
            raise Unavailable("the provider's address is not one to follow")
    except (Unavailable, Invalid) as error:
        result = error.code
        house.do(ask.institution_id, lambda desk: _give_up(proof.id, ask.source, result, desk=desk))
        raise
    return house.do(ask.institution_id, lambda desk: _keep(proof.id, begun, ask, unsure=not sure, desk=desk))


def _open(ask: BeginService, prover: Prover, *, desk: Desk) -> tuple[Proof, Person]:
    with desk.uow as uow:
        if not rules_of(ask.institution_id, uow=uow, now=desk.now).helps(Need(act=ask.act), prover.method):
            raise Denied(f"{prover.method} is no way to {ask.act}")
        member, person, who = _asked_for(ask, desk=desk)
        if ask.report_id is not None and prover.method == "app" and uow.losses.get(ask.report_id).phone_lost:
            raise PhoneProvesNothing("the app's phone was reported lost")
        count_try("proof.source", ask.source, PROOFS_PER_SOURCE, desk=desk)
        count_try("proof.service", who, PROOFS_PER_LOGIN, desk=desk)
        by = Actor(kind=ActorKind.STRANGER, source=ask.source)
        for old in uow.proofs.find(browser=ask.browser, provider=ask.provider, state=ProofState.STARTED):
            uow.proofs.save(replace(old, state=advance_proof(old.state, ProofEvent.CANCEL), kept=NOTHING))
        proof = Proof(
            id=ProofId(desk.new_id()),
            institution_id=ask.institution_id,
            act=ask.act,
            method=prover.method,
            state=ProofState.STARTED,
            browser=ask.browser,
            phone_tail=NOTHING,
            member_id=None if member is None else member.id,
            report_id=ask.report_id,
            provider=ask.provider,
            started_at=desk.now,
            expires_at=desk.now + SERVICE_LIFE,
        )
        uow.proofs.add(proof)
        uow.audit.append(
            AuditEvent.PROOF_STARTED,
            proof,
            by=by,
            at=desk.now,
            institution_id=ask.institution_id,
            result=ask.act,
            detail={"provider": ask.provider},
        )
        uow.commit()
    return proof, person


def _asked_for(ask: BeginService, *, desk: Desk) -> tuple[Member | None, Person, str]:
    """The member if there is one, whom to ask, and under what to count it."""
    report = desk.uow.losses.get(ask.report_id) if ask.report_id is not None else None
    if report is not None and report.browser != ask.browser:
        raise Denied("the report was made in another browser")
    if ask.member_id is not None:
        member = desk.uow.members.get(ask.member_id)
        return member, Person(name=member.name, birth_date=member.birth_date, phone=member.phone), str(member.id)
    if report is not None:
        found = desk.uow.members.first(id=report.member_id) if report.member_id is not None else None
        return found, ask.person, str(report.id)
    login = fold_login(ask.login)
    found = desk.uow.members.first(login=login)
    # By the phone that would ring; else with the source, so that who knows a login shuts nobody out.
    who = ask.person.phone.reveal() or f"{login} {ask.source}"
    return found if found is not None and found.left_at is None else None, ask.person, who


def _keep(proof_id: ProofId, begun: Begun, ask: BeginService, *, unsure: bool, desk: Desk) -> Proof:
    going = Underway(
        kept=begun.kept,
        link=begun.link,
        form=begun.form,
        push=begun.push,
        code=begun.code,
        challenge=begun.challenge,
        purpose=ask.purpose,
        signed_in=ask.signed_in,
        unsure=unsure,
    )
    with desk.uow as uow:
        proof = uow.proofs.get(proof_id)
        if proof.state is ProofState.STARTED:  # unless the phone was reported lost meanwhile
            proof = uow.proofs.save(replace(proof, kept=going.folded()))
            uow.commit()
    return proof


def _give_up(proof_id: ProofId, source: str, result: str, *, desk: Desk) -> None:
    with desk.uow as uow:
        proof = uow.proofs.get(proof_id)
        if proof.state is not ProofState.STARTED:
            return
        failed = uow.proofs.save(replace(proof, state=advance_proof(proof.state, ProofEvent.FAIL)))
        uow.audit.append(
            AuditEvent.PROOF_FAILED,
            failed,
            by=Actor(kind=ActorKind.STRANGER, source=source),
            at=desk.now,
            institution_id=failed.institution_id,
            result=result,
            detail={"provider": failed.provider},
        )
        uow.commit()
