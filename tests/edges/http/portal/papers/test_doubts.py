"""What is doubted is asked, and what is harmful is refused: through the door, with nothing half kept."""

from datetime import timedelta
from typing import Any

import pytest

from otpward.adapters.documents.clamd import ClamdScanner
from otpward.adapters.documents.scanned import ScannedReader
from otpward.core.lifecycle.document import DocumentState
from otpward.core.model.document import Flaw
from otpward.edges.http import uploads as room
from otpward.edges.http.uploads import Uploads
from otpward.ports.documents import ReadPaper
from tests.edges.http.portal.papers.sending import UPLOAD, newest, read
from tests.edges.http.portal.seated import Story
from tests.fakes.clamd import EICAR, clamd
from tests.fakes.reader import SetReader, page


@pytest.mark.parametrize(
    ("lang", "asked", "tick"),
    [
        pytest.param("en", "Is this the right paper?", "It is the right paper: Passport", id="en"),
        pytest.param("ko", "맞는 서류인가요?", "맞는 서류입니다: 여권", id="ko"),
    ],
)
def test_what_seems_to_be_another_paper_is_kept_only_if_the_member_says_it_is_right(
    browser: Any, story: Story, uploads: Uploads, reader: SetReader, lang: str, asked: str, tick: str
) -> None:
    reader.says = ReadPaper(pages=[page()], sure=True, another=True)
    shown = read(browser, story, uploads, lang=lang)
    assert shown.status_code == 200, "a question and no refusal"
    assert asked in shown.text
    assert tick in shown.text
    here = f"{UPLOAD}/{newest(story).id}"
    unsaid = browser.send(shown, f"{here}/keep")
    assert unsaid.status_code == 422
    assert newest(story).state is DocumentState.READ
    browser.send(unsaid, f"{here}/keep", right="yes")
    assert (newest(story).state, newest(story).flaw) == (DocumentState.KEPT, Flaw.ANOTHER_PAPER)


def test_two_doubts_are_said_at_once_and_what_was_ticked_stays(
    browser: Any, story: Story, uploads: Uploads, reader: SetReader
) -> None:
    reader.says = ReadPaper(pages=[page()], sure=False, another=True)
    shown = read(browser, story, uploads)
    here = f"{UPLOAD}/{newest(story).id}"
    neither = browser.send(shown, f"{here}/keep")
    assert neither.text.count("Tick this if it is the right paper") == 2
    assert neither.text.count("Tick this when you see no number any more") == 2
    one = browser.send(neither, f"{here}/keep", right="yes")
    assert "Tick this if it is the right paper" not in one.text
    assert 'name="right" value="yes" checked' in one.text
    browser.send(one, f"{here}/keep", right="yes", looked="yes")
    assert newest(story).state is DocumentState.KEPT


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [("en", "A virus was found in the file. Nothing of it was kept."), ("ko", "파일에서 바이러스를 찾았습니다.")],
)
def test_the_test_virus_is_refused_and_nothing_of_it_is_kept(
    browser: Any, story: Story, uploads: Uploads, reader: SetReader, lang: str, sentence: str
) -> None:
    with clamd() as daemon:
        uploads.reader = ScannedReader(reader, ClamdScanner(daemon.address))
        shown = read(browser, story, uploads, file=b"\xff\xd8\xff" + EICAR, lang=lang)
    assert shown.status_code == 422
    assert shown.text.count(sentence) == 2
    assert reader.came == [], "it was never opened"
    nothing_kept(story, uploads)


def test_without_the_scanner_the_picture_is_not_taken_and_can_be_sent_again(
    browser: Any, story: Story, uploads: Uploads, reader: SetReader, clock: Any
) -> None:
    uploads.reader = ScannedReader(reader, ClamdScanner("tcp://127.0.0.1:1"))
    shown = read(browser, story, uploads)
    assert shown.text.count("could not be checked for viruses just now") == 2
    nothing_kept(story, uploads)
    clock.at += timedelta(minutes=1)
    with clamd() as daemon:
        uploads.reader = ScannedReader(reader, ClamdScanner(daemon.address))
        assert "Is everything covered?" in read(browser, story, uploads).text


def nothing_kept(story: Story, uploads: Uploads) -> None:
    assert newest(story).state is DocumentState.REFUSED
    pages = story.sample.house.look(story.member.institution_id, lambda uow: uow.document_pages.count())
    assert (pages, uploads._free) == (0, room.AT_ONCE)
