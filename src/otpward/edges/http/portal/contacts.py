"""A member's settings: where they are told, in which language, and how a contact is changed, proven and shown by a code."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.contacts import SameContact
from otpward.core.errors import Invalid, NotFound, TooOften
from otpward.core.model.contact_change import Contact, ContactChange
from otpward.core.model.member import Level, Member
from otpward.core.model.proof import Act
from otpward.core.oath.typed_code import normalise_code
from otpward.core.policy.contacts import PHONE_HOLD, phone_young_until
from otpward.core.policy.proofs import ProofNeeded, phone_bar
from otpward.core.policy.rates import CODE_DIGITS, CODE_SENDS, RESEND_AFTER
from otpward.edges.http.console.masks import masked_email
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal.purposes import progress
from otpward.edges.http.show import masked_phone
from otpward.edges.http.words import later
from otpward.services.contacts.begin_change import BeginChange, begin_change, running_change
from otpward.services.contacts.confirm_change import ChangeAnswer, ConfirmChange, confirm_change
from otpward.services.contacts.set_language import LANGUAGES, set_language
from otpward.services.contacts.set_reminders import set_reminders

PATH: Final = "/settings"
_FLOOR_S: Final = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """What the pages of one contact say."""

    errand: str
    title: str
    done: str
    wrong: str
    same: str


_OF: Final[Mapping[Contact, _Words]] = {
    Contact.PHONE: _Words(
        errand="contact",
        title=later("Change the mobile number"),
        done=later("The new mobile number is saved. We told the old one and the new one."),
        wrong=later("Check the mobile number. Text messages must reach it"),
        same=later("This is the number we have on file. Enter the new one"),
    ),
    Contact.EMAIL: _Words(
        errand="mail",
        title=later("Change the email address"),
        done=later("The new email address is saved. We told the old one and the new one."),
        wrong=later("Check the email address. It looks like name@example.com"),
        same=later("This is the address we have on file. Enter the new one"),
    ),
}
_LANGUAGE_DONE: Final = later("We write to you in this language from now on.")
_REMINDERS_DONE: Final = later("Saved. Notices of what happens with your OTP go out as before.")


def show_settings(visit: Visit) -> Response:
    """Contacts, covered, and the language that notices are in."""
    member = _member(visit)
    now = visit.front.house.clock.now()
    return visit.page(
        "portal/contacts/settings.html",
        member=member,
        phone=masked_phone(member.phone.reveal()) if member.phone else "",
        email=masked_email(member.email.reveal()),
        bar=phone_bar(member, now),
        until=phone_young_until(member),
        done=_done(visit),
        values={"language": member.language, "reminders": "off" if member.quiet_since is not None else "on"},
    )


def send_language(visit: Visit) -> Response:
    """Notices are in another language from now on, or reminders on or off."""
    member = _member(visit)
    language, by = visit.form.get("language", ""), visit.actor()
    if visit.form.get("reminders") in {"on", "off"}:
        wanted = visit.form["reminders"] == "on"
        visit.do(lambda desk: set_reminders(member.id, wanted=wanted, desk=desk, by=by))
        return visit.go(f"{PATH}?done=reminders")
    if language in LANGUAGES:
        visit.do(lambda desk: set_language(member.id, language, desk=desk, by=by))
        return visit.go(f"{PATH}?done=language")
    return visit.go(PATH)


def show_change(visit: Visit) -> Response:
    """The field for the new contact, for who has shown who they are for this; others are sent to do so."""
    contact, member = _contact(visit), _member(visit)
    return _change_page(visit, contact) if _may_begin(visit, contact, member) else visit.go(_prove(contact))


def send_change(visit: Visit) -> Response:
    """A code goes to the new contact."""
    contact, member = _contact(visit), _member(visit)
    errors = _begin(visit, contact, member, visit.form.get(contact, ""))
    if errors is None:  # unless the other press of a double one has just begun it
        return visit.go(f"{PATH}/{contact}")
    return _change_page(visit, contact, errors) if errors else visit.go(f"{PATH}/{contact}/code")


def show_code(visit: Visit) -> Response:
    """The field for the code."""
    contact, member = _contact(visit), _member(visit)
    change = _running(visit, contact, member)
    return visit.go(f"{PATH}/{contact}") if change is None else _code_page(visit, change)


def send_code(visit: Visit) -> Response:
    """The code is judged, or sent again."""
    contact, member = _contact(visit), _member(visit)
    change = _running(visit, contact, member)
    if change is None:
        return visit.go(f"{PATH}/{contact}")
    if "again" in visit.form:
        errors = _begin(visit, contact, member, change.address.reveal())
        return _code_page(visit, change, errors) if errors else visit.go(f"{PATH}/{contact}/code")
    return _enter(visit, change)


def _enter(visit: Visit, change: ContactChange) -> Response:
    _, typed = visit.words._, visit.form.get("code", "")
    if normalise_code(typed, CODE_DIGITS) is None:
        return _code_page(visit, change, {"code": _("Enter the 6-digit code")})
    ask = ConfirmChange(
        change_id=change.id,
        member_id=change.member_id,
        browser=visit.browser,
        code=typed,
        session_id=_session(visit),
        source=visit.source,
    )
    match visit.do(lambda desk: confirm_change(ask, desk=desk)):
        case ChangeAnswer.CHANGED:
            return visit.go(f"{PATH}?done={change.contact}")
        case ChangeAnswer.WRONG:
            return _code_page(visit, change, {"code": _("The code is not correct or has expired. Try again or get a new one")})
        case _:
            return visit.page(
                "portal/contacts/over.html", status=422, title=_(_OF[change.contact].title), contact=change.contact
            )


def _begin(visit: Visit, contact: Contact, member: Member, typed: str) -> dict[str, str] | None:
    """Sentences if the code did not go, none if it did; None if not enough was proven."""
    _, of = visit.words._, _OF[contact]
    ask = BeginChange(member_id=member.id, contact=contact, typed=typed, browser=visit.browser, source=visit.source)
    try:
        visit.do(lambda desk: begin_change(ask, desk=desk))
    except SameContact:
        return {contact.value: _(of.same)}
    except Invalid:
        return {contact.value: _(of.wrong)}
    except ProofNeeded:
        return None
    except TooOften as error:
        left = error.until - visit.front.house.clock.now()
        if left > RESEND_AFTER:
            phone = visit.institution.phone
            return {"": _("We sent {n} codes. Enter one of them, or call {phone}", n=CODE_SENDS, phone=phone)}
        return {"": _("You can get a new code in {n} s", n=max(1, int(left.total_seconds())))}
    return {}


def _change_page(visit: Visit, contact: Contact, errors: Mapping[str, str] | None = None) -> Response:
    title = visit.words._(_OF[contact].title)
    hours = int(PHONE_HOLD.total_seconds() // 3600)
    return visit.page("portal/contacts/change.html", errors=errors, title=title, contact=contact, hours=hours)


def _code_page(visit: Visit, change: ContactChange, errors: Mapping[str, str] | None = None) -> Response:
    now, of = visit.front.house.clock.now(), _OF[change.contact]
    wait_s = 0.0 if change.sent_at is None else (change.sent_at + RESEND_AFTER - now).total_seconds()
    address = change.address.reveal()
    return visit.page(
        "portal/contacts/code.html",
        errors=errors,
        values={},
        title=visit.words._(of.title),
        contact=change.contact,
        masked=masked_phone(address) if change.contact is Contact.PHONE else masked_email(address),
        minutes=max(1, -(-int((change.expires_at - now).total_seconds()) // 60)),
        wait_s=max(0, -int(-wait_s // 1)),
        more=change.sends < CODE_SENDS,
    )


def _may_begin(visit: Visit, contact: Contact, member: Member) -> bool:
    return _running(visit, contact, member) is not None or progress(visit, Act.CHANGE_CONTACT).standing.enough


def _running(visit: Visit, contact: Contact, member: Member) -> ContactChange | None:
    change = visit.look(lambda uow: running_change(uow, member.id, contact, visit.browser))
    return change if change is not None and visit.front.house.clock.now() < change.expires_at else None


def _member(visit: Visit) -> Member:
    return visit.need(Level.PROVEN, Level.FULL).member


def _session(visit: Visit) -> UUID:
    return visit.need(Level.PROVEN, Level.FULL).session.id


def _contact(visit: Visit) -> Contact:
    try:
        return Contact(visit.path("contact"))
    except ValueError:
        raise NotFound("no such contact") from None


def _prove(contact: Contact) -> str:
    return f"/prove?for={_OF[contact].errand}"


def _done(visit: Visit) -> str | None:
    said = {contact.value: of.done for contact, of in _OF.items()} | {"language": _LANGUAGE_DONE, "reminders": _REMINDERS_DONE}
    sentence = said.get(visit.query.get("done", ""))
    return None if sentence is None else visit.words._(sentence)


def routes(front: Front) -> list[BaseRoute]:
    """The settings, and two pages for each contact."""
    return [
        page_route(front, PATH, get=show_settings, post=send_language, explain=explain),
        page_route(front, PATH + "/{contact}", get=show_change, post=send_change, explain=explain, floor_s=_FLOOR_S),
        page_route(front, PATH + "/{contact}/code", get=show_code, post=send_code, explain=explain, floor_s=_FLOOR_S),
    ]
