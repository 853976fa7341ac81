"""Proofs that begin and end in one form: a passkey, a recovery code, a number of another token."""

from dataclasses import dataclass, replace

from otpward.clerk.limits import count_try
from otpward.clerk.proofs import pass_proof
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Denied
from otpward.core.ids import InstitutionId, MemberId, ProofId, ReportId
from otpward.core.lifecycle.others import ProofEvent, ProofState, advance_proof
from otpward.core.model.member import Member, fold_login
from otpward.core.model.proof import Act, Method, Proof
from otpward.core.policy.combinations import LEVELS
from otpward.core.policy.rates import CODE_LIFE, PROOFS_PER_LOGIN, PROOFS_PER_SOURCE
from otpward.core.secret import NOTHING
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What the proof is for, and whose it should be: whoever sits here (`member_id`), whom the report of this browser is about,
    or the login as typed. A passkey needs none of them."""

    institution_id: InstitutionId
    act: Act
    browser: bytes
    source: str
    member_id: MemberId | None = None
    report_id: ReportId | None = None
    login: str = ""


def claimed(claim: Claim, uow: UnitOfWork) -> Member | None:
    """The member who is claimed to be here; nobody for a stranger.

    Raises:
        Denied: the report was made in another browser.
    """
    if claim.member_id is not None:
        found = uow.members.first(id=claim.member_id)
    elif claim.report_id is not None:
        report = uow.losses.get(claim.report_id)
        if report.browser != claim.browser:
            raise Denied("the report was made in another browser")
        found = None if report.member_id is None else uow.members.first(id=report.member_id)
    else:
        login = fold_login(claim.login)
        found = uow.members.first(login=login) if login else None
    return found if found is not None and found.left_at is None else None


def count_claim(claim: Claim, *, desk: Desk) -> None:
    """One more from here, and one more for whom it claims to be; raises `TooOften`."""
    count_try("proof.source", claim.source, PROOFS_PER_SOURCE, desk=desk)
    who = str(claim.member_id or claim.report_id or fold_login(claim.login))
    if who:
        count_try("proof.login", f"at_once {who}", PROOFS_PER_LOGIN, desk=desk)


def file_proof(claim: Claim, method: Method, member: Member | None, *, passed: bool, desk: Desk) -> Proof:
    """The proof, begun and ended at once: passed, or failed. The member's row is saved with a passed one, so that it collides
    with a report at the same moment."""
    by = Actor(kind=ActorKind.STRANGER, source=claim.source)
    proof = Proof(
        id=ProofId(desk.new_id()),
        institution_id=claim.institution_id,
        act=claim.act,
        method=method,
        state=ProofState.STARTED,
        browser=claim.browser,
        phone_tail=NOTHING,
        member_id=None if member is None else member.id,
        report_id=claim.report_id,
        started_at=desk.now,
        expires_at=desk.now + CODE_LIFE,
    )
    desk.uow.proofs.add(proof)
    desk.uow.audit.append(
        AuditEvent.PROOF_STARTED, proof, by=by, at=desk.now, institution_id=claim.institution_id, result=claim.act
    )
    if passed and member is not None:
        ended, event = pass_proof(proof, level=LEVELS[method], desk=desk), AuditEvent.PROOF_PASSED
        desk.uow.members.save(member)
    else:
        ended = replace(proof, state=advance_proof(proof.state, ProofEvent.FAIL))
        event = AuditEvent.PROOF_FAILED
    saved = desk.uow.proofs.save(ended)
    desk.uow.audit.append(event, saved, by=by, at=desk.now, institution_id=claim.institution_id, result=method)
    return saved
