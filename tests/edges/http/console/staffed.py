"""Operators who sit before a browser, and members whose applications have come as far as a test needs."""

from typing import Any

from otpward.core.ids import BranchId
from otpward.core.model.institution import Branch
from otpward.core.model.member import Area, Level, Member, Role
from otpward.services.oversee.add_branch import add_branch
from otpward.services.oversee.add_member import AddMember, add_member
from otpward.services.oversee.appoint_staff import appoint_staff
from otpward.services.sign_in.sessions import begin_session
from tests.edges.http.portal.seated import Story
from tests.fakes.sample import Sample


def session_of(sample: Sample, member: Member) -> str:
    """The secret of a full session of this member of staff."""

    def sit(desk: Any) -> str:
        with desk.uow as uow:
            secret = begin_session(sample.institution.id, member.id, Area.CONSOLE, Level.FULL, desk=desk)
            uow.commit()
        return secret

    return sample.house.do(sample.institution.id, sit)


def appoint(sample: Sample, role: Role, branch_id: BranchId | None = None) -> Member:
    """Somebody new who works here."""
    inside = sample.institution.id
    ask = AddMember(institution_id=inside, login=f"{role}-{branch_id or 0}", name="나직원", birth_date="1990-03-04")
    member = sample.house.do(inside, lambda desk: add_member(ask, desk=desk, passwords=sample.house.passwords))
    sample.house.do(inside, lambda desk: appoint_staff(inside, member.id, role, branch_id, desk=desk))
    return member


def another_branch(sample: Sample) -> Branch:
    """A second branch."""
    inside = sample.institution.id
    branch = Branch(
        id=BranchId(sample.house.desk(inside).new_id()),
        institution_id=inside,
        code="busan",
        name_ko="부산지점",
        name_en="Busan",
        address_ko="부산",
        address_en="Busan",
        hours="09:00-16:00",
        phone="051-000-0000",
    )
    return add_branch(branch, desk=sample.house.desk(inside))


def sit(browser: Any, sample: Sample, who: Member | None = None, lang: str = "en") -> None:
    """Put a member of staff before this browser: the sample's administrator, unless another is named."""
    if who is None:
        operator_id = sample.operator.member_id
        who = sample.house.look(sample.institution.id, lambda uow: uow.members.get(operator_id))
    browser._client.cookies.set("otpward-console", session_of(sample, who))
    browser._client.cookies.set("lang", lang)


def see_papers(browser: Any, sample: Sample, act: str) -> Any:
    """The member's papers are compared at the counter, for this act; the page after it."""
    where = f"/console/members/{sample.member.id}/prove"
    seen = {"paper": "passport", "day": "20310501", "photo": "yes", "name": "yes", "birth_date": "yes"}
    return browser.send(browser.get(where), where, act=act, **seen)


def story(sample: Sample) -> Story:
    """The application of the sample's member."""
    return Story(sample, sample.member)
