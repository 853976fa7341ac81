"""Sentences: found in both languages, filled in safely, with the right particle."""

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from markupsafe import Markup

from otpward.edges.http.words import josa, load, pick_language
from tools.compile_words import ADVICE, compiled, compiled_beside

ROOT = Path(str(files("otpward")))
CATALOGUE = ROOT / "edges/http/locale/ko/LC_MESSAGES/otpward.po"
KEYWORDS = {"_": None, "_p": ((1, "c"), 2), "in_context": ((1, "c"), 2), "ngettext": (1, 2), "later": None}


def said() -> Iterator[tuple[str | None, str, str]]:
    """Every message a template or a module asks for: context, text, place."""
    for path in sorted(ROOT.rglob("*")):
        method = {".py": "python", ".html": "jinja2.ext:babel_extract"}.get(path.suffix)
        if method is None or (path.suffix == ".html" and "templates" not in path.parts):
            continue
        with path.open("rb") as source:
            for line, text, _, context in extract(method, source, keywords=KEYWORDS, options={"trimmed": "true"}):
                message = text if isinstance(text, str) else text[-1]
                yield context, message, f"{path.relative_to(ROOT)}:{line}"


def translated() -> dict[tuple[str | None, str], str]:
    with CATALOGUE.open("rb") as source:
        return {(m.context, str(m.id)): str(m.string) for m in read_po(source, locale="ko", abort_invalid=True) if m.id}


def test_every_message_has_its_korean() -> None:
    korean = translated()
    missing = [f"{place}: {message}" for context, message, place in said() if not korean.get((context, message))]
    assert missing == []


def test_the_pages_say_what_stands_in_the_catalogue() -> None:
    assert compiled_beside(CATALOGUE).read_bytes() == compiled(CATALOGUE), f"otpward.mo is old: {ADVICE}"
    korean = load()["ko"]
    for (context, english), text in translated().items():
        assert (korean.in_context(context, english) if context else korean._(english)) == text


def test_no_text_and_unknown_text_are_said_as_they_are() -> None:
    for words in load().values():
        assert words._("") == ""
        assert words._("Said on no page") == "Said on no page"
        assert words.in_context("nowhere", "At a branch") == "At a branch"
        assert words.ngettext("{n} goose", "{n} geese", 1) == "1 goose"
        assert words.ngettext("{n} goose", "{n} geese", 2) == "2 geese"


def test_placeholders_are_the_same_in_both_languages() -> None:
    def names(text: str) -> set[str]:
        return set(re.findall(r"\{(\w+)\}", text))

    odd = [english for (_, english), korean in translated().items() if names(english) != names(korean)]
    assert odd == []


def test_the_catalogue_holds_no_message_twice() -> None:
    ids = re.findall(r'^((?:msgctxt ".*"\n)?msgid ".+")$', CATALOGUE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("OTP을(를)", "OTP를"),
        ("회원을(를)", "회원을"),
        ("기기은(는)", "기기는"),
        ("영업점이(가)", "영업점이"),
        ("한빛기관(으)로", "한빛기관으로"),
        ("서울(으)로", "서울로"),
        ("카카오(으)로", "카카오로"),
        ("***-****-5678(으)로", "***-****-5678로"),
        ("***-****-5670(으)로", "***-****-5670으로"),
        ("***-****-5673(으)로", "***-****-5673으로"),
        ("***-****-5672을(를)", "***-****-5672를"),
        ("R-1은(는)", "R-1은"),
        ("본점(서울)이(가)", "본점(서울)이"),
        ("'기기'과(와)", "'기기'와"),
        ("PASS을(를)", "PASS를"),
        ("SMS은(는)", "SMS는"),
        ("ARM을(를)", "ARM을"),
        ("(으)로", "로"),
        ("회원(이)라", "회원이라"),
    ],
)
def test_a_particle_is_picked_from_the_last_sound(written: str, read: str) -> None:
    assert josa(written) == read


def test_a_particle_looks_through_markup_and_leaves_it_markup() -> None:
    read = josa(Markup("<time>2026년 11월 20일</time>을(를)"))
    assert read == "<time>2026년 11월 20일</time>을"
    assert isinstance(read, Markup)


def test_a_sentence_is_filled_in_both_languages() -> None:
    words = load()
    message = "We could not do this. If it happens again, tell us {ref}"
    assert words["en"]._(message, ref="R-7") == "We could not do this. If it happens again, tell us R-7"
    assert words["ko"]._(message, ref="R-7") == "처리하지 못했습니다. 같은 일이 생기면 R-7을 알려 주세요"


def test_one_english_text_can_have_two_korean_ones() -> None:
    korean = load()["ko"]
    assert korean.in_context("receive", "At a branch") == "영업점 수령"
    assert korean.in_context("prove", "At a branch") == "영업점에서 확인"
    assert load()["en"].in_context("prove", "At a branch") == "At a branch"


def test_markup_in_one_value_does_not_let_another_value_through() -> None:
    filled = load()["en"]._("Collect it at {branch} by {date}", branch="<b>x</b>", date=Markup("<time>1</time>"))
    assert filled == "Collect it at &lt;b&gt;x&lt;/b&gt; by <time>1</time>"
    assert isinstance(filled, Markup)


def test_plain_values_stay_plain_so_that_the_template_escapes_them_once() -> None:
    filled = load()["en"]._("{name} is viewing", name="<b>")
    assert not isinstance(filled, Markup)
    assert filled == "<b> is viewing"


def test_english_counts_one_and_many_and_korean_does_not() -> None:
    words = load()
    assert words["en"].ngettext("{n} try left", "{n} tries left", 1) == "1 try left"
    assert words["en"].ngettext("{n} try left", "{n} tries left", 2) == "2 tries left"


@pytest.mark.parametrize(
    ("query", "cookie", "accept", "lang"),
    [
        (None, None, None, "ko"),
        ("en", "ko", "ko", "en"),
        ("xx", "en", "ko", "en"),
        (None, None, "en-US,en;q=0.9,ko;q=0.8", "en"),
        (None, None, "fr,ko;q=0.3,en;q=0.2", "ko"),
        (None, None, "fr", "ko"),
        (None, None, "en;q=0", "ko"),
        (None, None, "en;q=much, ,;;q", "ko"),
    ],
    ids=["nothing", "asked-now", "unknown-then-cookie", "browser", "weights", "other", "refused", "nonsense"],
)
def test_the_language_is_the_one_asked_for_last(query: str | None, cookie: str | None, accept: str | None, lang: str) -> None:
    assert pick_language(query=query, cookie=cookie, accept_language=accept) == lang
