"""Staff cover more of a picture or erase it, from the viewer: with a reason, written down, and never their own."""

from dataclasses import replace
from typing import Any

import pytest

from otpward.core.audit import AuditEvent
from otpward.core.ids import MemberId
from otpward.core.lifecycle.document import DocumentState
from otpward.core.model.case import Documents
from otpward.core.model.document import Document
from otpward.core.model.member import Role
from otpward.edges.http.uploads import Uploads
from tests.edges.http.console.staffed import appoint, sit
from tests.edges.http.portal.papers.sending import UPLOAD, kept, newest, read
from tests.edges.http.portal.seated import Story
from tests.fakes.reader import MORE, PICTURE, SetReader


@pytest.fixture
def document(browser: Any, story: Story, uploads: Uploads) -> Document:
    """Kept, in an application that was sent."""
    made = kept(browser, story, uploads)
    story.prove()
    browser.send(browser.get("/apply/review"), "/apply/review")
    sit(browser, story.sample)
    return made


def opened(browser: Any, story: Story, document: Document) -> tuple[str, str]:
    """The viewer's address, and the pass with which its pages open."""
    here = f"/console/cases/{story.case.number}/documents/{document.id}"
    shown = browser.send(browser.get(here), here, reason="check")
    return here, str(shown.url.query.decode())


def lines(story: Story, event: AuditEvent) -> list[Any]:
    return list(story.sample.house.look(story.member.institution_id, lambda uow: uow.audit.find(event=event, limit=10)))


def test_more_is_covered_with_a_reason_and_nothing_of_the_old_picture_stays(
    browser: Any, story: Story, document: Document, reader: SetReader
) -> None:
    here, allowed = opened(browser, story, document)
    assert f"{here}/cover?{allowed}" in browser.get(f"{here}?{allowed}").text
    page = browser.get(f"{here}/cover?{allowed}")
    where = f"{here}/cover?{allowed}"
    nothing = browser.send(page, where)
    assert nothing.text.count("Tick the squares that are to be covered") >= 2
    assert nothing.text.count("Choose why") == 2
    assert "Write why" in browser.send(page, where, cell="0-1-1", reason="other", words="x").text
    done = browser.send(page, where, cell="0-1-1", reason="number")
    assert "Covered. Nothing under it is kept." in done.text
    assert len(reader.patches) == 1
    assert browser.get(f"{here}/0?{allowed}").content == MORE
    [line] = lines(story, AuditEvent.DOCUMENT_COVERED)
    assert line.detail == {"covers": 3, "reason": "number"}
    assert line.actor_id == story.sample.operator.member_id
    assert not newest(story).by_hand, "the member did nothing by hand"


def test_it_is_erased_with_a_reason_and_the_application_says_that_it_is_missing(
    browser: Any, story: Story, document: Document
) -> None:
    here, allowed = opened(browser, story, document)
    where = f"{here}/erase?{allowed}"
    page = browser.get(where)
    assert browser.send(page, where).text.count("Choose why") == 2
    case = browser.send(page, where, reason="other", words="Somebody else's card")
    assert case.url.path == f"/console/cases/{story.case.number}"
    assert "The picture is erased." in case.text
    assert here not in case.text
    assert newest(story).state is DocumentState.ERASED
    assert story.case.documents is Documents.ON_DELIVERY, "it is shown when the parcel comes"
    assert browser.get(f"{here}/0?{allowed}").status_code == 404
    [line] = lines(story, AuditEvent.DOCUMENT_ERASED)
    assert (line.result, line.detail) == ("by_staff", {"reason": "Somebody else's card"})
    found = story.sample.house.look(story.member.institution_id, lambda uow: uow.document_pages.first())
    assert found is not None
    assert found.picture.reveal() == b""


@pytest.mark.parametrize(("act", "fields"), [("cover", {"cell": "0-1-1", "reason": "number"}), ("erase", {"reason": "unfit"})])
def test_what_changed_meanwhile_is_looked_at_again(
    browser: Any, story: Story, document: Document, act: str, fields: dict[str, str]
) -> None:
    here, allowed = opened(browser, story, document)
    first = browser.get(f"{here}/cover?{allowed}")
    late = browser.get(f"{here}/{act}?{allowed}")
    browser.send(first, f"{here}/cover?{allowed}", cell="0-2-2", reason="number")
    refused = browser.send(late, f"{here}/{act}?{allowed}", **fields)
    assert refused.status_code == 422
    assert "The picture has changed meanwhile" in refused.text
    assert (newest(story).state, newest(story).covers) == (DocumentState.KEPT, 3)


@pytest.mark.parametrize("act", ["cover", "erase"])
def test_only_who_opened_it_may_and_nobody_their_own(browser: Any, story: Story, document: Document, act: str) -> None:
    here, allowed = opened(browser, story, document)
    assert browser.get(f"{here}/{act}").status_code == 404
    assert browser.get(f"{here}/{act}?pass={'0' * 40}").status_code == 404
    sit(browser, story.sample, appoint(story.sample, Role.STOCK))
    assert browser.get(f"{here}/{act}?{allowed}").status_code == 403
    sit(browser, story.sample)
    make_own(story, story.sample.operator.member_id)
    assert browser.get(f"{here}/{act}?{allowed}").status_code == 404


def make_own(story: Story, member_id: MemberId) -> None:
    """The picture is the operator's."""

    def change(desk: Any) -> None:
        with desk.uow as uow:
            uow.documents.save(replace(uow.documents.get(newest(story).id), member_id=member_id))
            uow.commit()

    story.sample.house.do(story.member.institution_id, change)


def test_a_picture_that_was_doubted_says_so_to_staff(browser: Any, story: Story, uploads: Uploads, reader: SetReader) -> None:
    reader.says = replace(reader.says, another=True)  # type: ignore[type-var]
    shown = kept_all_the_same(browser, story, uploads)
    sit(browser, story.sample)
    assert "Looked like another paper" in browser.get(f"/console/cases/{story.case.number}").text
    here, allowed = opened(browser, story, shown)
    assert "It looked like another paper." in browser.get(f"{here}?{allowed}").text
    assert browser.get(f"{here}/0?{allowed}").content == PICTURE


def kept_all_the_same(browser: Any, story: Story, uploads: Uploads) -> Document:
    """The member said that it is the right one."""
    shown = read(browser, story, uploads)
    browser.send(shown, f"{UPLOAD}/{newest(story).id}/keep", right="yes")
    return newest(story)
