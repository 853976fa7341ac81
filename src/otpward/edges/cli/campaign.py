"""Campaigns on the command line: seen, counted, put forward; started by a second person whom it names, watched, stopped."""

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from otpward.core.audit import Actor, ActorKind
from otpward.core.errors import Invalid, NotFound
from otpward.core.ids import BranchId
from otpward.core.lifecycle.campaign import CampaignState
from otpward.core.model.campaign import Campaign, Chosen
from otpward.core.model.token import Form
from otpward.core.policy.reminding import REST_DAYS, REST_DAYS_MOST
from otpward.edges.cli.assembly import Assembly
from otpward.edges.cli.named import staff_named
from otpward.edges.cli.say import HERE, AsJson, Data, OfInstitution, out, plainly, say
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.health.decide_campaign import DecideCampaign, end_campaign, send_back_campaign, start_campaign
from otpward.services.health.propose_campaign import ProposeCampaign, propose_campaign
from otpward.services.health.see_campaign import preview, see_progress

commands = typer.Typer(help="Campaigns: members asked for a test OTP", no_args_is_help=True)

_SHELL: Final = Actor(kind=ActorKind.OPERATOR, source="command line")
Branch = Annotated[str, typer.Option("--branch", help="The code of the branch whose devices are meant")]
Kind = Annotated[str, typer.Option("--form", help="fob, card or app")]
Model = Annotated[str, typer.Option("--model", help="Only this model")]
ExpiresFrom = Annotated[str, typer.Option("--expires-from", help="Devices that end on this day or later")]
ExpiresUntil = Annotated[str, typer.Option("--expires-until", help="Devices that end by this day")]
FailsUntil = Annotated[str, typer.Option("--fails-until", help="Battery or clock forecast to give out by this day")]
Number = Annotated[int, typer.Argument(help="The campaign", min=1)]
By = Annotated[str, typer.Option("--by", help="Who decides, by member number or ID")]
_WATCH_S: Final = 5.0
UnusedSince = Annotated[str, typer.Option("--unused-since", help="Not used since this day")]


@commands.callback()
def about() -> None:
    """Campaigns: members asked for a test OTP."""


@commands.command("list")
def list_(context: typer.Context, institution: OfInstitution = "", data: Data = HERE, as_json: AsJson = False) -> None:
    """Every campaign with what came of it, the newest first."""
    assembly: Assembly = context.obj
    with plainly(), assembly.open(data) as opened:
        inside = opened.institution(institution).id
        rows = opened.house.look(inside, lambda uow: [_facts(one, uow) for one in uow.campaigns.find(order="-number")])
    if as_json:
        say("", {"campaigns": rows}, as_json=True)
        return
    columns = ("number", "name", "state", "ends_on", "asked", "good", "fixed", "failed", "silent", "unreached")
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(str(row[name]) for name in columns))
    out.print(table)


@commands.command("count")
def count(
    context: typer.Context,
    branch: Branch = "",
    form: Kind = "",
    model: Model = "",
    expires_from: ExpiresFrom = "",
    expires_until: ExpiresUntil = "",
    fails_until: FailsUntil = "",
    unused_since: UnusedSince = "",
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """How many members these conditions mean now."""
    assembly: Assembly = context.obj
    days = {
        "expires_from": expires_from,
        "expires_until": expires_until,
        "fails_until": fails_until,
        "unused_since": unused_since,
    }
    with plainly(), assembly.open(data) as opened:
        inside = opened.institution(institution).id
        seen = opened.house.look(inside, lambda uow: preview(_chosen(uow, branch, form, model, days), uow=uow))
    say(f"{seen.count} members", {"members": seen.count}, as_json=as_json)


@commands.command("propose")
def propose(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What colleagues know it by")],
    ends_on: Annotated[str, typer.Option("--ends-on", help="The last day on which members are asked")],
    branch: Branch = "",
    form: Kind = "",
    model: Model = "",
    expires_from: ExpiresFrom = "",
    expires_until: ExpiresUntil = "",
    fails_until: FailsUntil = "",
    unused_since: UnusedSince = "",
    rest_days: Annotated[
        int, typer.Option("--rest-days", help="Leave out who was asked so lately", min=0, max=REST_DAYS_MOST)
    ] = REST_DAYS,
    everybody: Annotated[bool, typer.Option("--everybody", help="Every member is meant")] = False,
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """Put a campaign forward; somebody starts it, at the console or by `start`."""
    assembly: Assembly = context.obj
    days = {
        "expires_from": expires_from,
        "expires_until": expires_until,
        "fails_until": fails_until,
        "unused_since": unused_since,
    }
    with plainly(), assembly.open(data) as opened:
        inside = opened.institution(institution).id
        ask = ProposeCampaign(
            institution_id=inside,
            author=_SHELL,
            name=name,
            chosen=opened.house.look(inside, lambda uow: _chosen(uow, branch, form, model, days)),
            ends_on=_day("ends_on", ends_on) or date.min,
            rest_days=rest_days,
            everybody=everybody,
        )
        campaign = opened.house.do(inside, lambda desk: propose_campaign(ask, desk=desk))
    say(f"campaign {campaign.number} waits to be started", {"number": campaign.number}, as_json=as_json)


@commands.command("show")
def show(
    context: typer.Context,
    number: Number,
    watch: Annotated[bool, typer.Option("--watch", help="Again every five seconds, until all have been asked")] = False,
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """One campaign and what came of it."""
    assembly: Assembly = context.obj
    with plainly(), assembly.open(data) as opened:
        inside = opened.institution(institution).id

        def read(uow: UnitOfWork) -> tuple[dict[str, Any], bool]:
            found = uow.campaigns.first(number=number)
            if found is None:
                raise NotFound(f"no campaign {number} here")
            return _facts(found, uow), found.state is CampaignState.RUNNING and found.asked_all_at is None

        while True:
            facts, goes_on = opened.house.look(inside, read)
            line = ", ".join(f"{name} {value}" for name, value in facts.items())
            say(line, facts, as_json=as_json)
            if not (watch and goes_on):
                return
            time.sleep(_WATCH_S)


@commands.command("start")
def start(
    context: typer.Context,
    number: Number,
    by: By,
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """Start it in the name of a second person, with their role. The audit says that it was done from the command line."""
    _decide(context, start_campaign, number, by, institution, data, as_json=as_json)


@commands.command("send-back")
def send_back(
    context: typer.Context,
    number: Number,
    by: By,
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """Send it back, so that it never begins; in the name of who decides so."""
    _decide(context, send_back_campaign, number, by, institution, data, as_json=as_json)


@commands.command("end")
def end(
    context: typer.Context,
    number: Number,
    by: By,
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """End a running one: nobody else is asked, links that are out go on working."""
    _decide(context, end_campaign, number, by, institution, data, as_json=as_json)


def _decide(
    context: typer.Context,
    act: Callable[..., Campaign],
    number: int,
    by: str,
    institution: str,
    data: Path,
    *,
    as_json: bool,
) -> None:
    assembly: Assembly = context.obj
    with plainly(), assembly.open(data) as opened:
        inside = opened.institution(institution).id
        ask = DecideCampaign(operator=staff_named(by, inside, opened.house), number=number)
        decided = opened.house.do(inside, lambda desk: act(ask, desk=desk))
    say(f"campaign {number} is {decided.state}", {"number": number, "state": decided.state.value}, as_json=as_json)


def _chosen(uow: UnitOfWork, branch: str, form: str, model: str, days: dict[str, str]) -> Chosen:
    branch_id: BranchId | None = None
    if branch:
        found = uow.branches.first(code=branch)
        if found is None:
            raise NotFound(f"no branch {branch!r} here", field="branch")
        branch_id = found.id
    if form and form not in set(Form):
        raise Invalid(f"--form is one of {', '.join(Form)}", field="form")
    read: dict[str, Any] = {name: _day(name, text) for name, text in days.items()}
    return Chosen(branch_id=branch_id, form=Form(form) if form else None, model=model or None, **read)


def _day(name: str, text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        option = name.replace("_", "-")
        raise Invalid(f"--{option} is a day like 2027-03-31", field=name) from None


def _facts(campaign: Campaign, uow: UnitOfWork) -> dict[str, Any]:
    progress = see_progress(campaign, uow=uow)
    names = ("asked", "good", "fixed", "failed", "silent", "unreached")
    return {
        "number": campaign.number,
        "name": campaign.name,
        "state": campaign.state.value,
        "ends_on": campaign.ends_on.isoformat(),
        **{name: getattr(progress, name) for name in names},
    }
