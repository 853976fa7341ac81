"""A SIM change, a ported number, a lost phone, told by somebody outside: what rests on it is void, the member is told."""

from dataclasses import replace
from datetime import datetime

from otpward.clerk.notices import tell
from otpward.clerk.shut_out import end_sessions, void_proofs
from otpward.core.audit import Actor, AuditEvent
from otpward.core.ids import ProofId
from otpward.core.model.contact_change import SignalKind
from otpward.core.model.member import Level, Member
from otpward.core.policy.contacts import phone_known_since
from otpward.core.policy.notices import NoticeKind
from otpward.ports.desk import Desk
from otpward.ports.notifier import Channel

_BY_PROOF = frozenset({Level.SEEN, Level.PROVEN})


def note_signal(
    member: Member, kind: SignalKind, at: datetime, *, told_by: str, desk: Desk, by: Actor, but: ProofId | None = None
) -> Member:
    """The member whose phone proves nothing for now. They are told by mail, since a text would reach who has the phone;
    sessions that a phone may have opened end.

    `but`: it came out as a code was asked for in this proof. That one goes on and gets none, so that the page tells nothing;
    and sessions stay, since the phone was asked about before each of them too.

    What happened before the phone was last found to be in the right hands changes nothing; what was told before, nothing more.
    """
    since = phone_known_since(member)
    old = since is not None and at <= since
    again = member.phone_signal_at is not None and at <= member.phone_signal_at
    changed = member
    if not old:
        void_proofs(member.id, desk=desk, by=by, result=kind, but=but)
        if but is None:
            end_sessions(member.id, desk=desk, by=by, result=kind, levels=_BY_PROOF)
    if not (old or again):
        changed = desk.uow.members.save(replace(member, phone_signal_at=desk.now))
        lost = kind is SignalKind.LOST
        tell(changed, NoticeKind.PHONE_REPORTED if lost else NoticeKind.PHONE_SIGNAL, desk=desk, only=Channel.MAIL)
    desk.uow.audit.append(
        AuditEvent.PHONE_SIGNALLED,
        changed,
        by=by,
        at=desk.now,
        institution_id=member.institution_id,
        result="outdated" if old else "repeated" if again else kind,
        detail={"kind": kind, "told_by": told_by, "happened_at": at.isoformat()},
    )
    return changed
