"""docs/reference/cli.md tells of every command and option there is, and of no other."""

from pathlib import Path

from typer.main import get_command

from otpward.edges.cli.main import app
from otpward.edges.cli.say import BAD_INPUT, DONE, NOT_AVAILABLE, REFUSED
from tests.edges.cli.conftest import ROOT, otpward
from tools.cli_reference import commands, page

PAGE = Path(ROOT / "docs" / "reference" / "cli.md")


def test_the_page_is_what_the_commands_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m tools.cli_reference > docs/reference/cli.md`"


def test_the_fixed_calls_are_all_there() -> None:
    """DESIGN §7 fixes these for programs that are written against us."""
    fixed = {
        "otpward demo": {"--port", "--data"},
        "otpward init": {"--institution", "--name", "--data"},
        "otpward serve": {"--host", "--port", "--role", "--data"},
        "otpward check": {"--data"},
        "otpward member add": {"--institution", "--id", "--name", "--phone", "--email", "--data"},
        "otpward token import": {
            "--institution", "--key-file", "--password-file", "--as", "--owners", "--preview", "--json", "--data",
        },
        "otpward token list": {"--data"},
        "otpward token show": {"--data"},
        "otpward token verify": {"--data"},
        "otpward token resync": {"--data"},
        "otpward api-key create": {"--institution", "--scope", "--data"},
        "otpward db upgrade": {"--data"},
        "otpward config check": {"--data"},
    }  # fmt: skip
    there = {name: {opt for one in command.params for opt in one.opts} for name, command in commands(get_command(app))}
    for name, options in fixed.items():
        assert options <= there[name], name


def test_every_exit_code_is_on_the_page_and_in_the_help() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [f"\n| {code} | " in text for code in (DONE, REFUSED, BAD_INPUT, NOT_AVAILABLE)] == [True] * 4
    assert "Exit codes: 0 done, 1 refused or a failed check, 2 bad input or usage, 3 not available." in " ".join(
        otpward("--help").out.split()
    )


def test_every_option_explains_itself() -> None:
    for name, command in commands(get_command(app)):
        assert command.help, name
        for one in command.params:
            assert one.param_type_name == "argument" or one.help, f"{name} {one.opts}"
