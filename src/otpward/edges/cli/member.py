"""Members on the command line."""

from pathlib import Path
from typing import Annotated

import typer

from otpward.core.model.proof import Assurance
from otpward.core.policy.companies import to_company_number, written_company
from otpward.edges.cli.assembly import Assembly
from otpward.edges.cli.say import HERE, AsJson, Data, OfInstitution, plainly, read_text, say
from otpward.edges.cli.token import BY
from otpward.services.oversee.add_member import AddMember, add_member
from otpward.services.sign_in.unlink_sign_on import unlink_sign_on

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
    company: Annotated[str, typer.Option("--company", help="Business registration number (사업자등록번호) of a company")] = "",
    language: Annotated[str, typer.Option("--language", help="ko or en")] = "ko",
    password_file: Annotated[Path | None, typer.Option("--password-file", help="A file with the first password")] = None,
    proofed: Annotated[Assurance, typer.Option("--proofed", help="How sure enrolment made of who it is")] = Assurance.LOW,
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
            birth_date=written_company(to_company_number(company)) if company else birth_date,
            phone=phone,
            email=email,
            language=language,
            proofing=proofed,
            password=read_text(password_file).strip() if password_file else "",
        )
        house = opened.house
        member = house.do(ask.institution_id, lambda desk: add_member(ask, desk=desk, passwords=house.passwords))
        say(f"Added {member.login}.", {"id": member.login}, as_json=as_json)


@commands.command("unlink-sign-on")
def unlink(
    context: typer.Context,
    login: Annotated[str, typer.Argument(help="Member number or ID")],
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """Forget whom a member of staff is at the institution's sign-on; the next account of that name becomes theirs."""
    assembly: Assembly = context.obj
    with plainly(), assembly.open(data) as opened:
        inside = opened.institution(institution).id
        count = opened.house.do(inside, lambda desk: unlink_sign_on(login, by=BY, desk=desk))
        say(f"Unlinked {login}." if count else f"{login} was not linked.", {"unlinked": bool(count)}, as_json=as_json)
