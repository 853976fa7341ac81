"""The stock on the command line: how much lies where, where a device is, and moving many at once."""

import sys
from typing import Annotated, Final

import typer
from rich.table import Table

from otpward.clerk.places import find_scanned
from otpward.core.audit import Actor, ActorKind
from otpward.core.errors import Invalid, NotFound
from otpward.core.model.token import Device, Keeper, Token
from otpward.edges.cli.assembly import Assembly
from otpward.edges.cli.say import HERE, AsJson, Data, OfInstitution, out, plainly, say
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.oversee.count_stock import BranchStock, count_stock
from otpward.services.stock.transfer import Transfer, transfer

commands = typer.Typer(help="Stock", no_args_is_help=True)
BY: Final = Actor(kind=ActorKind.OPERATOR, source="command line")
_SERIALS_MOST: Final = 10_000


@commands.callback()
def about() -> None:
    """Stock."""


@commands.command("list")
def list_(
    context: typer.Context,
    low: Annotated[bool, typer.Option("--low", help="Only branches that run low")] = False,
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """How many devices lie at each branch, in which state, and which run low."""
    assembly: Assembly = context.obj
    with plainly(), assembly.open(data) as opened:
        owner = opened.institution(institution).id
        found = opened.house.look(owner, lambda uow: count_stock(uow=uow))
    rows = [row for row in found if row.low or not low]
    if as_json:
        say("", {"branches": [_facts(row) for row in rows]}, as_json=True)
        return
    table = Table("branch", "in stock", "reserved", "on its way", "quarantine", "to destroy", "", box=None, pad_edge=False)
    for row in rows:
        counts = (row.in_stock, row.reserved, row.in_transit, row.quarantined, row.to_destroy)
        table.add_row(row.branch.code, *(str(count) for count in counts), "low" if row.low else "")
    out.print(table)


@commands.command()
def where(
    context: typer.Context,
    serials: Annotated[list[str], typer.Argument(help="Serial numbers; - reads them from standard input, one a line")],
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """Where devices are, and who answers for each."""
    assembly: Assembly = context.obj
    with plainly(), assembly.open(data) as opened:
        owner = opened.institution(institution).id
        found = opened.house.look(owner, lambda uow: [_place(serial, uow) for serial in _read(serials)])
    lines = [f"{one['serial']}  {one['state']}  {one['place']}  {one['custodian']}" for one in found]
    say("\n".join(lines), {"devices": found}, as_json=as_json)


@commands.command()
def move(
    context: typer.Context,
    branch: Annotated[str, typer.Argument(help="The code of the branch on whose shelf they lie from now on")],
    serials: Annotated[list[str], typer.Argument(help="Serial numbers; - reads them from standard input, one a line")],
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """Put devices in stock onto the shelf of a branch at once: all of them, or none."""
    assembly: Assembly = context.obj
    with plainly(), assembly.open(data) as opened:
        owner, named = opened.institution(institution).id, _read(serials)
        at = opened.house.look(owner, lambda uow: uow.branches.first(code=branch))
        if at is None:
            raise NotFound(f"no branch {branch!r}", field="branch")
        ask = Transfer(serials=named, branch_id=at.id, by=BY)
        moved = opened.house.do(owner, lambda desk: transfer(ask, desk=desk))
    say(f"{moved} devices lie at {branch} now.", {"moved": moved, "branch": branch}, as_json=as_json)


def _read(serials: list[str]) -> list[str]:
    named = [line.strip() for line in sys.stdin.read(_SERIALS_MOST * 130).splitlines()] if serials == ["-"] else serials
    kept = list(dict.fromkeys(serial for serial in named if serial))
    if not kept or len(kept) > _SERIALS_MOST:
        raise Invalid(f"name 1 to {_SERIALS_MOST} devices", field="serials")
    return kept


def _place(serial: str, uow: UnitOfWork) -> dict[str, str]:
    token, device = find_scanned(serial, uow=uow)
    if token is None or device is None:
        raise NotFound(f"no device {serial}", field="serials")
    return _told(token, device, uow)


def _told(token: Token, device: Device, uow: UnitOfWork) -> dict[str, str]:
    custodian, name = device.custodian, ""
    if custodian.kind is Keeper.BRANCH:
        branch = uow.branches.first(id=custodian.id)
        name = f" {branch.code}" if branch else ""
    elif custodian.kind in {Keeper.MEMBER, Keeper.STAFF}:
        member = uow.members.first(id=custodian.id) if custodian.id else None
        name = f" {member.login}" if member else ""
    return {
        "serial": token.serial,
        "state": token.state.value,
        "place": device.place.value,
        "custodian": f"{custodian.kind.value}{name}",
    }


def _facts(row: BranchStock) -> dict[str, object]:
    models = [
        {"model": one.model, "in_stock": one.in_stock, "reserved": one.reserved, "low_below": one.low_below, "low": one.low}
        for one in row.models
    ]
    return {
        "branch": row.branch.code,
        "in_stock": row.in_stock,
        "reserved": row.reserved,
        "on_its_way": row.in_transit,
        "quarantined": row.quarantined,
        "to_destroy": row.to_destroy,
        "low": row.low,
        "models": models,
    }
