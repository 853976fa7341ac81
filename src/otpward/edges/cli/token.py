"""Tokens on the command line."""

import csv
from collections import Counter
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from otpward.core.audit import Actor, ActorKind
from otpward.core.errors import Invalid, NotFound
from otpward.core.formats.records import FILE_MAX_OCTETS
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.token import Token
from otpward.core.oath.judge import STANDARD
from otpward.core.oath.model import Shortfall, TokenKind
from otpward.core.policy.verification import Verdict
from otpward.core.secret import Secret
from otpward.edges.cli.assembly import Assembly
from otpward.edges.cli.say import HERE, REFUSED, AsJson, Data, OfInstitution, out, plainly, read_octets, read_text, say
from otpward.services.resync.resync import Resync, resync
from otpward.services.resync.unlock_by_hand import UnlockByHand, unlock_by_hand
from otpward.services.stock.import_seeds import Entry, ImportReport, ImportSeeds, RowVerdict, import_seeds
from otpward.services.verify.verify import Verify, verify

commands = typer.Typer(help="Tokens", no_args_is_help=True)
BY = Actor(kind=ActorKind.OPERATOR, source="command line")
_SHOWN_ROWS = 20
_LINE_LONGEST = 1000
_NOTES = {
    "weak_seed": "have a seed under 112 bits (SP 800-63B-4 §3.1.4.1)",
    Shortfall.FEW_DIGITS: "show fewer than six digits (SP 800-63B-4 §3.1.4.1)",
    Shortfall.LONG_PERIOD: "change their code less often than every two minutes (SP 800-63B-4 §3.1.4.1)",
}


@commands.callback()
def about() -> None:
    """Tokens."""


@commands.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A seed file: PSKC or OATH CSV")],
    key_file: Annotated[Path | None, typer.Option("--key-file", help="The transport key, in hexadecimal")] = None,
    password_file: Annotated[Path | None, typer.Option("--password-file", help="The password of a password-based file")] = None,
    as_: Annotated[str, typer.Option("--as", help="in_stock, or active for tokens of another system")] = "in_stock",
    owners: Annotated[Path | None, typer.Option("--owners", help="CSV serial,member_id: whose tokens they are")] = None,
    branch: Annotated[str, typer.Option("--branch", help="The branch on whose shelf they lie")] = "",
    preview: Annotated[bool, typer.Option("--preview", help="Say what would happen, and store nothing")] = False,
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """Take in a seed file. Every row gets its verdict; nothing is stored of a file that is damaged as a whole."""
    assembly: Assembly = context.obj
    with plainly():
        if as_ not in {"in_stock", "active"}:
            raise Invalid(f"--as is in_stock or active, not {as_}", field="as")
        if as_ == "active" and owners is None:
            raise Invalid("--as active needs --owners", field="owners")
        if password_file is not None:
            raise Invalid("password-based seed files are not read yet", field="password_file")
        octets = read_octets(file, most=FILE_MAX_OCTETS)
        key = _key(key_file) if key_file is not None else None
        whose = _owners(owners) if owners is not None else {}
        with assembly.open(data) as opened:
            owner, house = opened.institution(institution).id, opened.house
            at = house.look(owner, lambda uow: uow.branches.first(code=branch)) if branch else None
            if branch and at is None:
                raise NotFound(f"no branch {branch!r}", field="branch")
            ask = ImportSeeds(
                institution_id=owner,
                data=octets,
                file_name=file.name,
                by=BY,
                key=key,
                branch_id=None if at is None else at.id,
                entry=Entry(as_),
                owners=whose,
                preview=preview,
            )
            with out.status(f"Reading {file.name} …") if not as_json else nullcontext():
                report = house.do(owner, lambda desk: import_seeds(ask, desk=desk))
    _report(report, preview=preview, as_json=as_json)
    if report.imported == 0 and report.refused:
        raise typer.Exit(REFUSED)


def _report(report: ImportReport, *, preview: bool, as_json: bool) -> None:
    rows = [{"row": r.row, "serial": r.serial, "verdict": r.verdict.value, "reason": r.reason} for r in report.rows]
    done = "would be imported" if preview else "imported"
    lines = [f"{report.imported} {done}, {report.refused} refused."]
    refused = [row for row in report.rows if row.verdict is RowVerdict.REFUSED]
    lines += [f"  row {row.row} {row.serial or '-'}: {row.reason}" for row in refused[:_SHOWN_ROWS]]
    if len(refused) > _SHOWN_ROWS:
        lines.append(f"  … and {len(refused) - _SHOWN_ROWS} more; --json has them all")
    noted = Counter(note for row in report.rows if row.verdict is RowVerdict.IMPORTED for note in row.reason.split())
    lines += [f"  {count} {_NOTES.get(note, note)}." for note, count in sorted(noted.items())]
    answer = {"imported": report.imported, "refused": report.refused, "rows": rows}
    say("\n".join(lines), answer, as_json=as_json)


@commands.command("list")
def list_(
    context: typer.Context,
    state: Annotated[str, typer.Option("--state", help="Only this state")] = "",
    limit: Annotated[int, typer.Option("--limit", help="At most so many", min=1, max=10_000)] = 100,
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """Tokens, by serial."""
    assembly: Assembly = context.obj
    with plainly(), assembly.open(data) as opened:
        if state and state not in set(TokenState):
            raise Invalid(f"--state is one of {', '.join(TokenState)}", field="state")
        only: dict[str, Any] = {"state": TokenState(state)} if state else {}
        owner = opened.institution(institution).id
        found = opened.house.look(owner, lambda uow: uow.tokens.find(order="serial", limit=limit, **only))
        if as_json:
            say("", {"tokens": [_facts(token) for token in found]}, as_json=True)
            return
        table = Table("serial", "state", "holds", "kind", "digits", "period", "used", box=None, pad_edge=False)
        for token in found:
            facts = _facts(token)
            untimed = "challenge" if token.kind is TokenKind.OCRA else "counter"
            period = f"{token.period_s} s" if token.period_s else untimed
            holds = ", ".join(facts["holds"]) or "-"
            table.add_row(token.serial, token.state, holds, token.kind, str(token.digits), period, facts["used_at"] or "-")
        out.print(table)


@commands.command("show")
def show(
    context: typer.Context, serial: str, institution: OfInstitution = "", data: Data = HERE, as_json: AsJson = False
) -> None:
    """One token."""
    assembly: Assembly = context.obj
    with plainly(), assembly.open(data) as opened:
        owner = opened.institution(institution).id
        facts = _facts(_token(opened.house.look(owner, lambda uow: uow.tokens.first(serial=serial)), serial))
        say("\n".join(f"{name}: {value}" for name, value in facts.items()), facts, as_json=as_json)


@commands.command("verify")
def verify_(
    context: typer.Context,
    serial: str,
    code: str,
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """Is this code good? It is spent if it is, and counted if it is not. Exit code 1 if refused."""
    assembly: Assembly = context.obj
    with plainly(), assembly.open(data) as opened:
        owner = opened.institution(institution).id
        ask = Verify(institution_id=owner, code=code, by=BY, serial=serial)
        answer = opened.house.do(owner, lambda desk: verify(ask, desk=desk))
    accepted = answer.verdict is Verdict.ACCEPTED
    facts = {
        "id": str(answer.id),
        "result": "accepted" if accepted else "refused",
        "reason": answer.verdict.value,
        "tries_left": answer.tries_left,
        "token": answer.serial,
    }
    human = "accepted" if accepted else f"refused: {answer.verdict.value}, {answer.tries_left} tries left"
    say(human, facts, as_json=as_json)
    if not accepted:
        raise typer.Exit(REFUSED)


@commands.command("resync")
def resync_(
    context: typer.Context,
    serial: str,
    first: str,
    second: str,
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """Set a token right by two consecutive codes. Exit code 1 if they do not fit."""
    assembly: Assembly = context.obj
    with plainly(), assembly.open(data) as opened:
        owner = opened.institution(institution).id
        token = _token(opened.house.look(owner, lambda uow: uow.tokens.first(serial=serial)), serial)
        ask = Resync(token_id=token.id, first=first, second=second, by=BY)
        examined = opened.house.do(owner, lambda desk: resync(ask, desk=desk))
    done = examined.verdict is Verdict.ACCEPTED
    facts = {
        "result": "done" if done else "refused",
        "reason": examined.verdict.value,
        "drift_steps": examined.token.drift_steps,
    }
    say("done" if done else f"refused: {examined.verdict.value}", facts, as_json=as_json)
    if not done:
        raise typer.Exit(REFUSED)


@commands.command("unlock")
def unlock(
    context: typer.Context, serial: str, institution: OfInstitution = "", data: Data = HERE, as_json: AsJson = False
) -> None:
    """Open a token that wrong codes have locked, before its time. One that is blocked for good stays so."""
    assembly: Assembly = context.obj
    with plainly(), assembly.open(data) as opened:
        owner = opened.institution(institution).id
        token = _token(opened.house.look(owner, lambda uow: uow.tokens.first(serial=serial)), serial)
        ask = UnlockByHand(token_id=token.id, by=BY)
        facts = _facts(opened.house.do(owner, lambda desk: unlock_by_hand(ask, desk=desk)))
    say("unlocked", facts, as_json=as_json)


def _token(found: Token | None, serial: str) -> Token:
    if found is None:
        raise NotFound(f"no token {serial!r} here", field="serial")
    return found


def _facts(token: Token) -> dict[str, Any]:
    return {
        "serial": token.serial,
        "state": token.state.value,
        "holds": sorted(hold.value for hold in token.holds),
        "kind": token.kind.value,
        "algorithm": token.algorithm.value,
        "digits": token.digits,
        "period_s": token.period_s or None,
        "nist_conformant": token.parameters.nist_conformant,
        "nist_shortfalls": [shortfall.value for shortfall in token.parameters.shortfalls],
        "code_life_s": STANDARD.code_life_s(token.period_s) if token.kind is TokenKind.TOTP else None,
        "failures": token.failures,
        "used_at": token.used_at.isoformat(timespec="seconds") if token.used_at else None,
    }


def _key(path: Path) -> Secret:
    try:
        return Secret(bytes.fromhex(read_text(path).strip()))
    except ValueError:
        raise Invalid(f"{path} does not hold a key in hexadecimal", field="key_file") from None


def _owners(path: Path) -> Mapping[str, str]:
    """`serial,member_id`, with or without a header line."""
    found: dict[str, str] = {}
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        row = next(csv.reader([line[:_LINE_LONGEST]]), [])
        if not row or (number == 1 and [cell.strip().lower() for cell in row] == ["serial", "member_id"]):
            continue
        if len(row) != 2 or not all(cell.strip() for cell in row):
            raise Invalid(f"{path.name} line {number}: two columns are needed, serial,member_id", field="owners")
        serial, login = row[0].strip(), row[1].strip()
        if found.setdefault(serial, login) != login:
            raise Invalid(f"{path.name} line {number}: {serial} has two owners", field="owners")
    return found
