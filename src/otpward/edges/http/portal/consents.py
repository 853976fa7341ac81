"""What a member is asked to agree to before pictures of papers are taken in, and the page on which everything of this kind can
be read and taken back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.consents import consent_to
from otpward.core.errors import Invalid, NotFound
from otpward.core.ids import MemberId
from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Case
from otpward.core.model.consent import Consent, Purpose
from otpward.core.model.member import Level
from otpward.core.model.proof import Act
from otpward.core.policy.consents import USES, Basis, Use, Wording, kept_for
from otpward.edges.http.address import pick
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal.apply_papers import for_papers
from otpward.edges.http.portal.own import proven
from otpward.edges.http.portal.terms import policy_here
from otpward.edges.http.words import Words, later
from otpward.services.consent.give_consent import GiveConsent, OtherWords, give_consent
from otpward.services.consent.withdraw_consent import WithdrawConsent, withdraw_consent

ASK: Final = "/apply/consent"
PATH: Final = "/settings/consents"
_ITEM: Final = re.compile(r"[a-z0-9_-]{1,40}")
_DONE: Final[Mapping[str, str]] = {
    "given": later("Your consent is recorded."),
    "withdrawn": later("Your consent is withdrawn."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A use of data in the reader's language; with the consent that holds, the words that were agreed to."""

    purpose: Purpose
    version: int
    kept: int
    title: str
    rows: list[dict[str, str]]
    given_at: datetime | None
    withdrawn_at: datetime | None


def show_ask(visit: Visit) -> Response:
    """The question, before a picture of a paper is sent."""
    case = for_papers(visit, proven(visit, Act.APPLY))
    return visit.go("/apply/tasks") if case is None else _ask_page(visit, case)


def send_ask(visit: Visit) -> Response:
    """The member agrees, and goes on to the picture."""
    seat = proven(visit, Act.APPLY)
    case = for_papers(visit, seat)
    if case is None:
        return visit.go("/apply/tasks")
    if not visit.form.get("agree"):
        return _ask_page(visit, case, {"agree": visit.words._("Tick this if you agree. Otherwise show your papers in person")})
    try:
        _give(visit, Purpose.DOCUMENTS, seat.member.id)
    except OtherWords:
        return _ask_page(visit, case, {"agree": visit.words._("These words have changed. Read them and decide again")})
    return visit.go(f"/apply/documents/{_item(visit)}")


def show_consents(visit: Visit) -> Response:
    """Every use: those agreed to, those that can be agreed to, those one is told of."""
    member = visit.need(Level.PROVEN, Level.FULL).member
    policy = policy_here(visit)
    told, asked, held = [], [], []
    for use in USES.values():
        kept = kept_for(use.purpose, policy)
        if use.basis is Basis.TOLD:
            told.append(_shown(use, use.version, kept, visit))
            continue
        consent = visit.look(lambda uow, use=use: consent_to(use.purpose, member.id, uow=uow))  # type: ignore[misc]
        if consent is not None:
            held.append(_agreed(consent, visit))
        elif use.basis is Basis.VOLUNTARY:
            asked.append(_shown(use, use.version, kept, visit))
    past = visit.look(lambda uow: uow.consents.find(member_id=member.id, live_for=None, order="-given_at", limit=20))
    done = _DONE.get(visit.query.get("done", ""))
    return visit.page(
        "portal/consents/consents.html",
        told=told,
        asked=asked,
        held=held,
        past=[_agreed(one, visit) for one in past],
        done=visit.words._(done) if done else None,
        values={},
    )


def send_consents(visit: Visit) -> Response:
    """A voluntary consent is given, or any is taken back."""
    member = visit.need(Level.PROVEN, Level.FULL).member
    purpose = pick(Purpose, visit.form.get("purpose"))
    if purpose is None or USES[purpose].basis is Basis.TOLD:
        raise Invalid("no such purpose", field="purpose")
    if visit.form.get("act") == "withdraw":
        ask = WithdrawConsent(member_id=member.id, purpose=purpose, source=visit.source)
        visit.do(lambda desk: withdraw_consent(ask, desk=desk))
        return visit.go(f"{PATH}?done=withdrawn")
    if USES[purpose].basis is not Basis.VOLUNTARY:
        raise Invalid("asked where it is needed", field="purpose")
    try:
        _give(visit, purpose, member.id)
    except OtherWords:
        return visit.go(PATH)
    return visit.go(f"{PATH}?done=given")


def _give(visit: Visit, purpose: Purpose, member_id: MemberId) -> None:
    ask = GiveConsent(
        institution_id=visit.institution.id,
        member_id=member_id,
        purpose=purpose,
        words=_number(visit.form.get("words", "")),
        kept=_number(visit.form.get("kept", "")),
        language=visit.lang,
        browser=visit.browser,
        source=visit.source,
    )
    visit.do(lambda desk: give_consent(ask, desk=desk))


def _ask_page(visit: Visit, case: Case, errors: Mapping[str, str] | None = None) -> Response:
    use = USES[Purpose.DOCUMENTS]
    shown = _shown(use, use.version, kept_for(use.purpose, policy_here(visit)), visit)
    back = f"/cases/{case.number}/answer" if case.state is CaseState.MORE_NEEDED else "/apply/documents"
    return visit.page("portal/consents/ask.html", errors=errors, values={}, shown=shown, item=_item(visit), back=back)


def _item(visit: Visit) -> str:
    """For which paper it is asked; raises `NotFound` for what can be none."""
    item = visit.form.get("item") or visit.query.get("item", "")
    if not _ITEM.fullmatch(item):
        raise NotFound("no such paper")
    return item


def _agreed(consent: Consent, visit: Visit) -> Shown:
    """In the words of then, in the language of now."""
    return _shown(USES[consent.purpose], consent.words, consent.kept, visit, consent)


def _shown(use: Use, version: int, kept: int, visit: Visit, consent: Consent | None = None) -> Shown:
    wording = use.wording(version)
    return Shown(
        purpose=use.purpose,
        version=version,
        kept=kept,
        title=wording.line("title", visit.lang, kept),
        rows=_rows(wording, kept, visit.words),
        given_at=consent.given_at if consent is not None else None,
        withdrawn_at=consent.withdrawn_at if consent is not None else None,
    )


def _rows(wording: Wording, kept: int, words: Words) -> list[dict[str, str]]:
    _ = words._
    titles = {"why": _("Why we use it"), "items": _("What data"), "kept": _("How long"), "refuse": _("If you say no")}
    return [{"key": title, "value": wording.line(part, words.lang, kept)} for part, title in titles.items()]


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1


def routes(front: Front) -> list[BaseRoute]:
    """The question, and the page of what one agreed to."""
    return [
        page_route(front, ASK, get=show_ask, post=send_ask, explain=explain),
        page_route(front, PATH, get=show_consents, post=send_consents, explain=explain),
    ]
