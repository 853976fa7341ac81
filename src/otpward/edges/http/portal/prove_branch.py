"""At a branch: what to bring, where to go, and the field for the code with which a proof made there goes on in this browser."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.model.proof import Proof
from otpward.core.policy.rates import BRANCH_CODE_LETTERS, BRANCH_CODE_LIFE
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal.purposes import Errand, after_pass, errand, errand_of, seated
from otpward.services.prove_identity.take_branch_code import TakeBranchCode, normalise_branch_code, take_branch_code

PATH: Final = "/prove/branch"
_FLOOR_S: Final = 0.3


def show_branch(visit: Visit) -> Response:
    """What to bring, where, and the field."""
    return _page(visit)


def send_branch(visit: Visit) -> Response:
    """The proof that was made at the counter is this browser's. Whatever is wrong with the code is said in one sentence."""
    _, form, where, member = visit.words._, visit.form, errand(visit), seated(visit)
    errors = dict[str, str]()
    if member is None and not form.get("member", "").strip():
        errors["member"] = _("Enter your member number or ID")
    if not normalise_branch_code(form.get("code", "")):
        errors["code"] = _("Enter the {n} letters and digits that the branch shows you", n=BRANCH_CODE_LETTERS)
    if errors:
        return _page(visit, errors)
    ask = TakeBranchCode(
        institution_id=visit.institution.id,
        browser=visit.browser,
        source=visit.source,
        code=form["code"],
        login=form.get("member", ""),
        member_id=None if member is None else member.id,
        report_id=None if where.report is None else where.report.id,
    )
    proof = visit.do(lambda desk: take_branch_code(ask, desk=desk))
    if proof is None:
        sentence = _("The code is not correct or has expired. Try again, or ask at the counter for a new one")
        return _page(visit, {"code": sentence})
    return visit.go(after_pass(visit, _errand(visit, where, proof), proof))


def _errand(visit: Visit, where: Errand, proof: Proof) -> Errand:
    """What the proof was made for decides, not how one came here."""
    return where if where.act is proof.act else errand_of(visit, proof)


def _page(visit: Visit, errors: Mapping[str, str] | None = None) -> Response:
    where = errand(visit)
    branches = visit.look(lambda uow: uow.branches.find(order="code"))
    return visit.page(
        "portal/prove_identity/branch.html",
        errors=errors,
        action=where.at(PATH),
        back=where.at("/prove"),
        branches=branches,
        known=seated(visit) is not None,
        letters=BRANCH_CODE_LETTERS,
        minutes=int(BRANCH_CODE_LIFE.total_seconds()) // 60,
    )


def routes(front: Front) -> list[BaseRoute]:
    """The one page."""
    return [page_route(front, PATH, get=show_branch, post=send_branch, explain=explain, floor_s=_FLOOR_S)]
