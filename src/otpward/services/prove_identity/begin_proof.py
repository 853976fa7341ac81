"""A proof by phone code begins; for a stranger it begins just the same, and can never pass."""

from dataclasses import dataclass

from otpward.clerk.limits import count_try
from otpward.clerk.proofs import rules_of
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Denied
from otpward.core.ids import InstitutionId, MemberId, ProofId, ReportId
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.member import fold_login
from otpward.core.model.proof import Act, Method, Proof
from otpward.core.policy.combinations import Need
from otpward.core.policy.phones import to_e164
from otpward.core.policy.proofs import phone_may_prove
from otpward.core.policy.rates import CODE_LIFE, PROOFS_PER_LOGIN, PROOFS_PER_SOURCE
from otpward.core.secret import Personal
from otpward.ports.desk import Desk
from otpward.ports.vault import Print


class PhoneProvesNothing(Denied):
    """The phone was reported lost with the token; another way is needed."""

    code = "phone_proves_nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginProof:
    """Who is asked for, and for what: by login and phone as typed, or by the report that this browser made."""

    institution_id: InstitutionId
    act: Act
    browser: bytes
    source: str
    login: str = ""
    phone: str = ""
    report_id: ReportId | None = None


def begin_proof(ask: BeginProof, *, desk: Desk) -> Proof:
    """A started proof, good for ten minutes. The code itself is sent by `send_code`.

    Raises:
        Invalid: the phone number cannot be one (field `phone`).
        Denied: a phone code is no part of any way to do the act, or the report was made elsewhere.
        PhoneProvesNothing: the phone of this report was lost too.
        TooOften: from this source, or for this login and phone, or for this report.
    """
    with desk.uow as uow:
        member_id: MemberId | None
        if ask.report_id is not None:
            report = uow.losses.get(ask.report_id)
            if report.browser != ask.browser:
                raise Denied("the report was made in another browser")
            if not phone_may_prove(report):
                raise PhoneProvesNothing("the phone was reported lost")
            member_id, tail, who = report.member_id, report.phone_tail, str(report.id)
        else:
            phone, login = to_e164(ask.phone), fold_login(ask.login)
            member = uow.members.first(login=login)
            matches = member is not None and member.phone_print == desk.vault.fingerprint(Print.PHONE, phone)
            member_id = member.id if member is not None and matches and member.left_at is None else None
            tail, who = Personal(phone[-4:]), f"{login} {phone}"
        if not rules_of(ask.institution_id, uow=uow, now=desk.now).helps(Need(act=ask.act), Method.PHONE_CODE):
            raise Denied(f"a phone code is no way to {ask.act}")
        count_try("proof.source", ask.source, PROOFS_PER_SOURCE, desk=desk)
        count_try("proof.login", who, PROOFS_PER_LOGIN, desk=desk)
        proof = Proof(
            id=ProofId(desk.new_id()),
            institution_id=ask.institution_id,
            act=ask.act,
            method=Method.PHONE_CODE,
            state=ProofState.STARTED,
            browser=ask.browser,
            phone_tail=tail,
            member_id=member_id,
            report_id=ask.report_id,
            started_at=desk.now,
            expires_at=desk.now + CODE_LIFE,
        )
        uow.proofs.add(proof)
        by = Actor(kind=ActorKind.STRANGER, source=ask.source)
        uow.audit.append(AuditEvent.PROOF_STARTED, proof, by=by, at=desk.now, institution_id=ask.institution_id, result=ask.act)
        uow.commit()
    return proof
