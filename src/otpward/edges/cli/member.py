"""Members on the command line."""

from pathlib import Path
from typing import Annotated

import typer

from otpward.edges.cli.assembly import Assembly
from otpward.edges.cli.say import HERE, AsJson, Data, OfInstitution, plainly, read_text, say
from otpward.services.oversee.add_member import AddMember, add_member

commands = typer.Typer(help="Members", no_args_is_help=True)


@commands.callback()
def about() -> None:
    """Members."""


@commands.command("add")
def add(
    context: typer.Context,
    login: Annotated[str, typer.Option("--id", help="Member number or ID")],
    name: Annotated[str, typer.Option("--name", help="Name")],
    phone: Annotated[str, typer.Option("--phone", help="Mobile number, +82…")] = "",
    email: Annotated[str, typer.Option("--email", help="Mail address")] = "",
    birth_date: Annotated[str, typer.Option("--birth-date", help="YYYY-MM-DD")] = "",
    language: Annotated[str, typer.Option("--language", help="ko or en")] = "ko",
    password_file: Annotated[Path | None, typer.Option("--password-file", help="A file with the first password")] = None,
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """Add a member."""
    assembly: Assembly = context.obj
    with plainly(), assembly.open(data) as opened:
        ask = AddMember(
            institution_id=opened.institution(institution).id,
            login=login,
            name=name,
            birth_date=birth_date,
            phone=phone,
            email=email,
            language=language,
            password=read_text(password_file).strip() if password_file else "",
        )
        house = opened.house
        member = house.do(ask.institution_id, lambda desk: add_member(ask, desk=desk, passwords=house.passwords))
        say(f"Added {member.login}.", {"id": member.login}, as_json=as_json)
