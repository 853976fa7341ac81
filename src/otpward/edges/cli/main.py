"""The commands, and what each room of them says."""

import os
from pathlib import Path
from typing import Annotated

import typer

from otpward import __version__
from otpward.edges.cli import api_key, campaign, demo, member, notices, policy, server, stock, token
from otpward.edges.cli.assembly import Assembly
from otpward.edges.cli.say import DATA_FOLDER

app = typer.Typer(
    name="otpward",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("demo")(demo.demo)
app.command("init")(server.init)
app.command("serve")(server.serve)
app.command("write", hidden=True)(server.write)
app.command("check")(server.check)
app.add_typer(server.config, name="config")
app.add_typer(server.database, name="db")
app.add_typer(member.commands, name="member")
app.add_typer(token.commands, name="token")
app.add_typer(stock.commands, name="stock")
app.add_typer(api_key.commands, name="api-key")
app.add_typer(policy.commands, name="policy")
app.add_typer(campaign.commands, name="campaign")
app.add_typer(notices.commands, name="notices")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


def _data(folder: Path | None) -> None:
    if folder is not None:
        os.environ[DATA_FOLDER] = str(folder)


@app.callback()
def about(
    _data_: Annotated[Path | None, typer.Option("--data", callback=_data, help="The data folder")] = None,
    _version_: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is")
    ] = False,
) -> None:
    """One-time-password tokens, from a lost one to a working one.

    Exit codes: 0 done, 1 refused or a failed check, 2 bad input or usage, 3 not available.
    """


def run(assembly: Assembly) -> None:
    """Run one command."""
    app(obj=assembly)
