"""A contact is changed: the member, what rested on the old one, the notices and the audit line together."""

from dataclasses import replace
from uuid import UUID

from otpward.clerk.notices import Address, tell
from otpward.clerk.shut_out import end_sessions, void_changes, void_proofs
from otpward.clerk.undo import make_undo
from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import Invalid
from otpward.core.model.contact_change import Contact
from otpward.core.model.member import Member
from otpward.core.model.notice import UndoAct
from otpward.core.policy.contacts import to_mailbox
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.phones import to_mobile
from otpward.core.secret import Personal
from otpward.ports.desk import Desk
from otpward.ports.notifier import Channel
from otpward.ports.vault import Print

_NOTICES = {Contact.PHONE: NoticeKind.CONTACT_PHONE, Contact.EMAIL: NoticeKind.CONTACT_EMAIL}
_UNDO = {Contact.PHONE: UndoAct.CONTACT_PHONE, Contact.EMAIL: UndoAct.CONTACT_EMAIL}
CHANNELS = {Contact.PHONE: Channel.SMS, Contact.EMAIL: Channel.MAIL}


class SameContact(Invalid):
    """That is the one on file already."""

    code = "same_contact"


def of_member(member: Member, contact: Contact) -> Personal:
    """What is on file now."""
    return member.phone if contact is Contact.PHONE else member.email


def new_address(member: Member, contact: Contact, typed: str) -> Personal:
    """What was typed, as it is kept.

    Raises:
        Invalid: it cannot be one; the field is `phone` or `email`.
        SameContact: it is the member's already.
    """
    address = Personal(to_mobile(typed) if contact is Contact.PHONE else to_mailbox(typed))
    if address == of_member(member, contact):
        raise SameContact("this is on file already", field=contact)
    return address


def put_contact(
    member: Member,
    contact: Contact,
    address: Personal,
    *,
    desk: Desk,
    by: Actor,
    result: str,
    session_id: UUID | None = None,
    undoable: bool = True,
) -> Member:
    """The member with this contact, saved. The old one and the new are told, and every other; proofs and changes that rested on
    what was are void; every session ends but this one (ASVS V7.4.3).

    A phone that was lost, or whose SIM changed, was the old number. It is not told, and the new one is free of it. All but the
    new one get the link that undoes it, unless this is undoing; a phone whose SIM changed lately is told without.
    """
    old = of_member(member, contact)
    if contact is Contact.PHONE:
        void_proofs(member.id, desk=desk, by=by, result="contact_changed")
        print_ = desk.vault.fingerprint(Print.PHONE, address.reveal())
        changed = replace(member, phone=address, phone_print=print_, phone_lost_at=None, phone_signal_at=None)
        changed = replace(changed, phone_changed_at=desk.now)
    else:
        void_changes(member.id, desk=desk, by=by, result="contact_changed")
        changed = replace(member, email=address, email_changed_at=desk.now)
    end_sessions(member.id, desk=desk, by=by, result="contact_changed", but=session_id)
    saved = desk.uow.members.save(changed)
    in_strange_hands = contact is Contact.PHONE and member.phone_lost_at is not None
    also: list[Address] = [] if in_strange_hands else [(CHANNELS[contact], old)]
    link = ""
    if undoable and old and not in_strange_hands:
        link = make_undo(saved, _UNDO[contact], saved.id, desk=desk, before=old, after=address)
    without: list[Address] = [(CHANNELS[contact], address)]
    if member.phone_signal_at is not None:
        without.append((Channel.SMS, member.phone))
    tell(saved, _NOTICES[contact], desk=desk, also=also, undo=link, undo_not_to=without)
    desk.uow.audit.append(
        AuditEvent.CONTACT_CHANGED,
        saved,
        by=by,
        at=desk.now,
        institution_id=saved.institution_id,
        result=result,
        detail={"contact": contact.value},
    )
    return saved
