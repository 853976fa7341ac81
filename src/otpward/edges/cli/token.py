"""Tokens on the command line."""

from typing import Annotated, Any

import typer
from rich.table import Table

from otpward.core.audit import Actor, ActorKind
from otpward.core.errors import Invalid, NotFound
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.token import Token
from otpward.core.oath.judge import STANDARD
from otpward.core.oath.model import TokenKind
from otpward.core.policy.verification import Verdict
from otpward.edges.cli import seed_exports, seeds
from otpward.edges.cli.assembly import Assembly
from otpward.edges.cli.say import HERE, REFUSED, AsJson, Data, OfInstitution, out, plainly, say
from otpward.services.resync.resync import Resync, resync
from otpward.services.resync.unlock_by_hand import UnlockByHand, unlock_by_hand
from otpward.services.verify.verify import Verify, verify

commands = typer.Typer(help="Tokens", no_args_is_help=True)
BY = Actor(kind=ActorKind.OPERATOR, source="command line")


@commands.callback()
def about() -> None:
    """Tokens."""


commands.command("import")(seeds.import_)
commands.command("import-undo")(seeds.undo)
commands.command("imports")(seeds.imports)
commands.add_typer(seed_exports.exports, name="export")


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
