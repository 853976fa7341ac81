"""What takes each act back (`clerk.undo` says how an act joins)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from otpward.clerk.contacts import of_member, put_contact
from otpward.core.audit import Actor
from otpward.core.errors import Conflict
from otpward.core.model.contact_change import Contact
from otpward.core.model.member import Member
from otpward.core.model.notice import UndoAct, UndoLink
from otpward.ports.desk import Desk

CONTACTS: Final[Mapping[UndoAct, Contact]] = {
    UndoAct.CONTACT_PHONE: Contact.PHONE,
    UndoAct.CONTACT_EMAIL: Contact.EMAIL,
}


class NothingToUndo(Conflict):
    """It is no longer as the act left it: it was changed again, or undone already."""

    code = "nothing_to_undo"


def restore_contact(link: UndoLink, *, desk: Desk, by: Actor) -> None:
    """The contact is again what it was. It is held back as any new one is: who undoes may be a thief with the old phone.

    Raises:
        NothingToUndo: the contact was changed again since.
    """
    contact = CONTACTS[link.act]
    member = desk.uow.members.get(link.member_id)
    _refuse_moved(of_member(member, contact) == link.after)
    restored = put_contact(member, contact, link.before, desk=desk, by=by, result="undone", undoable=False)
    if contact is Contact.PHONE and member.phone_signal_at is not None:
        desk.uow.members.save(replace(restored, phone_signal_at=member.phone_signal_at))


def still_undoable(link: UndoLink, member: Member) -> bool:
    """Whether it is still as the act left it."""
    contact = CONTACTS.get(link.act)
    return contact is None or of_member(member, contact) == link.after


def _refuse_moved(same: bool) -> None:
    if not same:
        raise NothingToUndo("it was changed again")


UNDOINGS: Final[Mapping[UndoAct, Callable[..., None]]] = dict.fromkeys(CONTACTS, restore_contact)
"""Called with the link, `desk=` and `by=`, inside the transaction that uses the link up."""
