"""The member types the code that the counter shows: the proof is their browser's from then on."""

from dataclasses import dataclass, replace
from hmac import compare_digest
from typing import Final

from otpward.clerk.limits import count_one, is_full, window_end
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import TooOften
from otpward.core.ids import InstitutionId, MemberId, ReportId
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.member import Member, fold_login
from otpward.core.model.proof import Act, Method, Proof
from otpward.core.policy.rates import (
    BOUND_PROOF_LIFE,
    BRANCH_CODE_LETTERS,
    BRANCH_CODE_TRIES,
    PROOF_LIFE,
    WRONG_BRANCH_CODES_PER_SOURCE,
)
from otpward.ports.desk import Desk
from otpward.services.prove_identity.give_branch_code import code_of, shown_code

_LIMIT: Final = "wrong_branch_code.source"
_LATEST: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBranchCode:
    """What was typed, in which browser. The member is named, or known since they sit here; the report is this browser's own."""

    institution_id: InstitutionId
    browser: bytes
    source: str
    code: str
    login: str = ""
    member_id: MemberId | None = None
    report_id: ReportId | None = None


def take_branch_code(ask: TakeBranchCode, *, desk: Desk) -> Proof | None:
    """The proof, this browser's now; None if the code is not that of an open proof of this member. Unknown, wrong, used and too
    late are one answer. A second press in the browser that got it finds it again.

    Raises:
        TooOften: too many wrong ones from this address.
    """
    with desk.uow as uow:
        if is_full(_LIMIT, ask.source, WRONG_BRANCH_CODES_PER_SOURCE, desk=desk):
            full = [one for one in WRONG_BRANCH_CODES_PER_SOURCE if is_full(_LIMIT, ask.source, (one,), desk=desk)]
            raise TooOften(window_end(desk.now, full[-1]))
        member = _member(ask, desk)
        proofs = [] if member is None else _in_person(member, desk)
        code = normalise_branch_code(ask.code)
        found = next((one for one in proofs if _is_right(one, code, ask.browser, desk=desk)), None)
        if found is None:
            _count_wrong(proofs, ask, desk=desk)
        elif found.browser != ask.browser:
            found = _take_over(found, ask, desk=desk)
        uow.commit()
    return found


def normalise_branch_code(typed: str) -> str:
    """The eight letters and digits that were meant; empty if it cannot be a code. Spaces, hyphens and case do not matter."""
    code = "".join(one for one in typed[:64].upper() if one.isascii() and one.isalnum())
    return code if len(code) == BRANCH_CODE_LETTERS else ""


def _member(ask: TakeBranchCode, desk: Desk) -> Member | None:
    if ask.member_id is not None:
        found = desk.uow.members.first(id=ask.member_id)
    else:
        found = desk.uow.members.first(login=fold_login(ask.login))
    return found if found is not None and found.left_at is None else None


def _in_person(member: Member, desk: Desk) -> list[Proof]:
    return desk.uow.proofs.find(
        member_id=member.id, method=Method.IN_PERSON, state=ProofState.PASSED, order="-started_at", limit=_LATEST
    )


def _is_right(proof: Proof, code: str, browser: bytes, *, desk: Desk) -> bool:
    mine = proof.browser == browser and proof.sends > 0 and desk.now < proof.expires_at
    expected = code_of(proof, desk.vault) if mine else shown_code(proof, now=desk.now, vault=desk.vault)
    return bool(expected) and compare_digest(expected, code)


def _count_wrong(proofs: list[Proof], ask: TakeBranchCode, *, desk: Desk) -> None:
    """One more from this address, and one try less for each open code. After a few a code is void; staff give another."""
    uow, inside = desk.uow, ask.institution_id
    by = Actor(kind=ActorKind.STRANGER, source=ask.source)
    count_one(_LIMIT, ask.source, WRONG_BRANCH_CODES_PER_SOURCE, desk=desk)
    given = [one for one in proofs if shown_code(one, now=desk.now, vault=desk.vault)]
    for one in given:
        void = one.tries + 1 >= BRANCH_CODE_TRIES
        saved = uow.proofs.save(replace(one, tries=one.tries + 1, sent_at=None if void else one.sent_at))
        uow.audit.append(
            AuditEvent.PROOF_FAILED, saved, by=by, at=desk.now, institution_id=inside, result="over" if void else "wrong"
        )
    if not given:
        where = uow.institutions.get(inside)
        uow.audit.append(AuditEvent.PROOF_FAILED, where, by=by, at=desk.now, institution_id=inside, result="branch")


def _take_over(proof: Proof, ask: TakeBranchCode, *, desk: Desk) -> Proof:
    """Bound to this browser; the time to act begins anew, since a counter and a phone lie between."""
    uow = desk.uow
    report = None if ask.report_id is None else uow.losses.first(id=ask.report_id, browser=ask.browser)
    fits = report is not None and report.member_id == proof.member_id and proof.act is Act.APPLY
    taken = uow.proofs.save(
        replace(
            proof,
            browser=ask.browser,
            report_id=ask.report_id if fits else None,
            expires_at=desk.now + (PROOF_LIFE if proof.case_id is None else BOUND_PROOF_LIFE),
        )
    )
    by = Actor(kind=ActorKind.MEMBER, id=proof.member_id, source=ask.source)
    uow.audit.append(
        AuditEvent.PROOF_PASSED,
        taken,
        by=by,
        at=desk.now,
        institution_id=ask.institution_id,
        case_id=taken.case_id,
        result="branch",
    )
    return taken
