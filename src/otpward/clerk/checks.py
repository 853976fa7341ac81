"""What a check found is written down beside the verdict, in the same transaction."""

from dataclasses import dataclass, replace

from otpward.core.audit import Actor, AuditEvent
from otpward.core.ids import CaseId, TokenId
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.model.case import Case
from otpward.core.model.device_check import CheckDoor, Complaint, DeviceCheck, Outcome
from otpward.core.model.token import Token
from otpward.core.oath.model import TokenKind
from otpward.core.policy.checks import CHECK_LIFE, clock_off_s
from otpward.core.policy.verification import Examined, Verdict
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Checking:
    """In which check a number is typed: where, what is said to be wrong, and how far the browser's own clock is off."""

    door: CheckDoor
    complaint: Complaint = Complaint.NONE
    phone_off_s: int | None = None


def running_check(token: Token, door: CheckDoor, *, desk: Desk) -> DeviceCheck | None:
    """The check of this device at this door that has not ended, if it was begun a little while ago."""
    line = desk.uow.checks.first(token_id=token.id, door=door, outcome=Outcome.OPEN, order="-begun_at")
    return line if line is not None and desk.now < line.begun_at + CHECK_LIFE else None


def note_code(examined: Examined, where: Checking, *, desk: Desk, by: Actor, pair: bool = False) -> DeviceCheck:
    """The check after this number, or these two in a row."""
    token, accepted = examined.token, examined.verdict is Verdict.ACCEPTED
    check = _check(token, where, desk=desk, by=by)
    off_s = check.off_s
    if accepted and token.kind is TokenKind.TOTP:
        off_s = clock_off_s(token.high_water, token.period_s, desk.now, in_a_row=pair)
    outcome = Outcome.OPEN
    if accepted:
        outcome = Outcome.RESYNCED if pair else Outcome.ADJUSTED if off_s else Outcome.WORKS
    noted = replace(
        check,
        verdict=examined.verdict.value,
        wrong=check.wrong + (0 if accepted else 1),
        tried_pair=check.tried_pair or pair,
        off_s=off_s,
    )
    return _keep(noted, outcome, desk=desk, by=by)


def note_outcome(token: Token, outcome: Outcome, where: Checking, *, desk: Desk, by: Actor) -> DeviceCheck:
    """The check that ends so without another number: unlocked, or beyond help."""
    return _keep(_check(token, where, desk=desk, by=by), outcome, desk=desk, by=by)


def link_check(check: DeviceCheck, case_id: CaseId, *, desk: Desk) -> DeviceCheck:
    """The check that led to this application."""
    return desk.uow.checks.save(replace(check, case_id=case_id))


def checks_of(token_id: TokenId, *, uow: UnitOfWork, most: int = 10) -> list[DeviceCheck]:
    """The newest checks of a device."""
    return uow.checks.find(token_id=token_id, order="-begun_at", limit=most)


def checks_before(case: Case, *, uow: UnitOfWork, most: int = 5) -> list[DeviceCheck]:
    """What whoever decides about a case should know of its old device: the checks that led to it, else the newest before it
    was decided."""
    if case.old_token_id is None:
        return []
    led = uow.checks.find(case_id=case.id, order="-begun_at", limit=most)
    return led or [one for one in checks_of(case.old_token_id, uow=uow, most=most) if _not_after(case, one)]


def _not_after(case: Case, check: DeviceCheck) -> bool:
    """Whether it was begun while the case was open, or before."""
    return case.closed_at is None or check.begun_at <= case.closed_at


def _check(token: Token, where: Checking, *, desk: Desk, by: Actor) -> DeviceCheck:
    """The one that runs, with what was said since; else a new one, not yet kept."""
    phone = where.phone_off_s
    running = running_check(token, where.door, desk=desk)
    if running is not None:
        complaint = running.complaint if where.complaint is Complaint.NONE else where.complaint
        return replace(running, complaint=complaint, phone_off_s=running.phone_off_s if phone is None else phone)
    holder = desk.uow.registrations.first(token_id=token.id, state=RegistrationState.LIVE)
    fresh = DeviceCheck(
        id=desk.new_id(),
        institution_id=token.institution_id,
        token_id=token.id,
        member_id=None if holder is None else holder.member_id,
        door=where.door,
        complaint=where.complaint,
        outcome=Outcome.OPEN,
        phone_off_s=phone,
        by_role=by.kind.value,
        begun_at=desk.now,
    )
    desk.uow.checks.add(fresh)
    return fresh


def _keep(check: DeviceCheck, outcome: Outcome, *, desk: Desk, by: Actor) -> DeviceCheck:
    ended_at = None if outcome is Outcome.OPEN else desk.now
    kept = desk.uow.checks.save(replace(check, outcome=outcome, ended_at=ended_at))
    said = kept.verdict if outcome is Outcome.OPEN else outcome.value
    detail = {"door": kept.door.value, "complaint": kept.complaint.value}
    desk.uow.audit.append(
        AuditEvent.CHECK_NOTED, kept, by=by, at=desk.now, institution_id=kept.institution_id, result=said, detail=detail
    )
    return kept
