"""Sending a picture of a paper, page by page, as a browser without script does."""

import html
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from tempfile import SpooledTemporaryFile
from threading import Event
from typing import Any

import pytest

from otpward.core.audit import AuditEvent
from otpward.core.formats.picture import OCTETS
from otpward.core.lifecycle.document import DocumentState
from otpward.core.model.case import Documents
from otpward.core.model.document import Flaw
from otpward.core.policy.papers import Paper
from otpward.core.secret import PersonalOctets
from otpward.edges.http import uploads as room
from otpward.edges.http.app import build_app
from otpward.edges.http.assets import Assets
from otpward.edges.http.cookies import Cookies
from otpward.edges.http.documents_words import FLAWS
from otpward.edges.http.front import Front
from otpward.edges.http.intake import PLACES
from otpward.edges.http.pages import Pages
from otpward.edges.http.uploads import Uploads
from otpward.ports.documents import ReadPaper
from otpward.ports.judging import Judging
from tests.edges.http.conftest import Browser
from tests.edges.http.console.staffed import sit
from tests.edges.http.portal.papers.sending import FILE, UPLOAD, by_post, csrf_of, kept, newest, read, upload
from tests.edges.http.portal.seated import Story, seat
from tests.fakes.reader import MORE, PICTURE, SetReader, page
from tests.fakes.sample import Sample


def test_a_picture_goes_from_the_choice_to_the_application(
    browser: Any, story: Story, uploads: Uploads, reader: SetReader
) -> None:
    listed = browser.get("/apply/documents?lang=en")
    assert "An ID card" in listed.text
    assert UPLOAD in listed.text
    shown = read(browser, story, uploads)
    assert reader.came == [(FILE, Paper.PASSPORT)]
    assert "Is everything covered?" in shown.text
    assert "2 places are covered." in shown.text
    document = newest(story)
    picture = browser.get(f"{UPLOAD}/{document.id}/page/0")
    assert (picture.content, picture.headers["content-type"]) == (PICTURE, "image/jpeg")
    assert picture.headers["cache-control"] == "no-store"
    tasks = browser.send(shown, f"{UPLOAD}/{document.id}/keep")
    assert tasks.url.path == "/apply/documents"
    assert "A picture was sent" in tasks.text
    assert story.case.documents is Documents.SENT


def test_a_picture_that_was_sent_stays_however_the_device_travels(browser: Any, story: Story, uploads: Uploads) -> None:
    kept(browser, story, uploads)
    where = browser.send(browser.get("/apply/delivery"), "/apply/delivery", how="branch")
    browser.send(where, "/apply/delivery?how=branch", branch=str(story.sample.branch.id))
    assert story.case.documents is Documents.SENT


def test_while_it_is_read_the_page_says_so_and_comes_again(browser: Any, story: Story, uploads: Uploads) -> None:
    gate = Event()
    uploads._thread.submit(gate.wait)
    shown = upload(browser)
    assert "We are covering the numbers" in shown.text
    assert shown.headers["refresh"].startswith("2;url=/apply/documents/id_card/")
    gate.set()


def test_a_reading_that_never_ended_says_so(browser: Any, story: Story, uploads: Uploads, clock: Any) -> None:
    gate = Event()
    uploads._thread.submit(gate.wait)
    where = upload(browser).url.path
    clock.at += timedelta(minutes=3)
    assert FLAWS[Flaw.TOO_HEAVY] in browser.get(where).text
    gate.set()


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("flaw", [one for one in Flaw if one is not Flaw.NONE_CHOSEN])
def test_every_flaw_has_its_sentence_beside_the_field_and_in_the_summary(
    browser: Any, story: Story, uploads: Uploads, reader: SetReader, pages: Pages, flaw: Flaw, lang: str
) -> None:
    reader.says = flaw
    shown = read(browser, story, uploads, lang=lang)
    assert shown.status_code == 422
    assert html.unescape(shown.text).count(pages.words(lang)._(FLAWS[flaw])) == 2


def test_every_flaw_has_a_sentence_of_its_own() -> None:
    assert set(FLAWS) == set(Flaw)
    assert len(set(FLAWS.values())) == len(Flaw)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({"file": b"", "name": ""}, "Take a photo or choose a file", id="nothing chosen"),
        pytest.param({"file": b""}, "The file is empty", id="0 octets"),
        pytest.param({"paper": ""}, "Choose which paper it is", id="no kind"),
        pytest.param({"paper": "diary"}, "Choose which paper it is", id="a kind that is none"),
    ],
)
def test_what_is_missing_is_said(browser: Any, story: Story, uploads: Uploads, fields: dict[str, Any], words: str) -> None:
    shown = upload(browser, **fields)
    assert shown.status_code == 422
    assert words in shown.text
    assert uploads._free == room.AT_ONCE


def test_a_file_that_is_too_big_is_said_to_be_and_takes_no_room(browser: Any, story: Story, uploads: Uploads) -> None:
    shown = upload(browser, b"x" * (OCTETS + 100_000))
    assert shown.status_code == 413
    assert "larger than 10 MB" in shown.text
    assert uploads._free == room.AT_ONCE


def test_a_form_from_elsewhere_is_refused_and_takes_no_room(browser: Any, story: Story, uploads: Uploads) -> None:
    forged = browser.post(UPLOAD, {"csrf": "0" * 40, "paper": "passport"}, files={"file": ("a.jpg", FILE, "image/jpeg")})
    assert forged.status_code == 403
    assert uploads._free == room.AT_ONCE


def test_five_hundred_at_once_find_room_or_are_asked_to_come_again(browser: Any, story: Story, uploads: Uploads) -> None:
    gate = Event()
    uploads._thread.submit(gate.wait)
    uploads._free = 20_000
    form = csrf_of(browser.get(f"{UPLOAD}?lang=en").text)

    def one(_number: int) -> Any:
        return browser.post(UPLOAD, {"csrf": form, "paper": "passport"}, files={"file": ("a.jpg", b"x" * 4000, "image/jpeg")})

    with ThreadPoolExecutor(16) as many:
        answers = list(many.map(one, range(500)))
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {200, 503}
    assert statuses.count(200) == 4
    crowded = next(answer for answer in answers if answer.status_code == 503)
    assert "send it again in half a minute" in crowded.text
    assert crowded.headers["retry-after"] == "30"
    gate.set()
    uploads._thread.submit(lambda: None).result(timeout=30)
    assert uploads._free == 20_000


def test_however_small_they_are_so_many_wait_as_are_read_in_time(browser: Any, story: Story, uploads: Uploads) -> None:
    gate = Event()
    uploads._thread.submit(gate.wait)
    form = csrf_of(browser.get(f"{UPLOAD}?lang=en").text)
    fields = {"csrf": form, "paper": "passport"}
    answers = [browser.post(UPLOAD, fields, files={"file": ("a.jpg", b"x", "image/jpeg")}) for _ in range(PLACES + 1)]
    assert [one.status_code for one in answers] == [*([200] * PLACES), 503]
    gate.set()
    uploads._thread.submit(lambda: None).result(timeout=30)
    assert (uploads._free, uploads._places) == (room.AT_ONCE, PLACES)


def test_what_browsers_may_choose_begins_with_jpeg_and_names_no_heic(browser: Any, story: Story, uploads: Uploads) -> None:
    # iPhones send JPEG then, and Safari on a Mac turns a HEIC photo into the first kind that is named.
    accepted = re.findall(r'type="file"[^>]* accept="([^"]+)"', browser.get(UPLOAD).text)
    assert len(accepted) == 2
    assert all(one.startswith("image/jpeg,") and "hei" not in one and "*" not in one for one in accepted)


def test_strangers_take_up_no_room(browser: Any, story: Story, uploads: Uploads) -> None:
    uploads._free = 0
    browser._client.cookies.delete("otpward-portal")
    sent = browser.post(UPLOAD, {"csrf": "x"}, files={"file": ("a.jpg", FILE, "image/jpeg")}, follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, "/prove?for=apply")


def test_where_the_reader_was_not_sure_the_member_covers_and_says_they_looked(
    browser: Any, story: Story, uploads: Uploads, reader: SetReader
) -> None:
    reader.says = ReadPaper(pages=[page()], sure=False)
    shown = read(browser, story, uploads)
    assert "Cover the numbers yourself" in shown.text
    here = f"{UPLOAD}/{newest(story).id}"
    refused = browser.send(shown, f"{here}/keep")
    assert refused.status_code == 422
    assert refused.text.count("Tick this when you see no number any more") == 2
    nothing = browser.post(f"{here}/cover", {"csrf": csrf_of(shown.text), "seen": "1"})
    assert "Tick the squares that are to be covered" in nothing.text
    fields = {"csrf": csrf_of(shown.text), "seen": str(newest(story).version)}
    covered = browser.post(f"{here}/cover", {**fields, "cell": ["0-2-3", "0-2-4", "0-99-1", "x"]})
    assert [(round(one.left, 2), round(one.top, 2)) for one in reader.patches] == [(0.23, 0.2), (0.31, 0.2)]
    assert browser.get(f"{here}/page/0").content == MORE
    browser.send(covered, f"{here}/keep", looked="yes")
    assert (newest(story).state, newest(story).by_hand) == (DocumentState.KEPT, True)


def test_squares_that_were_ticked_are_covered_before_the_picture_is_kept(
    browser: Any, story: Story, uploads: Uploads, reader: SetReader
) -> None:
    shown = read(browser, story, uploads)
    here = f"{UPLOAD}/{newest(story).id}"
    browser.send(shown, f"{here}/keep", cell="0-1-1")
    assert newest(story).state is DocumentState.READ
    assert len(reader.patches) == 1


def test_a_picture_that_was_covered_meanwhile_is_not_kept_unseen(
    browser: Any, story: Story, uploads: Uploads, reader: SetReader
) -> None:
    shown = read(browser, story, uploads)
    here = f"{UPLOAD}/{newest(story).id}"
    browser.send(shown, f"{here}/keep", cell="0-1-1")
    browser.send(shown, f"{here}/keep")
    assert newest(story).state is DocumentState.READ


def test_taking_it_anew_erases_it(browser: Any, story: Story, uploads: Uploads) -> None:
    shown = read(browser, story, uploads)
    here = f"{UPLOAD}/{newest(story).id}"
    assert browser.send(shown, f"{here}/drop").url.path == UPLOAD
    assert newest(story).state is DocumentState.ERASED
    assert browser.get(f"{here}/page/0").status_code == 404
    assert "This picture was erased" in browser.get(f"{here}?lang=en").text


@pytest.mark.parametrize("path", ["", "/page/0"])
def test_somebody_elses_picture_is_not_found(browser: Any, story: Story, uploads: Uploads, path: str) -> None:
    here = f"{UPLOAD}/{kept(browser, story, uploads).id}"
    stranger = Story(story.sample, story.sample.other)
    seat(browser, stranger)
    stranger.draft()
    assert browser.get(here + path).status_code == 404


def test_without_a_reader_there_is_only_the_counter(sample: Sample, pages: Pages, judging: Judging) -> None:
    front = Front(house=sample.house, pages=pages, institution=lambda: sample.institution, cookies=Cookies(secure=False))
    app = build_app(front, Assets(), judging=judging, ready=lambda: True)
    browser = Browser(app)
    story = Story(sample, sample.member)
    seat(browser, story)
    story.draft()
    browser.send(browser.get("/apply/reason"), "/apply/reason", reason="faulty")
    by_post(browser)
    assert UPLOAD not in browser.get("/apply/documents").text
    assert browser.get(UPLOAD).status_code == 404
    browser.close()


def test_staff_say_why_before_they_see_it(browser: Any, story: Story, uploads: Uploads) -> None:
    document = kept(browser, story, uploads)
    sit(browser, story.sample)
    case = f"/console/cases/{story.case.number}"
    here = f"{case}/documents/{document.id}"
    assert here in browser.get(case).text
    asked = browser.get(here)
    assert "Why do you open it?" in asked.text
    assert browser.get(f"{here}/0").status_code == 404
    assert browser.get(f"{here}/0?pass={'0' * 40}").status_code == 404
    assert "Choose why you open it" in browser.send(asked, here).text
    assert "Write why" in browser.send(asked, here, reason="other").text
    shown = browser.send(asked, here, reason="check")
    address = re.search(r'src="([^"]+/0\?pass=[0-9a-f]+)"', shown.text)
    assert address
    assert browser.get(address.group(1)).content == PICTURE
    turned = browser.get(f"{shown.url}&zoom=2&turn=90")
    assert 'class="z2 r90"' in turned.text
    lines = story.sample.house.look(
        story.member.institution_id, lambda uow: uow.audit.find(event=AuditEvent.DOCUMENT_SEEN, limit=10)
    )
    assert [line.detail for line in lines] == [{"reason": "check"}]


def test_what_was_opened_closes_again(browser: Any, story: Story, uploads: Uploads, clock: Any) -> None:
    document = kept(browser, story, uploads)
    sit(browser, story.sample)
    here = f"/console/cases/{story.case.number}/documents/{document.id}"
    shown = browser.send(browser.get(here), here, reason="check")
    clock.at += timedelta(minutes=31)
    sit(browser, story.sample)
    assert "Why do you open it?" in browser.get(str(shown.url)).text


def test_the_file_as_it_was_sent_is_in_no_row_and_no_file(browser: Any, story: Story, uploads: Uploads, tmp_path: Path) -> None:
    kept(browser, story, uploads)
    for file in tmp_path.rglob("*"):
        octets = file.read_bytes() if file.is_file() else b""
        assert FILE not in octets
        assert PICTURE not in octets, "the covered picture is sealed as well"


def test_a_file_on_its_way_in_is_in_memory_only(
    browser: Any, story: Story, uploads: Uploads, reader: SetReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def to_disk(_file: Any) -> None:
        raise AssertionError("it would have been written to a temporary file")

    monkeypatch.setattr(SpooledTemporaryFile, "rollover", to_disk)
    large = b"x" * (OCTETS - 1000)
    read(browser, story, uploads, file=large)
    assert [len(octets) for octets, _ in reader.came] == [len(large)]


def test_octets_of_a_person_print_as_dots() -> None:
    assert repr(PersonalOctets(PICTURE)) == "PersonalOctets(•••)"
