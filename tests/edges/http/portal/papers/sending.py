"""What a browser does to send a picture of a paper."""

import re
from typing import Any

from otpward.core.model.document import Document
from otpward.edges.http.uploads import Uploads
from tests.edges.http.portal.seated import Story

UPLOAD = "/apply/documents/id_card"
FILE = b"the octets as they were sent"


def by_post(browser: Any) -> None:
    where = browser.send(browser.get("/apply/delivery"), "/apply/delivery", how="post")
    browser.send(where, "/apply/delivery?how=post", postcode="04524", street="1 Sejong-daero")


def csrf_of(text: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', text)
    assert found
    return found.group(1)


def upload(browser: Any, file: bytes = FILE, *, lang: str = "en", name: str = "a.jpg", **fields: str) -> Any:
    form = browser.get(f"{UPLOAD}?lang={lang}")
    data = {"csrf": csrf_of(form.text), "paper": "passport", **fields}
    return browser.post(
        UPLOAD, data, files={"photo": ("", b"", "application/octet-stream"), "file": (name, file, "image/jpeg")}
    )


def newest(story: Story) -> Document:
    found = story.sample.house.look(story.member.institution_id, lambda uow: uow.documents.first(order="-sent_at"))
    assert found is not None
    return found


def read(browser: Any, story: Story, uploads: Uploads, **fields: Any) -> Any:
    """Send a picture, wait until it was read, and look at its page."""
    answer = upload(browser, **fields)
    uploads._thread.submit(lambda: None).result(timeout=10)
    return (
        browser.get(f"{UPLOAD}/{newest(story).id}", params={"lang": fields.get("lang", "en")}) if answer.is_success else answer
    )


def kept(browser: Any, story: Story, uploads: Uploads) -> Document:
    shown = read(browser, story, uploads)
    browser.send(shown, f"{UPLOAD}/{newest(story).id}/keep")
    return newest(story)
