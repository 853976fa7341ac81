"""Proving by somebody outside: what they will tell us, the way there and back, and what came of it."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from otpward.core.errors import Denied, Invalid, NotFound, Unavailable
from otpward.core.ids import ProofId
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.member import Level
from otpward.core.model.proof import Method, Proof
from otpward.core.policy.phones import to_e164
from otpward.core.secret import Personal
from otpward.edges.http.faults import explain
from otpward.edges.http.front import FormTooBig, Front, Visit, page_route, read_form
from otpward.edges.http.portal.prove_again import AGAIN, SENT, ask_again, shown_again
from otpward.edges.http.portal.prove_certificate import faults_of, refused, sign_page, signature_of
from otpward.edges.http.portal.prove_methods import is_barred, methods_page
from otpward.edges.http.portal.purposes import Errand, after_pass, errand, errand_of, seated, unfolded
from otpward.edges.http.words import later
from otpward.ports.provider import Provider
from otpward.services.prove_identity.begin_service import BeginService, Person, Underway, begin_service, underway
from otpward.services.prove_identity.complete_service import Completed, CompleteService, ServiceAnswer, complete_service

_FLOOR_S: Final = 0.3
_RETURN: Final = "/prove/return"
_QUERY_LONGEST: Final = 16 * 1024
_ASKED_DIGITS: Final = 8
_TELLS: Final = {
    Method.AGENCY: later("{provider} tells us your name, birth date, mobile number and the number that stands for you (CI)."),
    Method.APP: later("{provider} tells us your name, birth date, mobile number and the number that stands for you (CI)."),
    Method.SIGN_ON: later("{provider} tells us who you are signed in as there."),
    Method.CERTIFICATE: later("Your certificate tells us your name and who issued it."),
}
_CARRIERS: Final = {
    "SKT": later("SKT"),
    "KT": later("KT"),
    "LGU": later("LG U+"),
    "SKT_MVNO": later("Budget carrier on SKT"),
    "KT_MVNO": later("Budget carrier on KT"),
    "LGU_MVNO": later("Budget carrier on LG U+"),
}


def show_provider(visit: Visit) -> Response:
    """Who it is, what they will tell us, and what we must know before."""
    return _start(visit)


def send_provider(visit: Visit) -> Response:
    """The proof begins there; a stranger is told the same."""
    where, name, provider = errand(visit), *_provider(visit, visit.query.get("by", ""))
    if is_barred(visit, where, provider):
        return visit.go(where.at("/prove"))
    errors = _faults(visit, where, provider)
    if errors:
        return _start(visit, errors)
    seat, form = visit.seat, visit.form
    member = seated(visit)
    ask = BeginService(
        institution_id=visit.institution.id,
        act=where.act,
        provider=name,
        browser=visit.browser,
        source=visit.source,
        return_url=f"{visit.front.public_url.rstrip('/')}{_RETURN}/{name}",
        language=visit.lang,
        purpose=where.folded,
        login=form.get("member", ""),
        member_id=None if member is None else member.id,
        signed_in=seat is not None and seat.session.level is Level.FULL,
        report_id=None if where.report is None else where.report.id,
        person=_person(visit, provider),
    )
    try:
        proof = begin_service(ask, house=visit.front.house, prover=provider.prover, guard=visit.front.sim)
    except Unavailable:
        return methods_page(visit, where, silent=name)
    except Invalid:
        return _start(
            visit, {"": visit.words._("This service cannot ask with these details. Check them or choose another way")}
        )
    return visit.go(_at("/prove/provider/go", proof))


def show_go(visit: Visit) -> Response:
    """The way there: a link, a form to them, a request on the phone, a code that came, a text to sign."""
    proof = _own_proof(visit)
    return _go(visit, proof) if _runs(visit, proof) else visit.go(_at("/prove/provider/over", proof))


def send_go(visit: Visit) -> Response:
    """They have answered on the phone, typed the code, want another one, or signed."""
    proof = _own_proof(visit)
    if AGAIN in visit.form and _runs(visit, proof):
        _name, provider = _provider(visit, proof.provider)
        errors = ask_again(visit, proof, provider.prover, provider.title(visit.lang))
        return _go(visit, _own_proof(visit), errors) if errors else visit.go(f"{_at('/prove/provider/go', proof)}&{SENT}=yes")
    if proof.method is not Method.CERTIFICATE:
        return _complete(visit, proof, {name: text for name, text in visit.form.items() if name != "csrf"})
    errors = faults_of(visit) if _runs(visit, proof) else {}
    return _go(visit, proof, errors) if errors else _complete(visit, proof, signature_of(visit.form))


def show_text(visit: Visit) -> Response:
    """The text to sign, as a file."""
    going = underway(_own_proof(visit))
    if not going.challenge:
        raise NotFound("nothing to sign")
    return Response(going.challenge, media_type="application/octet-stream", headers={"Cache-Control": "no-store"})


def show_return(visit: Visit) -> Response:
    """They send the browser back. What it brings is for the prover to judge; what it is about is the proof that runs here."""
    name, provider = _provider(visit, visit.path("provider"))
    if provider.prover.method is Method.CERTIFICATE:
        raise NotFound("a signature comes by the form of its own page only")
    mine = visit.look(lambda uow: uow.proofs.find(browser=visit.browser, provider=name, order="-started_at"))
    proof = next((one for one in mine if one.state is ProofState.STARTED), mine[0] if mine else None)
    if proof is None:
        raise NotFound("nothing was begun in this browser")
    return _complete(visit, proof, {key: text for key, text in visit.query.items() if key != "lang"})


async def take_post(request: Request) -> Response:
    """A provider that sends the browser back by a form: it goes on as a GET of our own.

    The form comes from another site, so our cookies are not with it (SameSite=Lax) and none may be set here: a new browser
    number would take the place of the one that the proof is bound to. With the redirect they are.
    """
    try:
        query = urlencode(await read_form(request))
    except FormTooBig:
        query = "*" * (_QUERY_LONGEST + 1)
    if len(query) > _QUERY_LONGEST:
        return PlainTextResponse("", status_code=413)
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return RedirectResponse(f"{request.url.path}?{query}", status_code=303, headers=headers)


def show_over(visit: Visit) -> Response:
    """What came of it, if not what was wanted; why is not said."""
    proof = _own_proof(visit)
    where = _errand(visit, proof, underway(proof).purpose)
    if proof.state in {ProofState.PASSED, ProofState.SPENT}:
        return visit.go(where.then)
    if _runs(visit, proof):
        return visit.go(_at("/prove/provider/go", proof))
    provider = visit.front.providers.get(proof.provider)
    late = proof.state in {ProofState.EXPIRED, ProofState.STARTED}
    return visit.page(
        "portal/prove_identity/over.html",
        ended="expired" if late else proof.state.value,
        provider="" if provider is None else provider.title(visit.lang),
        again=where.at("/prove/provider", by=proof.provider),
        others=where.at("/prove"),
    )


def _complete(visit: Visit, proof: Proof, callback: Mapping[str, str]) -> Response:
    _name, provider = _provider(visit, proof.provider)
    ask = CompleteService(
        institution_id=visit.institution.id,
        proof_id=proof.id,
        browser=visit.browser,
        callback=callback,
        source=visit.source,
    )
    try:
        done = complete_service(ask, house=visit.front.house, prover=provider.prover)
    except Unavailable:
        return _silent(visit, proof, provider)
    return _answered(visit, done)


def _answered(visit: Visit, done: Completed) -> Response:
    _, proof = visit.words._, done.proof
    match done.answer:
        case ServiceAnswer.PASSED:
            try:
                return visit.go(after_pass(visit, _errand(visit, proof, done.purpose), proof))
            except Denied:  # the phone behind it was reported lost in this very moment
                return visit.go(_at("/prove/provider/over", proof))
        case ServiceAnswer.NOT_YET:
            return _go(visit, proof, {"": _("There is no answer from your phone yet. Confirm it there, then go on")})
        case ServiceAnswer.TRY_AGAIN:
            return _go(visit, proof, _tried(visit, underway(proof)))
    return visit.go(_at("/prove/provider/over", proof))


def _tried(visit: Visit, going: Underway) -> dict[str, str]:
    _ = visit.words._
    if going.code:
        return {"code": _("The code is not correct or has expired. Try again or get a new one")}
    if going.challenge:
        return refused(visit)
    return {"": _("The answer was not the one to your request. Try again from here")}


def _silent(visit: Visit, proof: Proof, provider: Provider) -> Response:
    """They do not answer: the proof still runs, asking again may help, and there are other ways."""
    url, where = visit.request.url, _errand(visit, proof, underway(proof).purpose)
    posted = visit.request.method == "POST"
    again = _at("/prove/provider/go", proof) if posted else f"{url.path}?{url.query}"
    return visit.page(
        "portal/prove_identity/silent.html",
        status=503,
        provider=provider.title(visit.lang),
        again=again,
        others=where.at("/prove"),
    )


def _start(visit: Visit, errors: Mapping[str, str] | None = None) -> Response:
    where, name, provider = errand(visit), *_provider(visit, visit.query.get("by", ""))
    member = seated(visit)
    if is_barred(visit, where, provider):
        return visit.go(where.at("/prove"))
    return visit.page(
        "portal/prove_identity/provider.html",
        errors=errors,
        action=where.at("/prove/provider", by=name),
        back=where.at("/prove"),
        who=member is None and where.report is None,
        person=member is None and provider.asks_person,
        carriers=[(key, visit.words._(text)) for key, text in _CARRIERS.items()] if "carrier" in provider.asks else [],
        digit="digit" in provider.asks,
        **_told(visit, provider),
    )


def _go(visit: Visit, proof: Proof, errors: Mapping[str, str] | None = None) -> Response:
    _name, provider = _provider(visit, proof.provider)
    going = underway(proof)
    others = _errand(visit, proof, going.purpose).at("/prove")
    action = _at("/prove/provider/go", proof)
    told = _told(visit, provider)
    if going.challenge:
        text = _at("/prove/provider/text", proof)
        return sign_page(visit, provider, going.challenge, action=action, download=text, back=others, errors=errors)
    kind = "push" if going.push else "code" if going.code else "form" if going.form else "link"
    return visit.page(
        f"portal/prove_identity/go_{kind}.html",
        errors=errors,
        values={},
        action=action,
        others=others,
        link=going.link,
        fields=dict(going.form),
        until=proof.expires_at,
        form_to=going.link if going.form else "",
        **told,
        **(shown_again(visit, proof, provider.prover) if going.code else {}),
    )


def _told(visit: Visit, provider: Provider) -> dict[str, Any]:
    title = provider.title(visit.lang)
    return {"provider": title, "tells": visit.words._(_TELLS[provider.prover.method], provider=title)}


def _faults(visit: Visit, where: Errand, provider: Provider) -> dict[str, str]:
    _, form, errors = visit.words._, visit.form, dict[str, str]()
    known = seated(visit) is not None
    if not known and where.report is None and not form.get("member", "").strip():
        errors["member"] = _("Enter your member number or ID")
    if not known and provider.asks_person:
        if not form.get("name", "").strip():
            errors["name"] = _("Enter your name")
        if _birth_date(form.get("birth_date", "")) is None:
            errors["birth_date"] = _("Enter your birth date in 8 digits, such as 19800102")
        try:
            to_e164(form.get("phone", ""))
        except Invalid:
            errors["phone"] = _("Check the mobile number. A digit may be missing")
    if "carrier" in provider.asks and form.get("carrier", "") not in _CARRIERS:
        errors["carrier"] = _("Choose your carrier")
    if "digit" in provider.asks and not (
        form.get("digit", "").isascii() and form["digit"].isdigit() and len(form["digit"]) == 1
    ):
        errors["digit"] = _("Enter the one digit")
    return errors


def _person(visit: Visit, provider: Provider) -> Person:
    form = visit.form
    added = {name: form.get(name, "") for name in provider.asks}
    born = _birth_date(form.get("birth_date", ""))
    if seated(visit) is not None or not provider.asks_person or born is None:
        return Person(added=added)
    return Person(
        name=Personal(form["name"].strip()[:100]),
        birth_date=Personal(born.isoformat()),
        phone=Personal(to_e164(form["phone"])),
        added=added,
    )


def _birth_date(typed: str) -> date | None:
    digits = "".join(one for one in typed if one.isascii() and one.isdigit())
    try:
        return date.fromisoformat(digits) if len(digits) == _ASKED_DIGITS else None
    except ValueError:
        return None


def _provider(visit: Visit, name: str) -> tuple[str, Provider]:
    found = visit.front.providers.get(name)
    if found is None:
        raise NotFound("no such provider")
    return name, found


def _own_proof(visit: Visit) -> Proof:
    try:
        key = ProofId(UUID(visit.query.get("p", "")))
    except ValueError:
        raise NotFound("no proof is named") from None
    proof = visit.look(lambda uow: uow.proofs.first(id=key, browser=visit.browser))
    if proof is None or not proof.provider:
        raise NotFound("no such proof in this browser")
    return proof


def _runs(visit: Visit, proof: Proof) -> bool:
    started = proof.state is ProofState.STARTED and bool(proof.kept)
    return started and visit.front.house.clock.now() < proof.expires_at


def _errand(visit: Visit, proof: Proof, purpose: str) -> Errand:
    return unfolded(visit, purpose) if purpose else errand_of(visit, proof)


def _at(path: str, proof: Proof) -> str:
    return f"{path}?p={proof.id}"


def routes(front: Front) -> list[BaseRoute]:
    """The pages about a provider, and where it sends people back to."""
    return [
        page_route(front, "/prove/provider", get=show_provider, post=send_provider, explain=explain, floor_s=_FLOOR_S),
        page_route(front, "/prove/provider/go", get=show_go, post=send_go, explain=explain, floor_s=_FLOOR_S, files=1),
        page_route(front, "/prove/provider/text", get=show_text, explain=explain),
        page_route(front, "/prove/provider/over", get=show_over, explain=explain),
        page_route(front, f"{_RETURN}/{{provider}}", get=show_return, explain=explain),
        Route(f"{_RETURN}/{{provider}}", take_post, methods=["POST"]),
    ]
