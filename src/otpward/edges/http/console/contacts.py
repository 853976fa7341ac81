"""At the counter: a member's contacts are changed, once their papers were seen for that."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.contacts import SameContact
from otpward.clerk.in_person import admit_to_counter
from otpward.core.errors import Invalid
from otpward.core.ids import MemberId
from otpward.core.model.member import Area
from otpward.core.model.proof import Act
from otpward.core.policy.contacts import PHONE_HOLD
from otpward.core.policy.proofs import ProofNeeded
from otpward.core.policy.roles import Permission
from otpward.edges.http.address import key_of
from otpward.edges.http.console import prove
from otpward.edges.http.console.door import admit
from otpward.edges.http.console.masks import masked_email
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.words import later
from otpward.services.contacts.change_in_person import ChangeInPerson, change_in_person
from otpward.services.prove_identity.find_in_person import find_in_person

PATH: Final = "/console/members/{id}/contacts"
_WRONG: Final[Mapping[str, str]] = {
    "phone": later("Check the mobile number. Text messages must reach it"),
    "email": later("Check the email address. It looks like name@example.com"),
}
_SAME: Final[Mapping[str, str]] = {
    "phone": later("This is the number on file. Enter the new one"),
    "email": later("This is the address on file. Enter the new one"),
}


def show_contacts(visit: Visit) -> Response:
    """What is on file, covered, and fields for what is new; without papers seen for this, first to the papers."""
    return _page(visit, {}, {})


def send_contacts(visit: Visit) -> Response:
    """They are changed."""
    operator, form = admit(visit, Permission.HAND_OVER), visit.form
    member_id = MemberId(key_of(visit.path("id")))
    phone, email = form.get("phone", ""), form.get("email", "")
    if not (phone.strip() or email.strip()):
        return _page(visit, form, {"": visit.words._("Enter a new number or a new address")})
    ask = ChangeInPerson(member_id=member_id, operator=operator, phone=phone, email=email)
    try:
        visit.do(lambda desk: change_in_person(ask, desk=desk))
    except ProofNeeded:
        return _to_papers(member_id, visit)
    except Invalid as error:
        field = error.field or "phone"
        told = _SAME if isinstance(error, SameContact) else _WRONG
        return _page(visit, form, {field: visit.words._(told[field])})
    return visit.go(f"/console/members/{member_id}?done=contacts")


def _page(visit: Visit, values: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    operator = admit(visit, Permission.HAND_OVER)
    member_id = MemberId(key_of(visit.path("id")))
    admit_to_counter(operator, member_id)
    now = visit.front.house.clock.now()
    member, seen = visit.look(
        lambda uow: (
            uow.members.get(member_id),
            find_in_person(Act.CHANGE_CONTACT, member_id, operator, uow=uow, now=now),
        )
    )
    if seen is None:
        return _to_papers(member_id, visit)
    return visit.page(
        "console/contacts/contacts.html",
        errors=errors,
        values=values,
        member=member,
        seen=seen,
        email=masked_email(member.email.reveal()),
        hours=int(PHONE_HOLD.total_seconds() // 3600),
    )


def _to_papers(member_id: MemberId, visit: Visit) -> Response:
    return visit.go(prove.address(member_id, act=Act.CHANGE_CONTACT.value))


def routes(front: Front) -> list[BaseRoute]:
    """The one page."""
    return [page_route(front, PATH, area=Area.CONSOLE, get=show_contacts, post=send_contacts, explain=explain)]
