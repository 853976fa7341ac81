"""Labels and letters as PDF: fourteen a page, with bars that a scanner reads, accessible, and nothing to misuse."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pypdfium2
import pytest
import zxingcpp

from otpward.adapters.pdf.printer import TypstPrinter
from otpward.core.formats.code128 import draw
from otpward.core.ids import CaseId
from otpward.core.model.case import Delivery
from otpward.edges.http.envelopes import Box, box_of
from otpward.edges.http.mail_papers import PER_PAGE, label_sheet, letter_sheet
from otpward.edges.http.pages import Pages
from otpward.ports.printer import Label, LabelSheet
from otpward.services.deliver.make_batch import MakeBatch, make_batch
from otpward.services.deliver.number_parcel import NumberParcel, number_parcel
from tests.adapters.pdf.accessibility import faults_of
from tests.fakes.sample import Sample
from tests.services.walk import Walk

AT = datetime(2026, 11, 23, 7, 40, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def printer() -> Iterator[TypstPrinter]:
    made = TypstPrinter()
    yield made
    made.close()


@pytest.fixture
def box(sample: Sample) -> Box:
    walk = Walk(sample)
    case = walk.reserve(walk.approved(Delivery.POST), "SN-02")
    ask = MakeBatch(case_ids=[CaseId(case.id)], branch_id=walk.sample.branch.id, operator=walk.operator)
    batch = walk.do(lambda desk: make_batch(ask, desk=desk)).batch
    number = NumberParcel(batch=batch.number, position=1, tracking_number="6012345678901", operator=walk.operator)
    walk.do(lambda desk: number_parcel(number, desk=desk))
    return walk.look(lambda uow: box_of(batch, uow=uow))


def pages_of(octets: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(octets)
    return [page.get_textpage().get_text_range() for page in document]


def bars_on(octets: bytes, page: int = 0) -> list[str]:
    image = pypdfium2.PdfDocument(octets)[page].render(scale=300 / 72).to_pil()
    return [one.text for one in zxingcpp.read_barcodes(image)]


def labels(count: int, first: int = 1) -> LabelSheet:
    """So many labels, with numbers of their own."""
    numbers = [str(6012345600000 + place) for place in range(count)]
    made = [
        Label(
            sender="한빛기관",
            kind="본인지정 등기",
            address=("서울특별시 중구 세종대로 110", "시청 1층 (태평로1가)"),
            postcode="04524",
            name=f"홍길동{place} 님",
            number=number,
            bars=draw(number, height=20),
            said=f"바코드 {number}",
            place=str(place + 1),
        )
        for place, number in enumerate(numbers)
    ]
    return LabelSheet(lang="ko", institution="한빛기관", title="주소 라벨", labels=made, first=first, at=AT)


def test_a_label_has_address_name_and_number_and_no_serial(
    printer: TypstPrinter, box: Box, pages: Pages, sample: Sample
) -> None:
    sheet = label_sheet(box.envelopes, box, pages.words("ko"), sample.institution, first=1, at=AT)
    made = printer.print(sheet)
    text = "".join(pages_of(made))
    for said in ("홍길동", "세종대로 1", "6012345678901", "본인지정 등기"):
        assert said in text
    assert "SN-02" not in text
    assert bars_on(made) == ["6012345678901"]
    assert faults_of(made, lang="ko", title=sheet.title) == []


def test_a_letter_says_what_to_do_and_neither_serial_nor_code(
    printer: TypstPrinter, box: Box, pages: Pages, sample: Sample
) -> None:
    spoken = {lang: pages.words(lang) for lang in ("ko", "en")}
    sheet = letter_sheet(box, spoken, sample.institution, at=AT)
    made = printer.print(sheet)
    text = "".join(pages_of(made))
    assert "SN-02" not in text
    assert "6012345678901" not in text
    assert "아직 사용할 수 없는 상태" in text
    assert bars_on(made) == [box.envelopes[0].case.number]
    assert faults_of(made, lang="ko", title=sheet.title) == []


@pytest.mark.parametrize(
    ("count", "first", "on_pages"), [(14, 1, [14]), (15, 1, [14, 1]), (1, 14, [1]), (2, 14, [1, 1]), (3, 5, [3])]
)
def test_fourteen_stand_on_a_page_and_the_first_where_the_paper_begins(
    printer: TypstPrinter, count: int, first: int, on_pages: list[int]
) -> None:
    made = printer.print(labels(count, first))
    assert [text.count("홍길동") for text in pages_of(made)] == on_pages
    assert labels(1).paper.columns * labels(1).paper.rows == PER_PAGE


def test_words_of_a_label_are_never_markup(printer: TypstPrinter) -> None:
    sheet = labels(1)
    nasty = '#panic("x") *a* $b$ "c" \\ @d'
    one = replace(sheet.labels[0], name=nasty)
    made = printer.print(LabelSheet(lang="ko", institution="-", title="t", labels=[one], at=AT))
    assert nasty.split(maxsplit=1)[0] in pages_of(made)[0]
