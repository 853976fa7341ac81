"""A proof of identity, passed in this browser, opens a session without password."""

from otpward.clerk.proofs import need_of, rules_of, spend_proofs, standing
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Denied
from otpward.core.ids import InstitutionId, ProofId
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.member import Area, Level, Member
from otpward.core.model.proof import Act, Method, Proof
from otpward.core.policy.proofs import Binding, ProofNeeded, is_void
from otpward.ports.desk import Desk
from otpward.services.sign_in.sessions import begin_session


def sit_down_proven(institution_id: InstitutionId, browser: bytes, proof_id: ProofId, *, desk: Desk) -> str:
    """A session for a member whose proof of identity has just passed in this browser.

    It is enough to apply, follow and register; after a sign-on elsewhere, to look.

    A proof made only to follow is spent by it; one made for an act waits for that act.

    Raises:
        ProofNeeded: something else must be shown beside it, before anybody may look.
        Denied: the proof did not pass here, its time is over, or the phone behind it proves nothing any more.
    """
    with desk.uow as uow:
        proof = uow.proofs.first(id=proof_id)
        if proof is None or proof.browser != browser or proof.state is not ProofState.PASSED or proof.member_id is None:
            raise Denied("no passed proof in this browser")
        if desk.now >= proof.expires_at:
            raise Denied("the proof is too old")
        by = Actor(kind=ActorKind.MEMBER, id=proof.member_id)
        member = uow.members.save(uow.members.get(proof.member_id))  # collides with a report of a lost phone just now
        if is_void(proof, member, desk.now):
            raise Denied("the phone behind it proves nothing now")
        shown = _shown(proof, member, browser, desk=desk, by=by)
        level = Level.SEEN if shown <= {Method.SIGN_ON} else Level.PROVEN
        secret = begin_session(institution_id, member.id, Area.PORTAL, level, desk=desk)
        uow.audit.append(AuditEvent.SIGN_IN_PASSED, member, by=by, at=desk.now, institution_id=institution_id, result=level)
        uow.commit()
    return secret


def _shown(proof: Proof, member: Member, browser: bytes, *, desk: Desk, by: Actor) -> set[Method]:
    """What was shown for the act of this proof, if it is enough to look; what was for looking alone is spent by it."""
    binding = Binding(member=member, browser=browser, case_id=proof.case_id, report_id=proof.report_id)
    to_look = need_of(Act.FOLLOW, member, uow=desk.uow)
    if proof.act is Act.FOLLOW:
        return {one.method for one in spend_proofs(to_look, binding, desk=desk, by=by)}
    so_far = standing(need_of(proof.act, member, uow=desk.uow), binding, uow=desk.uow, now=desk.now)
    if not rules_of(member.institution_id, uow=desk.uow, now=desk.now).is_enough(to_look, so_far.shown):
        raise ProofNeeded("more must be shown before anybody may look")
    return {one.method for one in so_far.shown}
