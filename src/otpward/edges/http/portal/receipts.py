"""What receipts and passes say: once, so that the page and the PDF cannot differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from otpward.core.model.case import Case, Delivery
from otpward.core.model.delivery import PickUp
from otpward.core.model.fee import Fee
from otpward.core.model.institution import Branch
from otpward.core.model.loss import LossReport
from otpward.core.policy.collecting import Collector
from otpward.core.policy.document.requirement import Requirement
from otpward.edges.http.applicant_words import ACTING, RELATED
from otpward.edges.http.fee_words import fee_told
from otpward.edges.http.front import Visit
from otpward.edges.http.portal.progress import REASONS, expected
from otpward.edges.http.qr import draw_qr, svg_of
from otpward.edges.http.show import Show, grouped
from otpward.edges.http.words import Words
from otpward.ports.printer import BigCode, Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A head, a sentence, facts and remarks, in the reader's language."""

    title: str
    text: str
    rows: Sequence[tuple[str, str]]
    notes: Sequence[str] = ()


def loss_receipt(visit: Visit, report: LossReport) -> Said:
    """That a report is in, or that it is cancelled; with the time that counts."""
    _, show = visit.words._, _show(visit)
    rows = [
        (_("Report number"), report.number),
        (_("Time"), show.time(report.reported_at, seconds=True, zone=True)),
    ]
    notes = [_("The time is when our server took the report. It counts if somebody misuses the OTP.")]
    if report.lifted_at is not None:
        rows.append((_("Cancelled at"), show.time(report.lifted_at, seconds=True, zone=True)))
        return Said(title=_("Your report is cancelled"), text=_("You can use your OTP again"), rows=rows, notes=notes)
    text = _("If the details match an OTP, it has stopped working. We sent the result to the registered contact.")
    return Said(title=_("Your report is in"), text=text, rows=rows, notes=notes)


def application_receipt(visit: Visit, case: Case, submitted_at: datetime, asked: Requirement) -> Said:
    """That an application is in, and when it may be expected."""
    _, show = visit.words._, _show(visit)
    day = expected(submitted_at, asked.working_days, now=submitted_at)
    return Said(
        title=_("Your application is in"),
        text=_("We sent this number to your registered contacts."),
        rows=[
            (_("Application number"), case.number),
            (_("Sent at"), show.time(submitted_at, seconds=True, zone=True)),
            (_("Expected day"), show.date(day)),
        ],
    )


def applied_for(visit: Visit, case: Case, asked: Requirement) -> list[tuple[str, str]]:
    """What an application was for, as on its own page."""
    words = visit.words
    rows = [(words._("Reason"), words._(REASONS[case.reason]))]
    if case.delivery is not None:
        rows.append((words._("How you receive it"), received(case.delivery, words)))
    rows.append((words._("Fee"), fee_told(visit, case, asked)))
    return rows


def received(delivery: Delivery, words: Words) -> str:
    """A way of receiving."""
    match delivery:
        case Delivery.BRANCH:
            return words.in_context("receive", "At a branch")
        case Delivery.POST:
            return words._("By post")
        case _:
            return words._("On my phone")


def pick_up_pass(visit: Visit, pick_up: PickUp, branch: Branch, collector: Collector, due: Fee | None) -> Said:
    """Where it is collected, until when, by whom, and what they bring."""
    _, show, lang = visit.words._, _show(visit), visit.lang
    until = show.date(pick_up.until)
    papers = [collector.id_title.text(lang), *(one.title.text(lang) for one in collector.bring), _("this pass")]
    bring = ", ".join(papers)
    who = collector_named(collector, visit.words)
    return Said(
        title=_("Pick-up pass"),
        text=_("Collect it at {branch} by {date}", branch=branch.name(lang), date=until),
        rows=[
            (_("Place"), f"{branch.name(lang)}, {branch.address(lang)}"),
            (_("Hours"), branch.hours),
            (_("Branch phone"), branch.phone),
            *([(_("Who collects it"), who)] if who else []),
            (_("Bring"), bring[:1].upper() + bring[1:]),
            *([(_("Fee to pay there"), show.money(due.amount_won))] if due is not None else []),
            (_("Until"), until),
        ],
        notes=[
            _("The code is good once, and only at this branch."),
            _("Only {who} can collect it, or the member themselves.", who=who)
            if who and collector.member_instead
            else _("Only {who} can collect it.", who=who)
            if who
            else _("Only you can collect it."),
        ],
    )


def collector_named(collector: Collector, words: Words) -> str:
    """Who acts for the member and as what; empty where they come themselves."""
    if collector.acting is None:
        return ""
    role = words._(ACTING[collector.acting]) if collector.relation is None else words._(RELATED[collector.relation])
    return f"{collector.name.reveal()} ({role})" if collector.name else role


def pass_code(visit: Visit, code: str) -> BigCode:
    """The code of a pass, in letters and as a QR code."""
    _ = visit.words._
    name = _("Pick-up code")
    drawn = svg_of(draw_qr(code))
    return BigCode(letters=grouped(code), name=name, picture=drawn, picture_name=_("Pick-up code as a QR code"))


def sheet_of(visit: Visit, said: Said, *, code: BigCode | None = None, more: Sequence[tuple[str, str]] = ()) -> Sheet:
    """The same on paper, under the institution's name, with whom to call."""
    now = visit.front.house.clock.now()
    made = visit.words._("PDF made at {time}", time=_show(visit).time(now, seconds=True, zone=True))
    institution = visit.institution
    return Sheet(
        lang=visit.lang,
        institution=institution.name(visit.lang),
        title=_plain(said.title),
        lead=_plain(said.text),
        rows=[(_plain(name), _plain(value)) for name, value in (*said.rows, *more)],
        notes=[_plain(one) for one in said.notes],
        foot=_plain(f"{institution.name(visit.lang)} · {institution.phone} · {_plain(made)}"),
        at=now,
        code=code,
    )


def _plain(text: str) -> str:
    """The words without their elements: `<time>` is for the page."""
    return text.striptags() if isinstance(text, Markup) else text


def _show(visit: Visit) -> Show:
    return visit.front.pages.show(visit.lang)
