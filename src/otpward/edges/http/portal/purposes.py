"""What a proof is for, whom it is about, and where it leads: the same for every way of proving."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from otpward.core.model.loss import LossReport
from otpward.core.model.member import Level, Member
from otpward.core.model.proof import Act, Proof
from otpward.core.policy.rates import RECEIPT_LIFE
from otpward.edges.http.front import Visit
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
    "unlock": Purpose(Act.UNLOCK, "/check/unlock", "/check"),
}
_OF_A_REPORT: Final[Mapping[str, Purpose]] = {
    "apply": Purpose(Act.APPLY, "/report-loss/{report}/confirm", "/report-loss/{report}"),
    "lift": Purpose(Act.LIFT_LOSS, "/report-loss/{report}/lift", "/report-loss/{report}/lift"),
}


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
    name = {Act.LIFT_LOSS: "lift"}.get(proof.act, proof.act.value)
    return _errand(visit, name, "" if report is None else report.number)


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


def phone_lost(visit: Visit, report: LossReport | None) -> bool:
    """Whether this visitor may be told that their phone proves nothing: they sit here, or said so in this browser."""
    member = seated(visit)
    return (report is not None and report.phone_lost) or (member is not None and member.phone_lost_at is not None)


def sit_down(visit: Visit, proof: Proof) -> None:
    """Who has just passed sits down proven; a member who is signed in keeps that session, which opens more."""
    seat = visit.seat
    if seat is not None and seat.session.level is Level.FULL and seat.member.id == proof.member_id:
        return
    institution, browser = visit.institution.id, visit.browser
    visit.set_session = visit.do(lambda desk: sit_down_proven(institution, browser, proof.id, desk=desk))
