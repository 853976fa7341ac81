"""A contact is to be changed: the proofs for it are spent, and a code goes to the new one, which must show itself."""

from dataclasses import dataclass, replace

from otpward.clerk.contacts import CHANNELS, new_address
from otpward.clerk.limits import count_try
from otpward.clerk.notices import write_to
from otpward.clerk.proofs import need_of, spend_proofs
from otpward.clerk.shut_out import void_changes
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import TooOften
from otpward.core.ids import MemberId
from otpward.core.lifecycle.contact_change import ChangeState
from otpward.core.model.contact_change import Contact, ContactChange
from otpward.core.model.member import Member
from otpward.core.model.proof import Act
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.proofs import Binding
from otpward.core.policy.rates import CODE_DIGITS, CODE_LIFE, CODE_SENDS, CONTACT_CODES, RESEND_AFTER
from otpward.core.secret import Personal
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginChange:
    """The new contact as typed, in the browser in which the proofs were passed."""

    member_id: MemberId
    contact: Contact
    typed: str
    browser: bytes
    source: str


def begin_change(ask: BeginChange, *, desk: Desk) -> ContactChange:
    """The change, asked for, and its code on the way to the new contact. Whose else it may be is not looked at, and not told.

    While one runs in this browser, no proof is asked again: the same contact gets the same code once more, another one a new
    code. Tries and codes count on.

    Raises:
        Invalid: it cannot be a contact of this kind (field `phone` or `email`), or is the member's already (`SameContact`).
        ProofNeeded: not enough was proven for this act.
        TooOften: within 30 seconds of the last code, more than four times, or too often to this contact; `until` says when.
    """
    by = Actor(kind=ActorKind.MEMBER, id=ask.member_id, source=ask.source)
    with desk.uow as uow:
        member = uow.members.get(ask.member_id)
        address = new_address(member, ask.contact, ask.typed)
        running = running_change(uow, ask.member_id, ask.contact, ask.browser)
        if running is not None and desk.now >= running.expires_at:
            running = None
        _refuse_too_often(running, address, desk=desk)
        count_try("contact.code", address.reveal(), CONTACT_CODES, desk=desk)
        if running is None:
            need = need_of(Act.CHANGE_CONTACT, member, uow=uow)
            spend_proofs(need, Binding(member=member, browser=ask.browser), desk=desk, by=by)
            void_changes(member.id, desk=desk, by=by, result="replaced")
            member = uow.members.save(member)  # collides with whatever is told of the phone at the same moment
            running = _opened(ask, member, desk=desk)
            uow.contact_changes.add(running)
        sent = _send(running, address, member, desk=desk)
        uow.audit.append(
            AuditEvent.CONTACT_ASKED, sent, by=by, at=desk.now, institution_id=sent.institution_id, result=ask.contact
        )
        uow.commit()
    return sent


def running_change(uow: UnitOfWork, member_id: MemberId, contact: Contact, browser: bytes) -> ContactChange | None:
    """The change of this contact that this browser asked for and that is not over."""
    return uow.contact_changes.first(
        member_id=member_id, contact=contact, browser=browser, state=ChangeState.ASKED, order="-begun_at"
    )


def _refuse_too_often(running: ContactChange | None, address: Personal, *, desk: Desk) -> None:
    if running is None:
        return
    if running.sends >= CODE_SENDS:
        raise TooOften(running.expires_at)
    if running.address == address and running.sent_at is not None and desk.now < running.sent_at + RESEND_AFTER:
        raise TooOften(running.sent_at + RESEND_AFTER)


def _opened(ask: BeginChange, member: Member, *, desk: Desk) -> ContactChange:
    return ContactChange(
        id=desk.new_id(),
        institution_id=member.institution_id,
        member_id=member.id,
        contact=ask.contact,
        state=ChangeState.ASKED,
        browser=ask.browser,
        address=Personal(""),
        begun_at=desk.now,
        expires_at=desk.now + CODE_LIFE,
    )


def _send(change: ContactChange, address: Personal, member: Member, *, desk: Desk) -> ContactChange:
    """The change, saved, with its code on the way; the life of a code begins when it is made, not when it is sent again."""
    if change.address != address:
        fresh = Personal(desk.digits(CODE_DIGITS))
        change = replace(change, address=address, code=fresh, expires_at=desk.now + CODE_LIFE)
    minutes = str(max(1, int((change.expires_at - desk.now).total_seconds() // 60)))
    code, to = change.code.reveal(), (CHANNELS[change.contact], change.address)
    write_to([to], member, NoticeKind.CONTACT_CODE, desk=desk, code=code, minutes=minutes)
    return desk.uow.contact_changes.save(replace(change, sends=change.sends + 1, sent_at=desk.now))
