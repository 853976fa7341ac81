"""Receipts and passes as PDF: the words of their pages, for whoever may see those, and a queue that has an end."""

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from html import unescape

import pytest

from otpward.adapters.pdf.printer import TypstPrinter
from otpward.core.errors import Unavailable
from otpward.core.model.case import Delivery
from otpward.core.model.member import Level
from otpward.edges.http.app import build_app
from otpward.edges.http.assets import Assets
from otpward.edges.http.cookies import Cookies
from otpward.edges.http.front import Front
from otpward.edges.http.pages import Pages
from otpward.edges.http.prints import Prints
from otpward.ports.judging import Judging
from otpward.ports.printer import Printable
from tests.adapters.pdf.accessibility import faults_of
from tests.adapters.pdf.reading import read_pdf
from tests.edges.http.conftest import Browser
from tests.edges.http.portal.seated import Story, seat
from tests.edges.http.portal.test_report_loss import fill, number_of
from tests.fakes.sample import Sample


class SlowPrinter:
    """Prints nothing until it is let; then what it was told."""

    def __init__(self) -> None:
        self.go = threading.Event()

    def print(self, sheet: Printable) -> bytes:
        self.go.wait(20)
        return sheet.title.encode()

    def close(self) -> None:
        self.go.set()


class BrokenPrinter(SlowPrinter):
    """Never prints."""

    def print(self, sheet: Printable) -> bytes:
        raise Unavailable("no paper")


Open = Callable[[Prints | None], Browser]


@pytest.fixture(scope="module")
def printer() -> Iterator[TypstPrinter]:
    made = TypstPrinter()
    yield made
    made.close()


@pytest.fixture
def open_door(sample: Sample, pages: Pages, judging: Judging) -> Iterator[Open]:
    """A browser before a door with this printer."""
    opened: list[Browser] = []

    def make(prints: Prints | None) -> Browser:
        front = Front(
            house=sample.house,
            pages=pages,
            institution=lambda: sample.institution,
            cookies=Cookies(secure=False),
            public_url="http://127.0.0.1",
            prints=prints,
        )
        opened.append(Browser(build_app(front, Assets(), judging=judging, ready=lambda: True)))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def here(open_door: Open, printer: TypstPrinter) -> Browser:
    return open_door(Prints(printer))


def words_of(page: str) -> str:
    """What a page says, without its elements."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.split("<main", 1)[1])).split())


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_receipt_of_a_report_says_what_its_page_says(here: Browser, lang: str) -> None:
    page = fill(here, path=f"/report-loss?lang={lang}")
    number = number_of(page)
    answer = here.get(f"/report-loss/{number}/receipt.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="{number}.pdf"'
    assert answer.headers["cache-control"] == "no-store"
    read = read_pdf(answer.content)
    assert faults_of(answer.content, lang=lang, title=read.title) == []
    said = " ".join(read.text.split())
    rows = re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", page.text)
    facts = [unescape(re.sub(r"<[^>]+>", "", part)) for row in rows for part in row]
    assert len(facts) == 4
    for words in [read.title, *facts]:
        assert words in said
        assert words in words_of(page.text)
    assert re.search(r"\d\d:\d\d:\d\d (대한민국 표준시|KST)", said)


def test_the_page_offers_the_pdf_and_says_how_to_print_where_there_is_none(here: Browser, open_door: Open) -> None:
    page = fill(here)
    assert f'href="/report-loss/{number_of(page)}/receipt.pdf"' in page.text
    assert "print this page" not in page.text
    bare = fill(open_door(None))
    assert "receipt.pdf" not in bare.text
    assert "print this page" in bare.text


def test_without_a_printer_the_address_does_not_exist(open_door: Open) -> None:
    browser = open_door(None)
    assert browser.get(f"/report-loss/{number_of(fill(browser))}/receipt.pdf").status_code == 404


def test_the_receipt_of_a_report_is_for_the_browser_that_made_it(here: Browser, open_door: Open, printer: TypstPrinter) -> None:
    number = number_of(fill(here))
    assert open_door(Prints(printer)).get(f"/report-loss/{number}/receipt.pdf").status_code == 404


def test_the_receipt_of_an_application_says_what_its_page_says(here: Browser, sample: Sample) -> None:
    story = Story(sample, sample.member)
    case = story.sent(Delivery.BRANCH)
    seat(here, story)
    address = f"/cases/{case.number}/receipt.pdf"
    done = here.get(f"/apply/done?case={case.number}&lang=en").text
    assert address in done
    assert address in here.get(f"/cases/{case.number}").text
    made = here.get(address).content
    read = read_pdf(made)
    assert faults_of(made, lang="en", title=read.title) == []
    said = " ".join(read.text.split())
    rows = re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", done)
    assert rows
    for row in rows:
        assert " ".join(unescape(re.sub(r"<[^>]+>", "", part)) for part in row) in said
    assert "It is broken" in said


def test_an_application_that_was_not_sent_has_no_receipt(here: Browser, sample: Sample) -> None:
    story = Story(sample, sample.member)
    case = story.draft()
    seat(here, story)
    assert here.get(f"/cases/{case.number}/receipt.pdf").status_code == 404
    assert "receipt.pdf" not in here.get(f"/cases/{case.number}").text


def test_the_pass_carries_the_code_large_and_as_a_named_picture(here: Browser, sample: Sample) -> None:
    story = Story(sample, sample.member)
    case = story.ready_to_collect("SN-02")
    seat(here, story)
    page = here.get(f"/cases/{case.number}/pick-up?lang=en").text
    assert f"/cases/{case.number}/pick-up.pdf" in page
    made = here.get(f"/cases/{case.number}/pick-up.pdf").content
    read = read_pdf(made)
    assert faults_of(made, lang="en", title=read.title) == []
    found = re.search(r"[2-9A-Z]{4} [2-9A-Z]{4}", read.text)
    assert found
    assert found.group() in words_of(page)
    assert read.names == ("Pick-up code as a QR code",)
    assert "Head Office, Seoul" in read.text


def test_a_pass_is_there_only_while_something_waits(here: Browser, sample: Sample) -> None:
    story = Story(sample, sample.member)
    case = story.sent(Delivery.BRANCH)
    seat(here, story)
    assert here.get(f"/cases/{case.number}/pick-up.pdf").url.path == f"/cases/{case.number}"


@pytest.mark.parametrize("sheet", ["receipt.pdf", "pick-up.pdf"])
def test_a_sheet_of_somebody_elses_is_no_sheet(here: Browser, sample: Sample, sheet: str) -> None:
    case = Story(sample, sample.other).ready_to_collect("SN-02")
    seat(here, Story(sample, sample.member))
    assert here.get(f"/cases/{case.number}/{sheet}").status_code == 404


@pytest.mark.parametrize("sheet", ["receipt.pdf", "pick-up.pdf"])
def test_who_only_looks_proves_first(here: Browser, sample: Sample, sheet: str) -> None:
    story = Story(sample, sample.member)
    case = story.ready_to_collect("SN-02")
    seat(here, story, Level.SEEN)
    answer = here.get(f"/cases/{case.number}/{sheet}")
    assert answer.history[0].headers["location"] == "/prove?for=follow"


def test_a_pdf_that_cannot_be_made_is_a_sentence_with_the_way_back(open_door: Open) -> None:
    browser = open_door(Prints(BrokenPrinter()))
    number = number_of(fill(browser))
    answer = browser.get(f"/report-loss/{number}/receipt.pdf")
    assert answer.status_code == 503
    assert "The PDF could not be made" in answer.text
    assert f'href="/report-loss/{number}"' in answer.text


def test_500_at_once_are_printed_or_asked_to_come_again(open_door: Open) -> None:
    slow = SlowPrinter()
    browser = open_door(Prints(slow, waiting=20))
    number = number_of(fill(browser))
    with ThreadPoolExecutor(max_workers=60) as crowd:
        answers = [crowd.submit(browser.get, f"/report-loss/{number}/receipt.pdf") for _ in range(500)]
        refused = next(one.result() for one in as_completed(answers))
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "5"
        assert "Try again in a few seconds" in refused.text
        assert browser.get("/?lang=en").status_code == 200  # nobody who waits holds up another page
        slow.go.set()
        statuses = [one.result().status_code for one in answers]
    assert set(statuses) == {200, 503}
    assert browser.get(f"/report-loss/{number}/receipt.pdf").status_code == 200
