"""A proof of identity, passed in this browser, opens a session without password."""

from dataclasses import replace

from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Denied
from otpward.core.ids import InstitutionId, ProofId
from otpward.core.lifecycle.others import ProofEvent, ProofState, advance_proof
from otpward.core.model.member import Area, Level
from otpward.core.model.proof import Act, Method
from otpward.core.policy.proofs import refuse_lost_phone
from otpward.ports.desk import Desk
from otpward.services.sign_in.sessions import begin_session


def sit_down_proven(institution_id: InstitutionId, browser: bytes, proof_id: ProofId, *, desk: Desk) -> str:
    """A session for a member whose proof of identity has just passed in this browser.

    It is enough to apply, follow and register; after a sign-on elsewhere, to look.

    A proof made only to follow is spent by it; one made for an act waits for that act.

    Raises:
        Denied: the proof did not pass here, or its time is over.
    """
    with desk.uow as uow:
        proof = uow.proofs.first(id=proof_id)
        if proof is None or proof.browser != browser or proof.state is not ProofState.PASSED or proof.member_id is None:
            raise Denied("no passed proof in this browser")
        if desk.now >= proof.expires_at:
            raise Denied("the proof is too old")
        by = Actor(kind=ActorKind.MEMBER, id=proof.member_id)
        if proof.act is Act.FOLLOW:
            proof = uow.proofs.save(replace(proof, state=advance_proof(proof.state, ProofEvent.SPEND)))
            uow.audit.append(AuditEvent.PROOF_SPENT, proof, by=by, at=desk.now, institution_id=institution_id)
        member_id = proof.member_id
        assert member_id is not None, "looked at above"
        level = Level.SEEN if proof.method is Method.SIGN_ON else Level.PROVEN
        secret = begin_session(institution_id, member_id, Area.PORTAL, level, desk=desk)
        member = uow.members.save(uow.members.get(member_id))  # collides with a report of a lost phone at the same moment
        refuse_lost_phone(proof, member)
        uow.audit.append(AuditEvent.SIGN_IN_PASSED, member, by=by, at=desk.now, institution_id=institution_id, result=level)
        uow.commit()
    return secret
