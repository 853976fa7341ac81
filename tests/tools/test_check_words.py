"""The check of the words finds each way in which pages and catalogue can drift apart, and nothing else."""

from pathlib import Path

import pytest

from tools.check_words import findings, uncompiled
from tools.compile_words import ADVICE, compiled, compiled_beside

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'


def check(folder: Path, *, page: str = "", code: str = "", catalogue: str = "") -> list[str]:
    (folder / "templates").mkdir()
    (folder / "templates" / "page.html").write_text(page, encoding="utf-8")
    (folder / "code.py").write_text(code, encoding="utf-8")
    (folder / "ko.po").write_text(HEADER + catalogue, encoding="utf-8")
    return [finding.split(": ", 1)[1] for finding in findings(folder, folder / "ko.po")]


@pytest.mark.parametrize(
    ("page", "code", "catalogue"),
    [
        pytest.param("", "", "", id="nothing yet"),
        pytest.param('{{ _("Find") }}', "", 'msgid "Find"\nmsgstr "찾기"', id="template"),
        pytest.param("{% trans %}Find{% endtrans %}", "", 'msgid "Find"\nmsgstr "찾기"', id="trans block"),
        pytest.param("", 'words._("Find")', 'msgid "Find"\nmsgstr "찾기"', id="code"),
        pytest.param("", 'STATE = later("In use")', 'msgid "In use"\nmsgstr "사용 중"', id="said later"),
        pytest.param("", 'ngettext("{n} day", "{n} days", n)', 'msgid "{n} days"\nmsgstr "{n}일"', id="plural"),
        pytest.param('{{ _("{fee} won") }}', "", 'msgid "{fee} won"\nmsgstr "{fee}원"', id="placeholder"),
    ],
)
def test_words_in_order_give_no_finding(tmp_path: Path, page: str, code: str, catalogue: str) -> None:
    assert check(tmp_path, page=page, code=code, catalogue=catalogue) == []


@pytest.mark.parametrize(
    ("page", "catalogue", "finding"),
    [
        pytest.param('{{ _("Find") }}', "", "not in the catalogue: Find", id="missing"),
        pytest.param('{{ _("Find") }}', 'msgid "Find"\nmsgstr ""', "no Korean for: Find", id="untranslated"),
        pytest.param('{{ _("Find") }}', '#, fuzzy\nmsgid "Find"\nmsgstr "찾기"', "unfinished (fuzzy): Find", id="fuzzy"),
        pytest.param("", 'msgid "Find"\nmsgstr "찾기"', "no page says: Find", id="unused"),
        pytest.param('{{ _("{a}") }}', 'msgid "{a}"\nmsgstr "{b}"', "other placeholders than {a}: {b}", id="placeholder"),
        pytest.param('{{ _("%(a)s") }}', 'msgid "%(a)s"\nmsgstr "원"', "other placeholders than %(a)s: 원", id="old style"),
    ],
)
def test_words_that_drifted_apart_are_named(tmp_path: Path, page: str, catalogue: str, finding: str) -> None:
    assert check(tmp_path, page=page, catalogue=catalogue) == [finding]


def test_a_catalogue_that_is_not_there_yet_lacks_every_sentence(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text('_("Find")', encoding="utf-8")
    assert len(list(findings(tmp_path, tmp_path / "ko.po"))) == 1


def test_compiled_words_that_are_missing_or_old_are_named(tmp_path: Path) -> None:
    catalogue = tmp_path / "ko.po"
    catalogue.write_text(HEADER + 'msgid "Find"\nmsgstr "찾기"', encoding="utf-8")
    finding = f"ko.mo: not what ko.po compiles to: {ADVICE}"
    assert list(uncompiled(catalogue)) == [finding]
    compiled_beside(catalogue).write_bytes(compiled(catalogue))
    assert list(uncompiled(catalogue)) == []
    catalogue.write_text(HEADER + 'msgid "Find"\nmsgstr "조회"', encoding="utf-8")
    assert list(uncompiled(catalogue)) == [finding]
