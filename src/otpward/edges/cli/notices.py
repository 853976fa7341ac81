"""Words of notices on the command line: seen, written, given up for ours; and the template of KakaoTalk."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from otpward.core.errors import Invalid
from otpward.core.model.notice import NoticeText
from otpward.core.policy.notice_words import needed, placeholders, sample, sms_octets
from otpward.core.policy.notices import TEXTS, NoticeKind
from otpward.edges.cli.assembly import Assembly
from otpward.edges.cli.named import staff_named
from otpward.edges.cli.say import HERE, AsJson, Data, OfInstitution, out, plainly, read_text, say
from otpward.services.notices.word_notice import WordNotice, word_notice

commands = typer.Typer(help="Notices: what members are told", no_args_is_help=True)

Kind = Annotated[str, typer.Argument(help="Which notice; `list` names them")]
By = Annotated[str, typer.Option("--by", help="Who words it, by member number or ID")]
_LONGEST: Final = 4000


@commands.callback()
def about() -> None:
    """Notices: what members are told."""


@commands.command("list")
def list_(context: typer.Context, institution: OfInstitution = "", data: Data = HERE, as_json: AsJson = False) -> None:
    """Every notice with the words it has now."""
    assembly: Assembly = context.obj
    with plainly(), assembly.open(data) as opened:
        inside = opened.institution(institution).id
        live = opened.house.look(inside, lambda uow: {one.live_for: one for one in uow.notice_texts.find(limit=None)})
    rows = [_facts(kind, live.get(kind)) for kind in NoticeKind]
    if as_json:
        say("", {"notices": rows}, as_json=True)
        return
    table = Table("kind", "words", "template", "Korean", box=None, pad_edge=False)
    for row in rows:
        table.add_row(row["kind"], "own" if row["own"] else "ours", row["talk_code"], row["ko"])
    out.print(table)


@commands.command("show")
def show(
    context: typer.Context, kind: Kind, institution: OfInstitution = "", data: Data = HERE, as_json: AsJson = False
) -> None:
    """The words of one notice, an example of it, and what may stand in braces."""
    assembly: Assembly = context.obj
    with plainly(), assembly.open(data) as opened:
        of_kind, inside = _kind(kind), opened.institution(institution).id
        facts = _facts(of_kind, opened.house.look(inside, lambda uow: uow.notice_texts.first(live_for=of_kind)))
    lines = [facts["ko"], facts["en"]]
    for language in ("ko", "en"):
        said = sample(facts[language], language)
        lines.append(f"{said}  ({sms_octets(said)} bytes)")
    lines.append(f"names: {' '.join(facts['names'])}; needed: {' '.join(facts['needed']) or '-'}")
    if facts["talk_code"]:
        lines.append(f"KakaoTalk: {facts['talk_code']}")
    say("\n".join(lines), facts, as_json=as_json)


@commands.command("set")
def set_(
    context: typer.Context,
    kind: Kind,
    by: By,
    korean: Annotated[Path | None, typer.Option("--ko", help="A file with the Korean words")] = None,
    english: Annotated[Path | None, typer.Option("--en", help="A file with the English words")] = None,
    ours: Annotated[bool, typer.Option("--ours", help="Our words again")] = False,
    talk_code: Annotated[str | None, typer.Option("--template", help="KakaoTalk's template; '' for none")] = None,
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """Word a notice from the next one on: both languages, or ours again; or its template of KakaoTalk; in somebody's name."""
    assembly: Assembly = context.obj
    with plainly(), assembly.open(data) as opened:
        if (korean is None) is not (english is None) or (ours and korean is not None):
            raise Invalid("name both --ko and --en, or --ours")
        if korean is None and not ours and talk_code is None:
            raise Invalid("say what is to be set: --ko and --en, --ours, or --template")
        of_kind, inside = _kind(kind), opened.institution(institution).id
        live = opened.house.look(inside, lambda uow: uow.notice_texts.first(live_for=of_kind))
        words = ("", "") if ours or live is None else (live.korean, live.english)
        if korean is not None and english is not None:
            words = (read_text(korean)[:_LONGEST], read_text(english)[:_LONGEST])
        ask = WordNotice(
            institution_id=inside,
            operator=staff_named(by, inside, opened.house),
            kind=of_kind,
            korean=words[0],
            english=words[1],
            talk_code=talk_code,
        )
        facts = _facts(of_kind, opened.house.do(inside, lambda desk: word_notice(ask, desk=desk)))
    say(f"{kind}: version {facts['number']}, {'own words' if facts['own'] else 'our words'}", facts, as_json=as_json)


def _kind(text: str) -> NoticeKind:
    try:
        return NoticeKind(text)
    except ValueError:
        raise Invalid(f"no notice is called {text!r}; see `otpward notices list`", field="kind") from None


def _facts(kind: NoticeKind, live: NoticeText | None) -> dict[str, Any]:
    own = live is not None and bool(live.korean)
    korean, english = (live.korean, live.english) if live is not None and own else TEXTS[kind]
    return {
        "kind": kind.value,
        "own": own,
        "number": live.number if live is not None else 0,
        "ko": korean,
        "en": english,
        "talk_code": live.talk_code if live is not None else "",
        "names": sorted(placeholders(kind)),
        "needed": sorted(needed(kind)),
    }
