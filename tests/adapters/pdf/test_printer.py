"""The printer: tagged PDFs whose words are data, whatever they are, from a process that can die without harm."""

import hashlib
import os
import signal
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp

from otpward.adapters.pdf import printer as apart
from otpward.adapters.pdf.printer import TypstPrinter
from otpward.core.errors import Unavailable
from otpward.edges.http.qr import draw_qr, svg_of
from otpward.ports.printer import BigCode, Sheet
from tests.adapters.pdf.reading import read_pdf

HERE = Path(apart.__file__).parent
SHEET = Sheet(
    lang="ko",
    institution="한빛기관",
    title="신고를 접수했습니다",
    lead="입력한 정보와 맞는 OTP가 있으면 지금부터 쓸 수 없습니다.",
    rows=[("신고 번호", "L-261123-7KQ4M2P"), ("신고 시각", "2026년 11월 23일 (월) 16:40:12 대한민국 표준시")],
    notes=["신고 시각은 서버가 신고를 받은 시각입니다."],
    foot="한빛기관 · 1588-0000",
    at=datetime(2026, 11, 23, 7, 40, 12, tzinfo=UTC),
)
CODE = BigCode(letters="K7MQ 2PX4", name="수령 코드", picture=svg_of(draw_qr("K7MQ2PX4")), picture_name="수령 코드 QR")


@pytest.fixture(scope="module")
def printer() -> Iterator[TypstPrinter]:
    made = TypstPrinter()
    yield made
    made.close()


def test_every_word_can_be_read_again(printer: TypstPrinter) -> None:
    read = read_pdf(printer.print(SHEET))
    words = [
        SHEET.institution,
        SHEET.title,
        SHEET.lead,
        *(text for row in SHEET.rows for text in row),
        *SHEET.notes,
        SHEET.foot,
    ]
    assert " ".join(read.text.split()) == " ".join(words)


def test_it_is_tagged_and_says_its_title_and_language(printer: TypstPrinter) -> None:
    read = read_pdf(printer.print(SHEET))
    assert read.title == SHEET.title
    assert read.claims(r"/MarkInfo")
    assert read.claims(r"/StructTreeRoot")
    assert read.claims(r"/DisplayDocTitle true")
    assert read.claims(r"pdfuaid:part>1<")
    assert read.parts[0] == "Document"
    assert read.parts.count("H1") == 1
    assert read.parts.count("LI") == read.parts.count("Lbl") == read.parts.count("LBody") == len(SHEET.rows)


@pytest.mark.parametrize(("lang", "said"), [("ko", r"/Lang ?\(ko-KR\)"), ("en", r"/Lang ?\(en\)")], ids=["ko", "en"])
def test_its_language_is_the_readers(printer: TypstPrinter, lang: str, said: str) -> None:
    assert read_pdf(printer.print(replace(SHEET, lang=lang))).claims(said)


NASTY = {
    "code": '#panic("x")',
    "math": "$x^2$",
    "a backslash": "\\",
    "a quote": 'a"b',
    "a bracket": "a] [b",
    "a brace": "}{",
    "emphasis": "*a* _b_ `c`",
    "labels": "<a> @b",
    "a remark": "// a /* b */",
    "a list": "- a",
    "a heading": "= a",
    "a link": "https://member.example/x",
    "reading a file": '#read("/etc/passwd")',
    "JSON": '","title":"x',
    "an end of line": "a b",
}


@pytest.mark.parametrize("name", NASTY.values(), ids=NASTY.keys())
def test_a_name_is_never_read_as_markup(printer: TypstPrinter, name: str) -> None:
    nasty = replace(SHEET, institution=name, title=name, lead=name, rows=[(name, name)], notes=[name], foot=name)
    read = read_pdf(printer.print(nasty))
    assert "".join(read.text.split()) == "".join(name.split()) * 7
    assert read.title == name


def test_every_korean_syllable_has_a_shape(printer: TypstPrinter) -> None:
    syllables = "".join(chr(code) for code in range(0xAC00, 0xD7A4))
    lines = [syllables[start : start + 600] for start in range(0, len(syllables), 600)]
    read = [read_pdf(printer.print(replace(SHEET, notes=[line], foot="-"))).text for line in lines]
    told = "".join("".join(text.split(SHEET.rows[-1][1])[1].split()).removesuffix("-") for text in read)
    assert told == syllables


def test_the_code_is_large_and_its_picture_has_a_name_and_says_the_same(printer: TypstPrinter) -> None:
    made = printer.print(replace(SHEET, code=CODE))
    read = read_pdf(made)
    assert "K7MQ 2PX4" in read.text
    assert read.names == (CODE.picture_name,)
    page = pypdfium2.PdfDocument(made)[0].render(scale=2).to_pil()
    assert [one.text for one in zxingcpp.read_barcodes(page)] == ["K7MQ2PX4"]


def test_the_same_sheet_of_the_same_moment_is_the_same_file(printer: TypstPrinter) -> None:
    assert printer.print(SHEET) == printer.print(SHEET)


def test_a_process_that_died_is_told_of_and_the_next_one_prints(printer: TypstPrinter) -> None:
    printer.print(SHEET)
    process = printer._process
    assert process is not None
    process.kill()
    process.wait()
    assert read_pdf(printer.print(SHEET)).title == SHEET.title


def test_a_process_that_hangs_is_ended_at_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    printer = TypstPrinter()
    printer.print(SHEET)
    assert printer._process is not None
    os.kill(printer._process.pid, signal.SIGSTOP)
    monkeypatch.setattr(apart, "_PRINT_S", 0.2)
    with pytest.raises(Unavailable):
        printer.print(SHEET)
    monkeypatch.undo()
    assert printer.print(SHEET)
    printer.close()


def test_a_process_without_a_mended_sheet_goes_on(printer: TypstPrinter) -> None:
    broken = replace(SHEET, code=replace(CODE, picture="not a picture"))
    with pytest.raises(Unavailable):
        printer.print(broken)
    assert printer.print(SHEET)


def test_a_process_is_followed_by_a_new_one_after_so_many_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_SHEETS", 2)
    printer, seen = TypstPrinter(), set()
    for _ in range(5):
        printer.print(SHEET)
        assert printer._process is not None
        seen.add(printer._process.pid)
    assert len(seen) == 3
    printer.close()


def test_it_prints_without_a_network_or_a_cache(printer: TypstPrinter) -> None:
    text = (HERE / "sheet.typ").read_text()
    assert "@preview" not in text
    assert "import" not in text
    assert not (HERE / "packages").exists()


def test_a_face_of_the_institutions_own_is_used_and_ours_for_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no font")
    printer = TypstPrinter(str(tmp_path))
    assert SHEET.title in read_pdf(printer.print(SHEET)).text
    printer.close()


def test_what_others_made_lies_here_unchanged() -> None:
    for file in tomllib.loads((HERE / "vendor.toml").read_text())["file"]:
        assert hashlib.sha256((HERE / file["path"]).read_bytes()).hexdigest() == file["sha256"], file["path"]
    listed = {file["path"] for file in tomllib.loads((HERE / "vendor.toml").read_text())["file"]}
    assert listed == {f"fonts/{path.name}" for path in (HERE / "fonts").iterdir()}
