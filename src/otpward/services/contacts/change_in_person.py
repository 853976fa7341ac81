"""A member stands at the counter, their papers were seen, and staff change a contact for them."""

from dataclasses import dataclass

from otpward.clerk.contacts import new_address, put_contact
from otpward.clerk.in_person import admit_to_counter, spend_in_person
from otpward.core.errors import Invalid
from otpward.core.ids import MemberId
from otpward.core.model.contact_change import Contact
from otpward.core.model.member import Member, Operator
from otpward.core.model.proof import Act
from otpward.ports.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeInPerson:
    """What the member says; an empty contact stays as it is."""

    member_id: MemberId
    operator: Operator
    phone: str = ""
    email: str = ""


def change_in_person(ask: ChangeInPerson, *, desk: Desk) -> Member:
    """The member with the new contacts. Old and new are told, and the new phone is held back as any other.

    Raises:
        Denied, OwnPerson: not this role, or the operator's own contacts.
        Invalid: nothing to change, a contact that cannot be one or is on file already.
        ProofNeeded: this operator has not just seen the member's papers, for changing contacts.
    """
    admit_to_counter(ask.operator, ask.member_id)
    typed = {Contact.PHONE: ask.phone.strip(), Contact.EMAIL: ask.email.strip()}
    if not any(typed.values()):
        raise Invalid("nothing to change", field="phone")
    with desk.uow as uow:
        member = uow.members.get(ask.member_id)
        addresses = {contact: new_address(member, contact, text) for contact, text in typed.items() if text}
        spend_in_person(Act.CHANGE_CONTACT, ask.member_id, ask.operator, desk=desk)
        for contact, address in addresses.items():
            member = put_contact(member, contact, address, desk=desk, by=ask.operator.actor, result="in_person")
        uow.commit()
    return member
