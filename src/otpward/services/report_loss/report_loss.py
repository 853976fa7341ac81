"""A loss is reported, and the token stops."""

from dataclasses import dataclass, replace

from otpward.clerk.limits import count_try
from otpward.clerk.losses import case_of_loss
from otpward.clerk.notices import tell
from otpward.clerk.passes import end_passes_of_member
from otpward.clerk.shut_out import end_sessions, void_changes, void_proofs
from otpward.clerk.tokens import hold_token, live_tokens
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Moved, Taken
from otpward.core.ids import InstitutionId, ReportId
from otpward.core.lifecycle.case import OPEN
from otpward.core.lifecycle.token import LOSS_HOLDS, Hold, TokenState
from otpward.core.model.loss import LossKind, LossReport
from otpward.core.model.member import Member, fold_login
from otpward.core.model.token import Token
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.phones import to_e164
from otpward.core.policy.rates import REPORTS_PER_LOGIN, REPORTS_PER_SOURCE
from otpward.core.secret import Personal
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Among
from otpward.ports.vault import Print

_LOGIN_LONGEST = 100
_IN_HAND = frozenset({TokenState.ISSUED, TokenState.REGISTERED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLoss:
    """What a stranger typed. `browser` is the digest of the cookie that may see the receipt; `once` marks this form, so that a
    double press makes one report."""

    institution_id: InstitutionId
    login: str
    phone: str
    kind: LossKind
    phone_lost: bool
    browser: bytes
    once: str
    source: str


def report_loss(ask: ReportLoss, *, desk: Desk) -> LossReport:
    """Stop every token of the member at once and open the case, in one transaction; tell the registered contacts.

    Sessions that the member has open end, since the finder may sit in one; a phone that is lost too takes back what it proved.

    Without a matching member the same report is written and the same receipt returned, and nothing else happens.

    Raises:
        Invalid: the phone number cannot be one (field `phone`).
        TooOften: from this source, or for this login and phone.
    """
    phone, login = to_e164(ask.phone), fold_login(ask.login)[:_LOGIN_LONGEST]
    by = Actor(kind=ActorKind.STRANGER, source=ask.source)
    with desk.uow as uow:
        again = uow.losses.first(once=ask.once)
        if again is not None and again.browser == ask.browser:
            return again
        count_try("report_loss.source", ask.source, REPORTS_PER_SOURCE, desk=desk)
        # with the phone: whoever knows the login alone must not use up what a true report needs
        count_try("report_loss.login", f"{login} {phone}", REPORTS_PER_LOGIN, desk=desk)
        member = uow.members.first(login=login)
        print_ = desk.vault.fingerprint(Print.PHONE, phone)
        if member is not None and (member.phone_print != print_ or member.left_at is not None):
            member = None
        report = LossReport(
            id=ReportId(desk.new_id()),
            institution_id=ask.institution_id,
            number=desk.number("L"),
            kind=ask.kind,
            phone_lost=ask.phone_lost,
            reported_at=desk.now,
            browser=ask.browser,
            once=ask.once,
            phone_tail=Personal(phone[-4:]),
            member_id=None if member is None else member.id,
        )
        if member is not None:
            report = _stop(report, member, desk=desk, by=by)
        try:
            uow.losses.add(report)
        except Taken:  # a second press was faster: done again, this finds the receipt of the first
            raise Moved("the report was made meanwhile") from None
        result = "unmatched" if member is None else "matched"
        uow.audit.append(
            AuditEvent.LOSS_REPORTED,
            report,
            by=by,
            at=desk.now,
            institution_id=ask.institution_id,
            case_id=report.case_id,
            result=result,
        )
        uow.commit()
    return report


def _stop(report: LossReport, member: Member, *, desk: Desk, by: Actor) -> LossReport:
    tokens = live_tokens(desk.uow, member.id)
    coming = _coming(member, desk=desk, posted=all(token.holds & LOSS_HOLDS for token in tokens))
    for token in [*tokens, *coming]:
        hold_token(token, Hold(report.kind.value), desk=desk, by=by, report_id=report.id)
    end_passes_of_member(member.id, "loss_reported", desk=desk, by=by)
    end_sessions(member.id, desk=desk, by=by)
    void_changes(member.id, desk=desk, by=by, result="loss_reported")
    if report.phone_lost:
        void_proofs(member.id, desk=desk, by=by, passkeys=True)
        desk.uow.members.save(replace(member, phone_lost_at=desk.now))
    case_id = case_of_loss(report, member, tokens[0], desk=desk, by=by) if tokens else None
    tell(member, NoticeKind.LOSS_STOPPED, desk=desk, phone_lost=report.phone_lost, case_id=case_id)
    return replace(report, case_id=case_id)


def _coming(member: Member, *, desk: Desk, posted: bool) -> list[Token]:
    """The new tokens of running cases: those in the member's hands, and, where every old one is stopped already so that the
    report can only mean it, one in the post (`posted`). What still lies at a branch is safe there."""
    outside = _IN_HAND | {TokenState.IN_TRANSIT} if posted else _IN_HAND
    cases = desk.uow.cases.find(member_id=member.id, state=Among(OPEN))
    found = [desk.uow.tokens.get(case.new_token_id) for case in cases if case.new_token_id is not None]
    return [token for token in found if token.state in outside]
