"""An institution's own rules on the command line: seen, checked, compared, written, put forward, approved."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import typer

from otpward.core.audit import Actor, ActorKind
from otpward.core.errors import Invalid
from otpward.core.policy.document.build import check_octets, read_policy
from otpward.core.policy.document.default import DEFAULT
from otpward.core.policy.document.difference import Difference, differences
from otpward.core.policy.document.faults import BadPolicy
from otpward.core.policy.document.text import OCTETS_MAX
from otpward.edges.cli.assembly import Assembly
from otpward.edges.cli.named import staff_named
from otpward.edges.cli.say import HERE, REFUSED, AsJson, Data, OfInstitution, fail, plainly, read_octets, say
from otpward.services.oversee.policies.approve_policy import DecidePolicy, approve_policy
from otpward.services.oversee.policies.propose_policy import ProposePolicy, propose_policy
from otpward.services.oversee.policies.save_policy import SavePolicy, save_policy
from otpward.services.oversee.policies.see_policies import Listed, number_now, see_policies, see_policy

commands = typer.Typer(help="An institution's own rules", no_args_is_help=True)

_SHELL: Final = Actor(kind=ActorKind.OPERATOR, source="command line")
_LONGEST: Final = OCTETS_MAX + 1
Number = Annotated[int, typer.Argument(help="The version", min=0)]


@commands.callback()
def about() -> None:
    """An institution's own rules."""


@commands.command("show")
def show(
    context: typer.Context,
    number: Annotated[int | None, typer.Argument(help="The version; without it, the list of all", min=0)] = None,
    default: Annotated[bool, typer.Option("--default", help="The whole default, with every key")] = False,
    current: Annotated[bool, typer.Option("--current", help="The version in force")] = False,
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """List the versions, or print the text of one. Version 0 is what goes before the first."""
    if default:
        say(DEFAULT.rstrip(), {"text": DEFAULT}, as_json=as_json)
        return
    assembly: Assembly = context.obj
    with _plainly(), assembly.open(data) as opened:
        inside, house = opened.institution(institution).id, opened.house
        now = house.clock.now()
        if current:
            number = house.look(inside, lambda uow: number_now(inside, uow=uow, now=now))
        if number is None:
            rows = house.look(inside, lambda uow: see_policies(inside, uow=uow, now=now))
            say(_table(rows), {"policies": [_row(one) for one in rows]}, as_json=as_json)
            return
        wanted = number
        seen = house.look(inside, lambda uow: see_policy(inside, wanted, uow=uow, now=now))
        more = {} if seen.listed is None else _row(seen.listed)
        say(seen.text.rstrip(), {"number": number, **more, "text": seen.text}, as_json=as_json)


@commands.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="A policy in TOML")],
    language: Annotated[str, typer.Option("--language", help="ko or en")] = "en",
    as_json: AsJson = False,
) -> None:
    """Say everything that is wrong with a text. Nothing is kept; no installation is needed."""
    with plainly():
        try:
            check_octets(_read(file))
        except BadPolicy as error:
            told = [{"flaw": one.flaw, "path": one.path, "sentence": one.sentence(language)} for one in error.faults]
            say("\n".join(one["sentence"] for one in told), {"faults": told}, as_json=as_json)
            raise typer.Exit(REFUSED) from None
        say("Nothing is wrong with it.", {"faults": []}, as_json=as_json)


@commands.command("diff")
def diff(
    context: typer.Context,
    number: Annotated[int | None, typer.Argument(help="The version", min=0)] = None,
    file: Annotated[Path | None, typer.Option("--file", help="A text that is not kept yet, in its place")] = None,
    before: Annotated[int | None, typer.Option("--before", help="Against this version; else the one in force", min=0)] = None,
    language: Annotated[str, typer.Option("--language", help="ko or en")] = "en",
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """Say what a version, or a file, changes."""
    assembly: Assembly = context.obj
    with _plainly(), assembly.open(data) as opened:
        inside, house = opened.institution(institution).id, opened.house
        now = house.clock.now()
        if (number is None) == (file is None):
            raise Invalid("name either a version or --file")
        against = house.look(inside, lambda uow: number_now(inside, uow=uow, now=now)) if before is None else before
        if file is not None:
            old = house.look(inside, lambda uow: see_policy(inside, against, uow=uow, now=now)).policy
            changed: Sequence[Difference] = differences(old, read_policy(check_octets(_read(file))))
        else:
            wanted = number or 0
            changed = house.look(inside, lambda uow: see_policy(inside, wanted, uow=uow, now=now, before=against)).differences
        rows = [_change(one, language) for one in changed]
        say("\n".join(rows) or "Nothing.", {"before": against, "changes": [_changed(one) for one in changed]}, as_json=as_json)


@commands.command("put")
def put(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A policy in TOML")],
    note: Annotated[str, typer.Option("--note", help="What it is about")] = "",
    number: Annotated[int | None, typer.Option("--number", help="Rewrite this draft", min=1)] = None,
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """Keep a text as a draft."""
    assembly: Assembly = context.obj
    with _plainly(), assembly.open(data) as opened:
        inside, house = opened.institution(institution).id, opened.house
        text = check_octets(_read(file))
        ask = SavePolicy(institution_id=inside, author=_SHELL, text=text, note=note, number=number)
        saved = house.do(inside, lambda desk: save_policy(ask, desk=desk))
        say(f"Version {saved.number} is a draft.", {"number": saved.number, "state": saved.state}, as_json=as_json)


@commands.command("propose")
def propose(
    context: typer.Context,
    number: Number,
    effective_on: Annotated[str, typer.Option("--from", help="The day from which it is in force, YYYY-MM-DD")],
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """Put a draft forward. An administrator whose hand is not in it approves."""
    assembly: Assembly = context.obj
    with _plainly(), assembly.open(data) as opened:
        inside, house = opened.institution(institution).id, opened.house
        ask = ProposePolicy(institution_id=inside, author=_SHELL, number=number, effective_on=_day(effective_on))
        saved = house.do(inside, lambda desk: propose_policy(ask, desk=desk))
        say(f"Version {saved.number} waits for approval.", {"number": saved.number, "state": saved.state}, as_json=as_json)


@commands.command("approve")
def approve(
    context: typer.Context,
    number: Number,
    by: Annotated[str, typer.Option("--by", help="The administrator who approves, by member number or ID")],
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """Approve a version in the name of an administrator. The audit says that it was done from the command line."""
    assembly: Assembly = context.obj
    with _plainly(), assembly.open(data) as opened:
        inside, house = opened.institution(institution).id, opened.house
        ask = DecidePolicy(institution_id=inside, operator=staff_named(by, inside, house), number=number)
        saved = house.do(inside, lambda desk: approve_policy(ask, desk=desk))
        at = saved.effective_at.isoformat() if saved.effective_at else ""
        answer = {"number": saved.number, "state": saved.state, "effective_at": at}
        say(f"Version {saved.number} is approved, in force from {at}.", answer, as_json=as_json)


@contextmanager
def _plainly() -> Iterator[None]:
    """As always; and of a text that is no policy, every sentence on a line of its own."""
    with plainly():
        try:
            yield
        except BadPolicy as error:
            fail("\notpward: ".join(one.sentence("en") for one in error.faults), 2)


def _read(file: Path) -> bytes:
    """A little more than can be taken, so that what is too large is said as it is of any text."""
    try:
        with file.open("rb") as opened:
            return opened.read(_LONGEST)
    except OSError:
        return read_octets(file, most=OCTETS_MAX)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("a day is written YYYY-MM-DD") from None


def _table(rows: list[Listed]) -> str:
    lines = [f"{row.version.number:>4}  {row.standing:<10}  {_since(row):<25}  {row.version.note}".rstrip() for row in rows]
    return "\n".join(lines) or "No version was written yet; the default is in force."


def _since(row: Listed) -> str:
    return row.version.effective_at.isoformat(timespec="seconds") if row.version.effective_at else "-"


def _row(row: Listed) -> dict[str, object]:
    at = row.version.effective_at
    return {
        "number": row.version.number,
        "standing": row.standing,
        "note": row.version.note,
        "effective_at": at.isoformat() if at else None,
    }


def _change(one: Difference, language: str) -> str:
    return f"{one.path}: {one.before or '-'} -> {one.after or '-'}  ({one.title(language)})"


def _changed(one: Difference) -> dict[str, str | None]:
    return {"path": one.path, "title_ko": one.title_ko, "title_en": one.title_en, "before": one.before, "after": one.after}
