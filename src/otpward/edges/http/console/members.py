"""Members: found by their number, shown with their devices and applications; contacts stay covered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.ids import MemberId
from otpward.core.model.case import Case
from otpward.core.model.loss import LossReport
from otpward.core.model.member import Area, Member, fold_login
from otpward.core.model.token import Device, Registration, Token
from otpward.core.policy.contacts import PHONE_HOLD, SIGNAL_HOLD
from otpward.core.policy.roles import Permission
from otpward.edges.http.address import key_of
from otpward.edges.http.console.door import MEMBERS, admit, allowed, told
from otpward.edges.http.console.labels import Labels
from otpward.edges.http.console.masks import masked_birth, masked_email
from otpward.edges.http.console.notice_rows import rows_of, told_to
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.words import later
from otpward.ports.unit_of_work import UnitOfWork

PATH: Final = "/console/members"
_LATEST: Final = 20
_DONE: Final = {"contacts": later("The contacts were changed. The old ones and the new ones are told.")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A device that is, was or will be the member's."""

    registration: Registration
    token: Token
    device: Device


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberView:
    """One member, with what belongs to them."""

    member: Member
    devices: list[Held]
    cases: list[Case]
    losses: list[LossReport]


def show_members(visit: Visit) -> Response:
    """The search; a number that exists leads to its member at once."""
    admit(visit, *MEMBERS)
    asked = visit.query.get("q", "").strip()[:100]
    if asked:
        member = visit.look(lambda uow: uow.members.first(login=fold_login(asked)))
        if member is not None:
            return visit.go(f"{PATH}/{member.id}")
    return visit.page("console/members/search.html", values=visit.query, asked=asked)


def show_member(visit: Visit) -> Response:
    """One member."""
    operator = admit(visit, *MEMBERS)
    member_id = key_of(visit.path("id"))
    view, now = visit.look(lambda uow: _view(MemberId(member_id), uow)), visit.front.house.clock.now()
    return visit.page(
        "console/members/member.html",
        values={},
        view=view,
        member=view.member,
        label=Labels(visit.words),
        birth=masked_birth(view.member.birth_date.reveal()),
        email=masked_email(view.member.email.reveal()),
        told=rows_of(visit, visit.look(lambda uow: told_to(MemberId(member_id), uow))),
        cases_href=f"/console/cases?{urlencode({'q': view.member.login})}",
        signalled=_until(view.member.phone_signal_at, SIGNAL_HOLD, now),
        changed=_until(view.member.phone_changed_at, PHONE_HOLD, now),
        done=told(visit, _DONE),
        may_apply=allowed(operator, Permission.HAND_OVER) and member_id != operator.member_id,
        now=now,
    )


def _until(at: datetime | None, hold: timedelta, now: datetime) -> datetime | None:
    """When what happened then ceases to hold the phone back; None if it does not."""
    return at + hold if at is not None and now < at + hold else None


def _view(member_id: MemberId, uow: UnitOfWork) -> MemberView:
    member = uow.members.get(member_id)
    registrations = uow.registrations.find(member_id=member_id, order="-begun_at", limit=_LATEST)
    return MemberView(
        member=member,
        devices=[
            Held(registration=one, token=uow.tokens.get(one.token_id), device=uow.devices.get(one.token_id))
            for one in registrations
        ],
        cases=uow.cases.find(member_id=member_id, order="-opened_at", limit=_LATEST),
        losses=uow.losses.find(member_id=member_id, order="-reported_at", limit=_LATEST),
    )


def routes(front: Front) -> list[BaseRoute]:
    """The pages of this room."""
    area = Area.CONSOLE
    return [
        page_route(front, PATH, area=area, get=show_members, explain=explain),
        page_route(front, PATH + "/{id}", area=area, get=show_member, explain=explain),
    ]
