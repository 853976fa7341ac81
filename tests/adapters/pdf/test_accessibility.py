"""Every kind of sheet is accessible by a second opinion, which finds what a sheet lacks that was made without care."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import typst

from otpward.adapters.pdf.printer import TypstPrinter
from otpward.core.formats.signature import picture_of
from otpward.edges.http.qr import draw_qr, svg_of
from otpward.ports.printer import Label, LabelSheet, Letter, LetterSheet, Printable, Signature
from tests.adapters.pdf.accessibility import faults_of
from tests.adapters.pdf.test_printer import CODE, SHEET

BARS = svg_of(draw_qr("R-261123-7KQ4M2P"))
LABEL = Label(
    sender="한빛기관",
    kind="등기",
    address=["서울 중구 세종대로 110"],
    postcode="04524",
    name="홍길동",
    number="6012345678901",
    bars=BARS,
    said="6012345678901",
    place="",
)
LETTER = Letter(
    lang="ko",
    sender="한빛기관",
    address=["서울 중구 세종대로 110", "04524"],
    name="홍길동",
    title="새 OTP를 보내 드립니다",
    lead="신청한 OTP입니다.",
    steps=["등록합니다", "번호를 입력합니다"],
    notes=["봉투가 뜯겨 있으면 등록하지 마세요"],
    foot="한빛기관",
    case="R-261123-7KQ4M2P",
    bars=BARS,
    said="신청 번호",
)
SHEETS: dict[str, Printable] = {
    "a receipt": SHEET,
    "a pass with its code": replace(SHEET, code=CODE),
    "a receipt that was signed": replace(
        SHEET, signature=Signature(name="홍길동 서명", picture=picture_of("1,1 9,9;20,1 9,20"))
    ),
    "a receipt to be signed": replace(SHEET, signature=Signature(name="서명")),
    "many rows, two pages": replace(SHEET, rows=[(f"항목 {n}", "내용 " * 8) for n in range(60)]),
    "labels": LabelSheet(lang="ko", institution="한빛기관", title="주소 라벨", labels=[LABEL] * 3, at=SHEET.at),
    "letters": LetterSheet(lang="ko", institution="한빛기관", title="안내문", letters=[LETTER, LETTER], at=SHEET.at),
}


@pytest.fixture(scope="module")
def printer() -> Iterator[TypstPrinter]:
    made = TypstPrinter()
    yield made
    made.close()


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS.keys())
def test_a_sheet_is_whole_for_who_cannot_see_it(printer: TypstPrinter, sheet: Printable) -> None:
    assert faults_of(printer.print(sheet), lang="ko", title=sheet.title) == []


def test_an_english_sheet_says_that_it_is(printer: TypstPrinter) -> None:
    made = printer.print(replace(SHEET, lang="en"))
    assert faults_of(made, lang="en", title=SHEET.title) == []
    assert faults_of(made, lang="ko", title="Another") == [
        "its language is 'en'",
        "its title is another one",
        "its metadata do not hold its title",
    ]


def careless(source: str, **how: Any) -> bytes:
    made = typst.compile(source.encode(), format="pdf", **how)
    assert isinstance(made, bytes)
    return made


PICTURE = (
    '#image(bytes("<svg xmlns=\\"http://www.w3.org/2000/svg\\" width=\\"9\\" height=\\"9\\"><path d=\\"M0 0h9v9z\\"/></svg>"))'
)
DOCUMENT = '#set document(title: "T")\n#set text(lang: "en")\n'


@pytest.mark.parametrize(
    ("source", "how", "fault"),
    [
        pytest.param(f"{DOCUMENT}= T\nwords", {"pdf_tags": False}, "/MarkInfo does not say that it is tagged", id="no tags"),
        pytest.param(f"{DOCUMENT}= T\nwords", {"pdf_tags": False}, "page 1: nothing is in its structure", id="no structure"),
        pytest.param(f"{DOCUMENT}= T\nwords", {}, "its metadata do not name PDF/UA-1", id="no claim"),
        pytest.param('#set text(lang: "en")\n= T', {}, "its title is another one", id="no title"),
        pytest.param(
            '#set document(title: "T")\n#set text(lang: "fr")\n= T', {}, "its language is 'fr'", id="another language"
        ),
        pytest.param(f"{DOCUMENT}= T\n=== deep", {}, "its headings go [1, 3]", id="a level left out"),
        pytest.param(f"{DOCUMENT}== T", {}, "its headings go [2]", id="no first heading"),
        pytest.param(
            f"{DOCUMENT}= T\n{PICTURE}",
            {},
            "page 1: a figure has no alternative text",
            id="a picture without a name",
        ),
    ],
)
def test_a_sheet_made_without_care_is_found_out(source: str, how: dict[str, Any], fault: str) -> None:
    assert fault in faults_of(careless(source, **how), lang="en", title="T")
