"""Compiled words: what is finished, under its key, in a file that depends on nothing but the sentences."""

import gettext
import io
from pathlib import Path

import pytest

from tools import compile_words
from tools.compile_words import compiled, compiled_beside

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
FIND = 'msgid "Find"\nmsgstr "찾기"\n\n'
BRANCH = 'msgctxt "prove"\nmsgid "At a branch"\nmsgstr "영업점에서 확인"\n\n'
DAYS = 'msgid "one day"\nmsgid_plural "{n} days"\nmsgstr[0] "{n}일"\n\n'


def po(folder: Path, text: str) -> Path:
    file = folder / "ko.po"
    file.write_text(HEADER + text, encoding="utf-8")
    return file


def read(octets: bytes) -> gettext.GNUTranslations:
    return gettext.GNUTranslations(io.BytesIO(octets))


def test_a_sentence_is_found_alone_in_its_context_and_in_any_number(tmp_path: Path) -> None:
    words = read(compiled(po(tmp_path, FIND + BRANCH + DAYS)))
    assert words.gettext("Find") == "찾기"
    assert words.pgettext("prove", "At a branch") == "영업점에서 확인"
    assert words.gettext("At a branch") == "At a branch"
    assert [words.ngettext("one day", "{n} days", n) for n in (1, 2)] == ["{n}일", "{n}일"]


@pytest.mark.parametrize(
    "entry",
    ['#, fuzzy\nmsgid "Back"\nmsgstr "뒤"', 'msgid "Back"\nmsgstr ""', '#~ msgid "Back"\n#~ msgstr "뒤"'],
    ids=["fuzzy", "untranslated", "obsolete"],
)
def test_what_is_not_finished_is_left_out(tmp_path: Path, entry: str) -> None:
    assert read(compiled(po(tmp_path, FIND + entry))).gettext("Back") == "Back"


def test_the_octets_follow_from_the_sentences_alone(tmp_path: Path) -> None:
    once = compiled(po(tmp_path, FIND + BRANCH))
    again = compiled(po(tmp_path, "# a remark\n" + BRANCH + "# --- another order ---\n" + FIND))
    assert once == again


def test_the_file_is_written_once_and_then_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    catalogue = po(tmp_path, FIND)
    monkeypatch.setattr(compile_words, "CATALOGUE", catalogue)
    assert compile_words.main() == 0
    assert "is written; commit it" in capsys.readouterr().out
    assert compiled_beside(catalogue).read_bytes() == compiled(catalogue)
    assert compile_words.main() == 0
    assert "up to date" in capsys.readouterr().out
    assert sorted(file.name for file in tmp_path.iterdir()) == ["ko.mo", "ko.po"]


def test_a_catalogue_that_cannot_be_read_leaves_the_old_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(compile_words, "CATALOGUE", po(tmp_path, 'msgid "Find\n'))
    assert compile_words.main() == 1
    assert "cannot be read, and nothing was written" in capsys.readouterr().err
    assert not (tmp_path / "ko.mo").exists()
