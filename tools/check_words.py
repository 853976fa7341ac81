"""Checks that every sentence of every page is in the Korean catalogue, and nothing else is; and that the catalogue is compiled.

    python -m tools.check_words

An English sentence is its own message id. Each one found in the code (`_("…")`, `later("…")`, the plural of `ngettext`) and
in the templates (`{{ _("…") }}`, `{% trans %}`) must have a Korean one that is finished and fills in the same placeholders; a
Korean one that no page says any more is to go. A sentence chosen at run time is marked with `later("…")` where it is written.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import PoFileError, read_po

from tools.compile_words import ADVICE, CATALOGUE, ROOT, compiled, compiled_beside

SOURCE: Final = ROOT / "src" / "otpward" / "edges" / "http"

METHODS: Final = [("**.py", "python"), ("**/templates/**.*", "jinja2.ext:babel_extract")]
OPTIONS: Final = {"**/templates/**.*": {"silent": "false", "extensions": "jinja2.ext.do,jinja2.ext.loopcontrols"}}
# Korean has one form for any number, kept under the English plural: the second argument.
# Where one English text has two Korean ones, its context comes first: `_p("context", "…")`.
KEYWORDS: Final[Mapping[str, Any]] = {
    "_": None,
    "gettext": None,
    "later": None,
    "ngettext": (2,),
    "_p": ((1, "c"), 2),
    "in_context": ((1, "c"), 2),
}

PLACEHOLDER: Final = re.compile(r"\{\w*\}|%\(\w+\)[sd]")


def said(source: Path) -> dict[str, str]:
    """Return every sentence in `source`, with the first place that says it."""
    found: dict[str, str] = {}
    for file, line, message, _comments, context in extract_from_dir(source, METHODS, OPTIONS, keywords=KEYWORDS):
        if isinstance(message, str):
            found.setdefault(named(message, context), f"{file}:{line}")
    return found


def findings(source: Path, catalogue: Path) -> Iterator[str]:
    """Say, a line each, where the words of the pages and the catalogue differ."""
    sentences = said(source)
    translations: dict[str, str] = {}
    if catalogue.exists():
        with catalogue.open("rb") as lines:
            for entry in read_po(lines, locale="ko", abort_invalid=True):
                if not entry.id:
                    continue
                # A plural entry stands under its plural, too.
                name = named(entry.id if isinstance(entry.id, str) else entry.id[-1], entry.context)
                korean = entry.string if isinstance(entry.string, str) else (entry.string or ("",))[0]
                translations[name] = korean
                place = f"{catalogue.name}:{entry.lineno}"
                if entry.fuzzy:
                    yield f"{place}: unfinished (fuzzy): {name}"
                elif not korean:
                    yield f"{place}: no Korean for: {name}"
                elif name not in sentences:
                    yield f"{place}: no page says: {name}"
                elif placeholders(name) != placeholders(korean):
                    wanted = ", ".join(sorted(placeholders(name))) or "none"
                    yield f"{place}: other placeholders than {wanted}: {korean}"
    for sentence, place in sentences.items():
        if sentence not in translations:
            yield f"{place}: not in the catalogue: {sentence}"


def uncompiled(catalogue: Path) -> Iterator[str]:
    """Say so where the compiled words are not those of the catalogue."""
    beside = compiled_beside(catalogue)
    if not beside.exists() or beside.read_bytes() != compiled(catalogue):
        yield f"{beside.name}: not what {catalogue.name} compiles to: {ADVICE}"


def named(message: str, context: str | None) -> str:
    """Return the message as findings name it, with its context if it has one."""
    return f"{message} ({context})" if context else message


def placeholders(sentence: str) -> set[str]:
    return set(PLACEHOLDER.findall(sentence))


def main() -> int:
    try:
        found = [*findings(SOURCE, CATALOGUE), *uncompiled(CATALOGUE)]
    except PoFileError as error:
        found = [f"{CATALOGUE.name}: cannot be read: {error}"]
    for finding in found:
        print(finding)
    print(f"Words: {len(found)} to mend." if found else "Words: every sentence is there in both languages.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
