"""Proving by what is left: a passkey, the recovery code, a number of another OTP. Whoever asks, a refusal is the same page."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.errors import Denied
from otpward.core.model.member import Member
from otpward.core.model.proof import Proof
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.passkeys import FIELD, ask_for, site
from otpward.edges.http.portal.backup_codes import after_errand, new_code_page
from otpward.edges.http.portal.purposes import Errand, after_pass, errand, seated
from otpward.services.prove_identity.at_once import Claim
from otpward.services.prove_identity.prove_by_passkey import ProveByPasskey, asked_to_prove, prove_by_passkey
from otpward.services.prove_identity.prove_by_recovery_code import ProveByRecoveryCode, prove_by_recovery_code
from otpward.services.prove_identity.prove_by_token import ProveByToken, prove_by_token

_FLOOR_S: Final = 0.3


def show_passkey(visit: Visit) -> Response:
    """Any passkey of this site."""
    return _passkey(visit)


def send_passkey(visit: Visit) -> Response:
    """The passkey is judged; it says by itself who it is."""
    where = errand(visit)
    ask = ProveByPasskey(claim=_claim(visit, where), answer=visit.form.get(FIELD, ""))
    proof = visit.do(lambda desk: prove_by_passkey(ask, site=site(visit), desk=desk))
    if proof is not None:
        on = _after(visit, where, proof)
        if on:
            return visit.go(on)
    return _passkey(visit, {"": visit.words._("That passkey was not accepted. Try again, or choose another way")})


def show_recovery(visit: Visit) -> Response:
    """Whose, and the code."""
    return _typed(visit, "recovery_code")


def send_recovery(visit: Visit) -> Response:
    """The code is judged; a right one is spent, and the one in its place is shown before it goes on."""
    _, where = visit.words._, errand(visit)
    errors = _faults(visit, where, _("Enter the recovery code"))
    if errors:
        return _typed(visit, "recovery_code", errors)
    ask = ProveByRecoveryCode(claim=_claim(visit, where), code=visit.form["code"])
    done = prove_by_recovery_code(ask, house=visit.front.house)
    if done is None or not _after(visit, where, done.proof):
        return _typed(visit, "recovery_code", {"": _refused(visit)})
    member = visit.look(lambda uow: uow.members.first(id=done.proof.member_id))
    assert member is not None, "the proof is theirs"
    return new_code_page(visit, member, done.new_code, after_errand(where.folded), used=True)


def show_token(visit: Visit) -> Response:
    """Whose, and the number that another OTP shows."""
    return _typed(visit, "other_otp")


def send_token(visit: Visit) -> Response:
    """The number is judged, and spent."""
    _, where = visit.words._, errand(visit)
    errors = _faults(visit, where, _("Enter the number that your other OTP shows"))
    if errors:
        return _typed(visit, "other_otp", errors)
    ask = ProveByToken(claim=_claim(visit, where), code=visit.form["code"])
    proof = visit.do(lambda desk: prove_by_token(ask, desk=desk))
    if proof is not None:
        on = _after(visit, where, proof)
        if on:
            return visit.go(on)
    return _typed(visit, "other_otp", {"": _refused(visit)})


def _after(visit: Visit, where: Errand, proof: Proof) -> str:
    """Where it goes on; nowhere if something was reported in this very moment."""
    try:
        return after_pass(visit, where, proof)
    except Denied:
        return ""


def _claim(visit: Visit, where: Errand) -> Claim:
    member = seated(visit)
    return Claim(
        institution_id=visit.institution.id,
        act=where.act,
        browser=visit.browser,
        source=visit.source,
        member_id=None if member is None else member.id,
        report_id=None if where.report is None else where.report.id,
        login=visit.form.get("member", ""),
    )


def _faults(visit: Visit, where: Errand, missing: str) -> dict[str, str]:
    errors = dict[str, str]()
    if _asks_who(seated(visit), where) and not visit.form.get("member", "").strip():
        errors["member"] = visit.words._("Enter your member number or ID")
    if not visit.form.get("code", "").strip():
        errors["code"] = missing
    return errors


def _asks_who(member: Member | None, where: Errand) -> bool:
    return member is None and where.report is None


def _refused(visit: Visit) -> str:
    return visit.words._("That did not match what we have on file, or it was used. Try again or choose another way")


def _passkey(visit: Visit, errors: Mapping[str, str] | None = None) -> Response:
    where = errand(visit)
    ask = ask_for(visit, asked_to_prove(where.act, visit.browser))
    return visit.page("portal/prove_identity/passkey.html", errors=errors, where=where, ask=ask)


def _typed(visit: Visit, template: str, errors: Mapping[str, str] | None = None) -> Response:
    where = errand(visit)
    return visit.page(f"portal/prove_identity/{template}.html", errors=errors, where=where, who=_asks_who(seated(visit), where))


def routes(front: Front) -> list[BaseRoute]:
    """Three ways, a page each."""
    floor = _FLOOR_S
    return [
        page_route(front, "/prove/passkey", get=show_passkey, post=send_passkey, explain=explain, floor_s=floor),
        page_route(front, "/prove/recovery-code", get=show_recovery, post=send_recovery, explain=explain, floor_s=floor),
        page_route(front, "/prove/otp", get=show_token, post=send_token, explain=explain, floor_s=floor),
    ]
