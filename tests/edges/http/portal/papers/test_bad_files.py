"""Files as attackers and as tired people send them, through the door and the reader that the product has: each gets its
sentence, in both languages, and nothing of it is kept."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image, ImageDraw

from otpward.adapters.documents.apart import ApartReader
from otpward.clerk.limits import count_try
from otpward.core.lifecycle.document import DocumentState
from otpward.core.model.document import Flaw
from otpward.core.policy.rates import UPLOADS_PER_MEMBER
from otpward.edges.http import uploads as room
from otpward.edges.http.documents_words import FLAWS
from otpward.edges.http.pages import Pages
from otpward.edges.http.uploads import Uploads
from tests.adapters.documents import files
from tests.edges.http.portal.papers.sending import UPLOAD, newest, read, upload
from tests.edges.http.portal.seated import Story

BAD = {
    "a zip bomb": (files.archive(), Flaw.ARCHIVE),
    "a zip bomb that begins as a photo": (files.photo(text="PASSPORT") + files.archive(), Flaw.TWO_KINDS),
    "a photo that is a page as well": (files.photo(text="PASSPORT") + b"<script>alert(1)</script>", Flaw.TWO_KINDS),
    "a drawing": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', Flaw.DRAWING),
    "a PDF with a password": (files.pdf_with_password(), Flaw.PASSWORD),
    "30,000 x 30,000": (files.png_saying(30_000, 30_000), Flaw.TOO_MANY_PIXELS),
    "a text named .jpg": (b"Dear bank,\nhere is my ID.\n" * 40, Flaw.TYPE),
    "a photo of an iPhone": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 400, Flaw.PHONE_FORMAT),
    "a photo of nothing": (files.photo(), Flaw.NOTHING_ON_IT),
    "a photo cut short": (files.photo(text="PASSPORT")[:900], Flaw.UNREADABLE),
    "a thousand pages": (files.pdf(1000), Flaw.TOO_MANY_PAGES),
}


@pytest.fixture(scope="module")
def eyes() -> Iterator[ApartReader]:
    made = ApartReader()
    yield made
    made.close()


@pytest.mark.parametrize(("file", "flaw"), BAD.values(), ids=BAD.keys())
def test_a_bad_file_is_told_what_is_wrong_with_it(
    browser: Any, story: Story, uploads: Uploads, pages: Pages, eyes: ApartReader, file: bytes, flaw: Flaw
) -> None:
    uploads.reader = eyes
    upload(browser, file, name="IMG_0001.jpg")
    uploads._thread.submit(lambda: None).result(timeout=60)
    assert (newest(story).state, newest(story).flaw) == (DocumentState.REFUSED, flaw)
    for lang in ("ko", "en"):
        shown = browser.get(f"{UPLOAD}/{newest(story).id}?lang={lang}")
        assert shown.status_code == 422
        assert plain(shown.text).count(pages.words(lang)._(FLAWS[flaw])) == 2
    rows = story.sample.house.look(story.member.institution_id, lambda uow: uow.document_pages.count())
    assert (rows, uploads._free) == (0, room.AT_ONCE)


def plain(text: str) -> str:
    return text.replace("&#39;", "'").replace("&gt;", ">")


def test_the_place_where_a_photo_was_taken_is_not_kept(browser: Any, story: Story, uploads: Uploads, eyes: ApartReader) -> None:
    uploads.reader = eyes
    picture = Image.new("RGB", (1000, 640), "white")
    ImageDraw.Draw(picture).text((60, 100), "REPUBLIC OF KOREA\nPASSPORT YESI\nGYEONBON 2031", fill=0, font_size=56)
    exif = Image.Exif()
    exif[0x010F] = "CAMERA-OF-A-PERSON"
    exif.get_ifd(0x8825)[2] = files.PLACE[0]
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif)
    read(browser, story, uploads, file=out.getvalue())
    assert newest(story).state is DocumentState.BY_HAND
    kept = browser.get(f"{UPLOAD}/{newest(story).id}/page/0").content
    assert kept.startswith(b"\xff\xd8\xff")
    assert b"Exif" not in kept
    assert b"CAMERA-OF-A-PERSON" not in kept


def test_who_sends_many_is_told_when_to_come_again(browser: Any, story: Story, uploads: Uploads) -> None:

    def so_many(desk: Any) -> None:
        with desk.uow as uow:
            for _ in range(UPLOADS_PER_MEMBER.limit):
                count_try("upload", str(story.member.id), UPLOADS_PER_MEMBER, desk=desk)
            uow.commit()

    story.sample.house.do(story.member.institution_id, so_many)
    answer = upload(browser)
    assert answer.status_code == 429
    assert "You have sent many pictures" in answer.text
    assert 0 < int(answer.headers["retry-after"]) <= 3600
    assert uploads._free == room.AT_ONCE
