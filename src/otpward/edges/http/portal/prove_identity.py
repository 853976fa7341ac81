"""Room 2 for members: the ways to show who they are, and the phone code's own pages."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.errors import Invalid, NotFound
from otpward.core.ids import ProofId
from otpward.core.model.member import Member
from otpward.core.model.proof import Proof
from otpward.core.policy.phones import to_e164
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal import phone_codes
from otpward.edges.http.portal.prove_methods import methods_page
from otpward.edges.http.portal.purposes import errand, progress, seated
from otpward.services.prove_identity.begin_proof import BeginProof

_FLOOR_S: Final = 0.3


def show_methods(visit: Visit) -> Response:
    """The ways; those that cannot be used stay in sight, and say why."""
    return methods_page(visit, errand(visit))


def show_phone(visit: Visit) -> Response:
    """Member number and phone; of a member who sits here both are known."""
    return _phone(visit)


def send_phone(visit: Visit) -> Response:
    """A proof begins and a code is sent; a stranger is told the same."""
    purpose, member = errand(visit), _seated(visit)
    errors = {} if member is not None else _faults(visit)
    if errors:
        return _phone(visit, errors)
    form = visit.form
    ask = BeginProof(
        institution_id=visit.institution.id,
        act=purpose.act,
        browser=visit.browser,
        source=visit.source,
        login=form["member"] if member is None else member.login,
        phone=form["phone"] if member is None else member.phone.reveal(),
    )
    try:
        proof = phone_codes.begin(visit, ask)
    except phone_codes.CarrierSilent:
        _ = visit.words._
        return _phone(visit, {"": _("The carrier does not answer, so we send no code. Choose another way, or try again later")})
    if member is not None and progress(visit, purpose.act).phone_bar is not None:
        return visit.go(purpose.at("/prove"))  # where the card says why
    return visit.go(_address(visit, proof))


def show_code(visit: Visit) -> Response:
    """The field for the code."""
    proof = _own_proof(visit)
    return _code(visit, proof)


def send_code(visit: Visit) -> Response:
    """The code is judged, or another sent."""
    proof = _own_proof(visit)
    if phone_codes.AGAIN in visit.form:
        errors = phone_codes.send_again(visit, proof) if phone_codes.takes_codes(visit, proof) else {}
        return _code(visit, _own_proof(visit), errors) if errors else visit.go(_address(visit, proof))
    judged = phone_codes.enter(visit, proof, errand(visit))
    return visit.go(judged) if isinstance(judged, str) else _code(visit, _own_proof(visit), judged)


def _phone(visit: Visit, errors: Mapping[str, str] | None = None) -> Response:
    member = _seated(visit)
    known = None if member is None else member.phone.reveal()
    return visit.page("portal/prove_identity/phone.html", errors=errors, purpose=_purpose(visit), known=known)


def _code(visit: Visit, proof: Proof, errors: Mapping[str, str] | None = None) -> Response:
    running = proof if phone_codes.takes_codes(visit, proof) else None
    return visit.page(
        "portal/prove_identity/code.html",
        errors=errors,
        purpose=_purpose(visit),
        action=_address(visit, proof),
        **phone_codes.shown(visit, running),
    )


def _own_proof(visit: Visit) -> Proof:
    try:
        key = ProofId(UUID(visit.query.get("p", "")))
    except ValueError:
        raise NotFound("no proof is named") from None
    proof = visit.look(lambda uow: uow.proofs.first(id=key, browser=visit.browser))
    if proof is None or proof.act is not errand(visit).act:
        raise NotFound("no such proof in this browser")
    return proof


def _address(visit: Visit, proof: Proof) -> str:
    return f"/prove/phone/code?for={_purpose(visit)}&p={proof.id}"


def _purpose(visit: Visit) -> str:
    return errand(visit).name


def _seated(visit: Visit) -> Member | None:
    """The member, if it is known already who is here and has a phone: nothing is typed twice."""
    where = errand(visit)
    member = seated(visit) or progress(visit, where.act, where.report).member
    return member if member is not None and member.phone else None


def _faults(visit: Visit) -> dict[str, str]:
    _, form, errors = visit.words._, visit.form, dict[str, str]()
    if not form.get("member", "").strip():
        errors["member"] = _("Enter your member number or ID")
    try:
        to_e164(form.get("phone", ""))
    except Invalid:
        errors["phone"] = _("Check the mobile number. A digit may be missing")
    return errors


def routes(front: Front) -> list[BaseRoute]:
    """The choice of ways, and the phone code's two pages."""
    return [
        page_route(front, "/prove", get=show_methods, explain=explain),
        page_route(front, "/prove/phone", get=show_phone, post=send_phone, explain=explain, floor_s=_FLOOR_S),
        page_route(front, "/prove/phone/code", get=show_code, post=send_code, explain=explain, floor_s=_FLOOR_S),
    ]
