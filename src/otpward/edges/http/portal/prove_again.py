"""The code of a provider is asked for once more, on the page where it is typed."""

from typing import Any, Final

from otpward.core.errors import TooOften, Unavailable
from otpward.core.model.proof import Proof
from otpward.core.policy.rates import CODE_SENDS
from otpward.edges.http.front import Visit
from otpward.ports.prover import Prover, Resends
from otpward.services.prove_identity.resend_service import ResendService, Resent, may_resend_at, resend_service

AGAIN: Final = "again"
SENT: Final = "sent"
"""Stands in the address after it was done."""


def ask_again(visit: Visit, proof: Proof, prover: Prover, title: str) -> dict[str, str]:
    """Ask the provider for one more code; or the sentence that says why there is none."""
    _ = visit.words._
    if not isinstance(prover, Resends):
        return {
            "": _("{provider} sends no more codes for this. Enter the one that came, or choose another way", provider=title)
        }
    ask = ResendService(institution_id=visit.institution.id, proof_id=proof.id, browser=visit.browser, source=visit.source)
    try:
        answer = resend_service(ask, house=visit.front.house, prover=prover)
    except TooOften as error:
        if may_resend_at(proof) is None:
            phone = visit.institution.phone
            return {"": _("We sent {n} codes. Enter one of them, or call {phone}", n=CODE_SENDS, phone=phone)}
        left = error.until - visit.front.house.clock.now()
        return {"": _("You can get a new code in {n} s", n=max(1, int(left.total_seconds())))}
    except Unavailable:
        return {
            "": _("{provider} does not answer now. If a code came, enter it; or choose another way", provider=title),
        }
    if answer is Resent.REFUSED:
        return {
            "": _("{provider} sends no more codes for this. Enter the one that came, or choose another way", provider=title)
        }
    return {}


def shown_again(visit: Visit, proof: Proof, prover: Prover) -> dict[str, Any]:
    """What `go_code.html` needs to know: whether one may ask again, and in how many seconds."""
    at = may_resend_at(proof)
    resends = isinstance(prover, Resends)
    wait_s = 0.0 if at is None else (at - visit.front.house.clock.now()).total_seconds()
    return {
        "resends": resends,
        "more": resends and at is not None,
        "wait_s": max(0, -int(-wait_s // 1)),
        "sent": visit.query.get(SENT) == "yes" and proof.sends > 0,
    }
