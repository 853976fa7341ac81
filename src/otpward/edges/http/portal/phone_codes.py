"""A phone code on a page: sent when it is asked for, typed into one field, and answered in the same words whoever asks."""

from typing import Any, Final

from starlette.responses import Response

from otpward.core.errors import TooOften, Unavailable
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.loss import LossReport
from otpward.core.model.proof import Act, Proof
from otpward.core.oath.typed_code import normalise_code
from otpward.core.policy.rates import CODE_DIGITS, CODE_SENDS, RESEND_AFTER
from otpward.edges.http.front import Visit
from otpward.edges.http.portal.purposes import Errand, after_pass, errand_of_report, seated
from otpward.services.prove_identity.ask_carrier import ask_carrier
from otpward.services.prove_identity.begin_proof import BeginProof, begin_proof
from otpward.services.prove_identity.check_code import CheckCode, CodeAnswer, check_code
from otpward.services.prove_identity.send_code import SendCode, send_code

FIELD: Final = "code"
AGAIN: Final = "again"


def show(visit: Visit, report: LossReport, act: Act, template: str) -> Response:
    """The page of this report: a button that sends a code, or the field for one that was sent."""
    proof = _running(visit, report, act)
    return visit.page(template, report=report, **shown(visit, proof))


def take(visit: Visit, report: LossReport, act: Act, template: str) -> Response:
    """Send a code for this report, send it again, or judge what was typed; then back to the page."""
    proof, errors = _running(visit, report, act), dict[str, str]()
    if FIELD in visit.form:
        judged = enter(visit, proof, errand_of_report(visit, report, act))
        if isinstance(judged, str):
            return visit.go(judged)
        errors = judged
    elif proof is None:
        institution, browser, source = visit.institution.id, visit.browser, visit.source
        begin(visit, BeginProof(institution_id=institution, act=act, browser=browser, source=source, report_id=report.id))
    elif AGAIN in visit.form:
        errors = send_again(visit, proof)
    if not errors:
        return visit.go(visit.request.url.path)
    return visit.page(template, errors=errors, report=report, **shown(visit, _running(visit, report, act)))


class CarrierSilent(Unavailable):
    """Nobody could say whether the phone's SIM was changed. Only a member who sits here is told."""

    code = "carrier_silent"


def begin(visit: Visit, ask: BeginProof) -> Proof:
    """Begin a proof and send its first code.

    Raises:
        CarrierSilent: no code was sent for want of the carrier's answer.
        Invalid, PhoneProvesNothing, TooOften: as `begin_proof`.
    """
    proof = visit.do(lambda desk: begin_proof(ask, desk=desk))
    sending = _sending(visit, proof)
    sent = visit.do(lambda desk: send_code(sending, desk=desk))
    member = seated(visit)
    if sending.withheld and member is not None and member.id == proof.member_id:
        raise CarrierSilent("the carrier does not answer")
    return sent


def send_again(visit: Visit, proof: Proof) -> dict[str, str]:
    """Send one more code; or the sentence that says why not now."""
    _, sending = visit.words._, _sending(visit, proof)
    try:
        visit.do(lambda desk: send_code(sending, desk=desk))
    except TooOften as error:
        if proof.sends >= CODE_SENDS:
            phone = visit.institution.phone
            return {"": _("We sent {n} codes. Enter one of them, or call {phone}", n=CODE_SENDS, phone=phone)}
        left = error.until - visit.front.house.clock.now()
        return {"": _("You can get a new code in {n} s", n=max(1, int(left.total_seconds())))}
    return {}


def enter(visit: Visit, proof: Proof | None, where: Errand) -> dict[str, str] | str:
    """Judge the typed code; what cannot be a code costs no try. Where it goes on, if it passes."""
    _, typed = visit.words._, visit.form.get(FIELD, "")
    if proof is not None and normalise_code(typed, CODE_DIGITS) is None:
        return {FIELD: _("Enter the 6-digit code")}
    refused = _("The code is not correct or has expired. Try again or get a new one")
    if proof is None:
        return {"": refused}
    ask = CheckCode(proof_id=proof.id, browser=visit.browser, code=typed, source=visit.source)
    answer, judged = visit.do(lambda desk: check_code(ask, desk=desk))
    if answer is not CodeAnswer.PASSED:
        return {FIELD if answer is CodeAnswer.WRONG else "": refused}
    return after_pass(visit, where, judged)


def takes_codes(visit: Visit, proof: Proof) -> bool:
    """Whether a code may still be typed for it."""
    return proof.state is ProofState.STARTED and visit.front.house.clock.now() < proof.expires_at


def shown(visit: Visit, proof: Proof | None) -> dict[str, Any]:
    """What `portal/prove_identity/code_form.html` needs to know of a running proof; without one there is no field."""
    if proof is None:
        return {"proof": None}
    now = visit.front.house.clock.now()
    wait_s = (proof.sent_at + RESEND_AFTER - now).total_seconds() if proof.sent_at is not None else 0
    return {
        "proof": proof,
        "masked": f"***-****-{proof.phone_tail.reveal()}",
        "minutes": max(1, -(-int((proof.expires_at - now).total_seconds()) // 60)),
        "wait_s": max(0, -int(-wait_s // 1)),
        "more": proof.sends < CODE_SENDS,
    }


def _running(visit: Visit, report: LossReport, act: Act) -> Proof | None:
    """The proof that this browser began for this report and that still takes codes."""
    found = visit.look(
        lambda uow: uow.proofs.first(
            browser=visit.browser, act=act, report_id=report.id, state=ProofState.STARTED, order="-started_at"
        )
    )
    return found if found is not None and takes_codes(visit, found) else None


def _sending(visit: Visit, proof: Proof) -> SendCode:
    """What is asked of `send_code`, once the carrier was asked about the SIM; not where no code will be sent anyway."""
    guard, house, inside = visit.front.sim, visit.front.house, visit.institution.id
    early = proof.sent_at is not None and house.clock.now() < proof.sent_at + RESEND_AFTER
    unasked = guard is None or early or proof.sends >= CODE_SENDS
    allowed = unasked or guard is None or ask_carrier(inside, proof.id, house=house, guard=guard)
    return SendCode(proof_id=proof.id, browser=visit.browser, source=visit.source, withheld=not allowed)
