"""What a proof is for, whom it is about, and where it leads: the same for every way of proving."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from otpward.core.model.loss import LossReport
from otpward.core.model.member import Level, Member
from otpward.core.model.proof import Act, Proof
from otpward.core.policy.proofs import Bar, ProofNeeded
from otpward.core.policy.rates import RECEIPT_LIFE
from otpward.edges.http.front import Visit
from otpward.services.prove_identity.see_standing import Progress, SeeStanding, see_standing
from otpward.services.sign_in.sit_down_proven import sit_down_proven


@dataclass(frozen=True, slots=True)
class Purpose:
    """What the proof is for, where it leads, and where one came from. `{report}` is the number of this browser's report."""

    act: Act
    then: str
    back: str


PURPOSES: Final[Mapping[str, Purpose]] = {
    "apply": Purpose(Act.APPLY, "/apply", "/"),
    "review": Purpose(Act.APPLY, "/apply/review", "/apply/review"),
    "follow": Purpose(Act.FOLLOW, "/cases", "/"),
    "check": Purpose(Act.FOLLOW, "/check/test", "/check"),
    "refused": Purpose(Act.FOLLOW, "/check/test?why=refused", "/check"),
    "dark": Purpose(Act.APPLY, "/check/replace?why=dark", "/check"),
    "damaged": Purpose(Act.APPLY, "/check/replace?why=damaged", "/check"),
    "phone_changed": Purpose(Act.APPLY, "/check/replace?why=phone_changed", "/check"),
    "app_deleted": Purpose(Act.APPLY, "/check/replace?why=app_deleted", "/check"),
    "unlock": Purpose(Act.UNLOCK, "/check/unlock", "/check"),
    "contact": Purpose(Act.CHANGE_CONTACT, "/settings/phone", "/settings"),
    "mail": Purpose(Act.CHANGE_CONTACT, "/settings/email", "/settings"),
}
_OF_A_REPORT: Final[Mapping[str, Purpose]] = {
    "apply": Purpose(Act.APPLY, "/report-loss/{report}/confirm", "/report-loss/{report}"),
    "lift": Purpose(Act.LIFT_LOSS, "/report-loss/{report}/lift", "/report-loss/{report}/lift"),
}
_NAMES: Final = {Act.LIFT_LOSS: "lift", Act.CHANGE_CONTACT: "contact"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One purpose in one browser. `name` and the report's number stand in every address on the way."""

    name: str
    purpose: Purpose
    report: LossReport | None

    @property
    def act(self) -> Act:
        """What the proof must be for."""
        return self.purpose.act

    @property
    def then(self) -> str:
        """Where a passed proof leads."""
        return self._filled(self.purpose.then)

    @property
    def back(self) -> str:
        """Where one came from."""
        return self._filled(self.purpose.back)

    @property
    def folded(self) -> str:
        """In one word, to be kept with a proof that comes back later."""
        return self.name if self.report is None else f"{self.name}:{self.report.number}"

    def at(self, path: str, **more: str) -> str:
        """This address, for this errand."""
        own = {"for": self.name} | ({} if self.report is None else {"report": self.report.number})
        return f"{path}?{urlencode(own | more)}"

    def _filled(self, address: str) -> str:
        return address.replace("{report}", "" if self.report is None else self.report.number)


def errand(visit: Visit) -> Errand:
    """The errand that the address names; without a name that is one, to follow an application."""
    return _errand(visit, visit.query.get("for", ""), visit.query.get("report", ""))


def unfolded(visit: Visit, folded: str) -> Errand:
    """The errand again, from its one word."""
    name, _, number = folded.partition(":")
    return _errand(visit, name, number)


def errand_of(visit: Visit, proof: Proof) -> Errand:
    """The errand of a proof that keeps no word of it any more."""
    report = visit.look(lambda uow: uow.losses.first(id=proof.report_id)) if proof.report_id is not None else None
    return _errand(visit, _NAMES.get(proof.act, proof.act.value), "" if report is None else report.number)


def errand_of_report(visit: Visit, report: LossReport, act: Act) -> Errand:
    """The errand of a page about this report of this browser."""
    return _errand(visit, _NAMES.get(act, act.value), report.number)


def _errand(visit: Visit, name: str, number: str) -> Errand:
    report = _own_report(visit, number) if number else None
    if report is not None and name in _OF_A_REPORT:
        return Errand(name=name, purpose=_OF_A_REPORT[name], report=report)
    name = name if name in PURPOSES else "follow"
    return Errand(name=name, purpose=PURPOSES[name], report=None)


def _own_report(visit: Visit, number: str) -> LossReport | None:
    report = visit.look(lambda uow: uow.losses.first(number=number, browser=visit.browser))
    kept = report is not None and visit.front.house.clock.now() < report.reported_at + RECEIPT_LIFE
    return report if kept else None


def seated(visit: Visit) -> Member | None:
    """The member, if who sits here has shown who they are; half way through signing in is not enough, nor to look."""
    seat = visit.seat
    return seat.member if seat is not None and seat.session.level in {Level.PROVEN, Level.FULL} else None


def progress(visit: Visit, act: Act, report: LossReport | None = None) -> Progress:
    """How far this visitor has come in showing who they are for this act."""
    member, now = seated(visit), visit.front.house.clock.now()
    ask = SeeStanding(
        institution_id=visit.institution.id,
        act=act,
        browser=visit.browser,
        member_id=None if member is None else member.id,
        report_id=None if report is None else report.id,
    )
    return visit.look(lambda uow: see_standing(ask, uow=uow, now=now))


def phone_bar(visit: Visit, where: Errand, so_far: Progress) -> Bar | None:
    """Why this visitor's phone proves nothing, as far as they may be told: they sit here, or said so in this browser."""
    return Bar.PHONE_LOST if where.report is not None and where.report.phone_lost else so_far.phone_bar


def after_pass(visit: Visit, where: Errand, proof: Proof) -> str:
    """Who has just passed sits down proven; where it goes on: to what it was for, or to what must be shown beside it. A member
    who is signed in keeps that session, which opens more.

    Raises:
        Denied: the phone behind the proof was reported lost in this very moment.
    """
    seat, institution, browser = visit.seat, visit.institution.id, visit.browser
    if seat is None or seat.session.level is not Level.FULL or seat.member.id != proof.member_id:
        try:
            visit.set_session = visit.do(lambda desk: sit_down_proven(institution, browser, proof.id, desk=desk))
        except ProofNeeded:
            return where.at("/prove")
    if proof.act is Act.FOLLOW:
        return where.then
    ask = SeeStanding(
        institution_id=proof.institution_id,
        act=proof.act,
        browser=browser,
        member_id=proof.member_id,
        report_id=proof.report_id,
    )
    now = visit.front.house.clock.now()
    enough = visit.look(lambda uow: see_standing(ask, uow=uow, now=now)).standing.enough
    return where.then if enough else where.at("/prove")
