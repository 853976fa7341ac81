"""Writes docs/reference/cli.md from the commands themselves: `python -m tools.cli_reference > docs/reference/cli.md`."""

from collections.abc import Iterator
from typing import Any, Final

from typer.main import get_command

from otpward.edges.cli.main import app

KINDS: Final = {
    "data": "DIR",
    "login": "ID",
    "key_file": "FILE",
    "password_file": "FILE",
    "owners": "FILE",
    "port": "N",
    "limit": "N",
    "days": "N",
    "processes": "N",
}

HEAD: Final = """\
# Command line

Written by `python -m tools.cli_reference`; a test compares it with the commands.

Every command answers for people, and with `--json` for programs: one JSON document on standard output. What goes wrong is
one sentence on standard error, without a traceback.

| exit code | meaning |
| --- | --- |
| 0 | done |
| 1 | refused, or a check failed: a wrong code, a file of which no row was taken |
| 2 | bad input or usage: a setting, an option, a file, something that is not there or is there already |
| 3 | not available: the database, the master key, a port, a folder |

The data folder is named by `--data DIR`, before or after the command, or by `OTPWARD_DATA`; without either it is
`otpward-data` here (for `demo`: `.demo`). `OTPWARD_DATABASE_URL` names a PostgreSQL, before what the settings say; `demo`
keeps to its own folder, and refuses one that holds another installation.
`--institution CODE` is needed only where there are several.

`token import --json` answers `{"imported": n, "skipped": k, "refused": m, "format", "signature", "import", "rows": [{"row",
"serial", "verdict", "reason"}]}`, the verdict `imported`, `skipped` or `refused`; with `--preview` it says the same and stores
nothing. A file that cannot be read as a whole stores nothing, and the sentence names the line or the key. Read again, a file
makes no doubles: its rows are `exists_already`.
"""


def commands(group: Any, path: tuple[str, ...] = ("otpward",)) -> Iterator[tuple[str, Any]]:
    """Every command with its whole name, in the order in which `--help` shows them."""
    for name, command in group.commands.items():
        if command.hidden:
            continue
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for name, command in commands(get_command(app)):
        arguments = " ".join(one.name.upper() for one in command.params if one.param_type_name == "argument")
        said = " ".join((command.help or "").split())
        parts.append(f"## `{name}`\n\n    {name} {arguments + ' ' if arguments else ''}[OPTIONS]\n\n{said}\n")
        rows = [row(one) for one in command.params if one.param_type_name == "option" and not one.hidden]
        parts.append("\n".join(["| option | | default |", "| --- | --- | --- |", *rows]) + "\n")
    return "\n".join(parts)


def row(option: Any) -> str:
    """One option: its name, what it is, and what is taken without it."""
    default = "" if option.default is None else str(option.default)
    if option.is_flag or option.required:
        default = "needed" if option.required else ""
    name = option.opts[0] + ("" if option.is_flag else f" {KINDS.get(option.name, option.name.upper().strip('_'))}")
    again = ", may be given several times" if option.multiple else ""
    return f"| `{name}` | {option.help or ''}{again} | {f'`{default}`' if default and default != 'needed' else default} |"


if __name__ == "__main__":
    print(page(), end="")
