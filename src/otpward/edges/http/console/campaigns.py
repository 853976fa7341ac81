"""Campaigns: whom to ask for a test OTP, who starts it, and what came of it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.errors import Conflict, Invalid, NotFound
from otpward.core.lifecycle.campaign import CampaignState
from otpward.core.model.campaign import Campaign, Chosen
from otpward.core.model.member import Area, Operator
from otpward.core.model.reminder import Outcome
from otpward.core.policy.reminding import REST_DAYS
from otpward.core.policy.roles import Permission
from otpward.edges.http.badges import Role as Colour
from otpward.edges.http.console.campaign_form import (
    FIELDS,
    FORMS,
    Written,
    branches_of,
    read_form,
    sentence_for,
    told_conditions,
)
from otpward.edges.http.console.door import admit, allowed, told
from otpward.edges.http.console.rows import named
from otpward.edges.http.console.spreadsheet import csv_stream
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.show import masked_serial
from otpward.edges.http.words import later
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.health.decide_campaign import (
    DecideCampaign,
    OwnCampaign,
    end_campaign,
    may_decide,
    send_back_campaign,
    start_campaign,
)
from otpward.services.health.export_campaign import export_campaign
from otpward.services.health.propose_campaign import ProposeCampaign, propose_campaign
from otpward.services.health.see_campaign import every_reminder, preview, see_progress

PATH: Final = "/console/campaigns"
CAMPAIGNS: Final = (Permission.CAMPAIGN, Permission.SEE_AUDIT)
SHOWN: Final = 100
STATES: Final[Mapping[CampaignState, tuple[str, Colour]]] = {
    CampaignState.PROPOSED: (later("Awaiting approval"), Colour.INFO),
    CampaignState.RUNNING: (later("Running"), Colour.SUCCESS),
    CampaignState.ENDED: (later("Over"), Colour.PLAIN),
    CampaignState.WITHDRAWN: (later("Withdrawn"), Colour.PLAIN),
}
OUTCOMES: Final[Mapping[Outcome | None, str]] = {
    Outcome.GOOD: later("Tested, good"),
    Outcome.FIXED: later("Clock set right"),
    Outcome.FAILED: later("Failed, application begun"),
    None: later("No answer yet"),
    Outcome.OBJECTED: later("Said no"),
    Outcome.UNREACHED: later("No address"),
}
_DONE: Final[Mapping[str, str]] = {
    "proposed": later("Sent for approval. A second person starts it."),
    "started": later("Started. Members are asked from now on, by day."),
    "sent_back": later("Withdrawn."),
    "ended": later("Ended. Nobody else is asked; links that are out go on working."),
}


def show_campaigns(visit: Visit) -> Response:
    """All of them, the newest first."""
    operator = admit(visit, *CAMPAIGNS)

    def read(uow: UnitOfWork) -> list[tuple[Campaign, Any]]:
        return [(one, see_progress(one, uow=uow)) for one in uow.campaigns.find(order="-number", limit=SHOWN)]

    return visit.page(
        "console/campaigns/list.html",
        values={},
        rows=visit.look(read),
        states=STATES,
        may_propose=allowed(operator, Permission.CAMPAIGN),
    )


def show_new(visit: Visit) -> Response:
    """The form; what the address already says is filled in, as the forecast's links do."""
    operator = admit(visit, Permission.CAMPAIGN)
    given = {name: visit.query[name] for name in FIELDS if name in visit.query}
    return _new(visit, operator, {"rest_days": str(REST_DAYS), **given})


def send_new(visit: Visit) -> Response:
    """Counted, or put forward."""
    operator = admit(visit, Permission.CAMPAIGN)
    branches = visit.look(lambda uow: branches_of(operator, uow=uow))
    written = read_form(visit.form, operator, branches, visit.words)
    errors = dict(written.errors)
    if visit.form.get("act") != "propose":
        return _new(visit, operator, visit.form, errors, written)
    if written.ends_on is None and "ends_on" not in errors:
        errors["ends_on"] = visit.words._("Say until when members can be asked")
    if errors or written.ends_on is None:
        return _new(visit, operator, visit.form, errors, written)
    ask = ProposeCampaign(
        institution_id=visit.institution.id,
        author=operator,
        name=written.name,
        chosen=written.chosen,
        ends_on=written.ends_on,
        rest_days=written.rest_days,
        everybody=written.everybody,
    )
    try:
        campaign = visit.do(lambda desk: propose_campaign(ask, desk=desk))
    except (Invalid, Conflict) as error:
        return _new(visit, operator, visit.form, sentence_for(error, visit), written)
    return visit.go(f"{PATH}/{campaign.number}?done=proposed")


def show_campaign(visit: Visit) -> Response:
    """One: whom it asks, how far it has come, what can be done with it."""
    operator = admit(visit, *CAMPAIGNS)
    if visit.query.get("format") == "csv":
        return _as_csv(visit, operator)
    return _page(visit, operator)


def send_act(visit: Visit) -> Response:
    """Started, sent back or ended."""
    operator = admit(visit, *CAMPAIGNS)
    seen = visit.form.get("seen", "")
    version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None
    ask = DecideCampaign(operator=operator, number=_number(visit), seen_version=version)
    acts = {
        "start": (start_campaign, "started"),
        "send_back": (send_back_campaign, "sent_back"),
        "end": (end_campaign, "ended"),
    }
    if visit.form.get("act") not in acts:
        raise Invalid("no such act", field="act")
    act, done = acts[visit.form["act"]]
    try:
        visit.do(lambda desk: act(ask, desk=desk))
    except OwnCampaign:
        sentence = visit.words._("You cannot approve your own request")
        return _page(visit, operator, {"": sentence}, status=403)
    except Conflict:
        sentence = visit.words._("It changed since you looked. What you see now is as it is")
        return _page(visit, operator, {"": sentence}, status=409)
    return visit.go(f"{PATH}/{ask.number}?done={done}")


def _new(
    visit: Visit,
    operator: Operator,
    values: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    written: Written | None = None,
) -> Response:
    branches = visit.look(lambda uow: branches_of(operator, uow=uow))
    seen = serials = None
    if written is not None and not written.errors:
        seen = visit.look(lambda uow: preview(written.chosen, uow=uow))
        sample = seen.sample
        serials = visit.look(lambda uow: [masked_serial(uow.tokens.get(one.token_id).serial) for one in sample])
    return visit.page(
        "console/campaigns/new.html",
        errors=errors or None,
        values=values,
        branches=[(str(one.id), one.name(visit.lang)) for one in branches],
        own_branch=len(branches) == 1 and operator.branch_id is not None,
        forms=[(form.value, visit.words._(label)) for form, label in FORMS.items()],
        seen=seen,
        sample=list(zip(seen.sample, serials or (), strict=True)) if seen else [],
        conditions=_conditions(visit, written.chosen) if written is not None else [],
        everything=written is not None and written.chosen.is_everything,
    )


def _page(visit: Visit, operator: Operator, errors: Mapping[str, str] | None = None, status: int | None = None) -> Response:
    def read(uow: UnitOfWork) -> tuple[Campaign, Any, dict[Any, Any], int]:
        campaign = _found(visit, uow)
        people = named(uow.members, (campaign.made_by, campaign.started_by))
        waiting = campaign.state is CampaignState.PROPOSED
        return campaign, see_progress(campaign, uow=uow), people, uow.roll.count(campaign.chosen) if waiting else 0

    campaign, progress, people, count = visit.look(read)
    own = may_decide(campaign, operator)
    return visit.page(
        "console/campaigns/campaign.html",
        errors=errors,
        status=status,
        values={},
        campaign=campaign,
        progress=progress,
        rows=[
            (visit.words._(OUTCOMES[Outcome.GOOD]), progress.good),
            (visit.words._(OUTCOMES[Outcome.FIXED]), progress.fixed),
            (visit.words._(OUTCOMES[Outcome.FAILED]), progress.failed),
            (visit.words._(OUTCOMES[None]), progress.silent),
            (visit.words._(OUTCOMES[Outcome.UNREACHED]), progress.unreached),
        ],
        count=count,
        by={key: one.name.reveal() for key, one in people.items()},
        conditions=_conditions(visit, campaign.chosen),
        state=STATES[campaign.state],
        may_start=allowed(operator, Permission.APPROVE) and own and campaign.made_by != operator.member_id,
        mine=campaign.made_by == operator.member_id,
        may_end=allowed(operator, Permission.CAMPAIGN) and own,
        done=told(visit, _DONE) if errors is None else None,
    )


def _conditions(visit: Visit, chosen: Chosen) -> Sequence[str]:
    names = visit.look(lambda uow: {one.id: one.name(visit.lang) for one in uow.branches.find()})
    return told_conditions(chosen, names, visit.front.pages.show(visit.lang), visit.words)


def _as_csv(visit: Visit, operator: Operator) -> Response:
    campaign = visit.look(lambda uow: _found(visit, uow))
    visit.do(lambda desk: export_campaign(campaign.id, operator, desk=desk))
    words = visit.words._
    head = [words(title) for title in ("Member", "Serial number", "Asked", "What came of it", "Answered", "Application")]
    return csv_stream(f"campaign-{campaign.number}.csv", head, _csv_rows(visit, campaign))


def _csv_rows(visit: Visit, campaign: Campaign) -> Iterator[Sequence[str]]:
    with visit.front.house.open(visit.institution.id, writes=False) as uow:
        for one in every_reminder(campaign.id, uow=uow):
            case = uow.cases.first(id=one.case_id) if one.case_id is not None else None
            yield (
                uow.members.get(one.member_id).login,
                masked_serial(uow.tokens.get(one.token_id).serial),
                one.made_at.isoformat(timespec="seconds"),
                visit.words._(OUTCOMES[one.outcome]),
                one.answered_at.isoformat(timespec="seconds") if one.answered_at else "",
                case.number if case else "",
            )


def _number(visit: Visit) -> int:
    text = visit.path("number")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotFound("no such campaign")
    return int(text)


def _found(visit: Visit, uow: UnitOfWork) -> Campaign:
    found = uow.campaigns.first(number=_number(visit))
    if found is None:
        raise NotFound("no such campaign")
    return found


def routes(front: Front) -> list[BaseRoute]:
    """The list, a new one, and each."""
    area = Area.CONSOLE
    return [
        page_route(front, PATH, area=area, get=show_campaigns, explain=explain),
        page_route(front, f"{PATH}/new", area=area, get=show_new, post=send_new, explain=explain),
        page_route(front, PATH + "/{number}", area=area, get=show_campaign, post=send_act, explain=explain),
    ]
