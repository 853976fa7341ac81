"""Keys of relying systems on the command line."""

from datetime import timedelta
from typing import Annotated

import typer

from otpward.core.policy.keys import SCOPES
from otpward.edges.cli.assembly import Assembly
from otpward.edges.cli.say import HERE, AsJson, Data, OfInstitution, plainly, say
from otpward.services.oversee.create_api_key import create_api_key

commands = typer.Typer(help="Keys of relying systems", no_args_is_help=True)


@commands.callback()
def about() -> None:
    """Keys of relying systems."""


@commands.command("create")
def create(
    context: typer.Context,
    scope: Annotated[list[str], typer.Option("--scope", help=", ".join(sorted(SCOPES)))],
    name: Annotated[str, typer.Option("--name", help="Which system it is for")] = "",
    days: Annotated[int, typer.Option("--days", help="How long it is valid; 0 for ever", min=0)] = 0,
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """Make a key. It is printed this once and cannot be shown again."""
    assembly: Assembly = context.obj
    with plainly(), assembly.open(data) as opened:
        owner, house = opened.institution(institution).id, opened.house
        until = house.clock.now() + timedelta(days=days) if days else None
        key = house.do(owner, lambda desk: create_api_key(owner, frozenset(scope), name, until, desk=desk))
        say(key, {"key": key, "scopes": sorted(scope)}, as_json=as_json)
