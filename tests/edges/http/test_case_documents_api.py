"""`/v1/cases/{number}/documents`, `/fee` and `/consent`, as a system of the institution sees them."""

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from otpward.core.formats.picture import OCTETS
from otpward.core.lifecycle.document import DocumentState
from otpward.core.model.case import Case, Delivery, Documents
from otpward.core.model.document import Flaw
from otpward.core.model.member import Role
from otpward.core.policy.papers import Paper
from otpward.edges.http.app import build_app
from otpward.edges.http.assets import Assets
from otpward.edges.http.cookies import Cookies
from otpward.edges.http.front import Front
from otpward.edges.http.pages import Pages
from otpward.edges.http.uploads import Uploads
from otpward.ports.documents import ReadPaper
from otpward.ports.judging import Judging
from otpward.services.oversee.appoint_staff import appoint_staff
from tests.edges.http.conftest import Browser
from tests.edges.http.test_cases_api import boss, house, judging, refused
from tests.edges.http.test_policies_api import key
from tests.fakes.reader import PICTURE, SetReader, page
from tests.fakes.sample import Sample, make_sample
from tests.services.oversee.policies.writing import desks
from tests.services.walk import Walk

__all__ = ["house", "judging"]
"""Those of the neighbour, for all tests here."""

FILE = b"the octets as they were sent"


@pytest.fixture
def reader() -> SetReader:
    return SetReader()


@pytest.fixture
def uploads(sample: Sample, reader: SetReader) -> Iterator[Uploads]:
    made = Uploads(sample.house, reader)
    yield made
    made._thread.shutdown()


@pytest.fixture
def app(sample: Sample, pages: Pages, judging: Judging, uploads: Uploads) -> Any:
    front = Front(
        house=sample.house,
        pages=pages,
        institution=lambda: sample.institution,
        cookies=Cookies(secure=False),
        public_url="http://127.0.0.1",
        uploads=uploads,
    )
    return build_app(front, Assets(), judging=judging, ready=lambda: True)


@pytest.fixture
def walk(sample: Sample) -> Walk:
    return Walk(sample)


@pytest.fixture
def writes(sample: Sample) -> dict[str, str]:
    return key(sample, "cases:write")


@pytest.fixture
def case(walk: Walk) -> Case:
    """A draft that comes by post, for which its member agreed to pictures."""
    made = walk.fill_in(walk.start(), Delivery.POST)
    walk.agree()
    return made


def path(case: Case, rest: str = "") -> str:
    return f"/v1/cases/{case.number}/documents{rest}"


def send(
    browser: Browser, headers: dict[str, str], case: Case, file: bytes = FILE, *, name: str = "a.jpg", **fields: str
) -> httpx.Response:
    data = {"item": "id_card", "paper": "passport", **fields}
    return browser.post(
        path(case), {k: v for k, v in data.items() if v}, files={"file": (name, file, "image/jpeg")}, headers=headers
    )


def read(browser: Browser, headers: dict[str, str], case: Case, uploads: Uploads, **more: Any) -> httpx.Response:
    """Send one, wait until it was read, and ask how far it is."""
    sent = send(browser, headers, case, **more)
    assert sent.status_code == 202, sent.text
    uploads._thread.submit(lambda: None).result(timeout=10)
    return browser.get(sent.headers["location"], headers=headers)


def keep(browser: Browser, headers: dict[str, str], shown: httpx.Response, case: Case, **said: bool) -> httpx.Response:
    there = path(case, f"/{shown.json()['id']}/keep")
    return browser.post(there, json=said, headers={**headers, "If-Match": shown.headers["etag"]})


def test_a_picture_is_sent_looked_at_and_kept(
    browser: Browser, walk: Walk, case: Case, writes: dict[str, str], uploads: Uploads, reader: SetReader
) -> None:
    shown = read(browser, writes, case, uploads)
    assert reader.came == [(FILE, Paper.PASSPORT)]
    told = shown.json()
    assert (told["state"], told["paper"], told["covers"], told["pages"]) == ("read", "passport", 2, 1)
    picture = browser.get(path(case, f"/{told['id']}/pages/0"), headers=writes)
    assert (picture.content, picture.headers["content-type"]) == (PICTURE, "image/jpeg")
    kept = keep(browser, writes, shown, case)
    assert (kept.status_code, kept.json()["state"]) == (200, "kept")
    assert walk.case(case.id).documents is Documents.SENT
    listed = browser.get(path(case), headers=writes).json()["documents"]
    assert [one["id"] for one in listed] == [told["id"]]
    refused(browser.get(path(case, f"/{told['id']}/pages/0"), headers=writes), 404, "not_found")
    line = walk.look(lambda uow: uow.audit.find(event="document:kept"))[0]
    assert (line.actor_kind, line.source[:4]) == ("member", "key ")


def test_opening_it_takes_a_reason_a_person_and_a_line_in_the_audit(
    browser: Browser, walk: Walk, case: Case, writes: dict[str, str], uploads: Uploads
) -> None:
    shown = read(browser, writes, case, uploads)
    there = path(case, f"/{shown.json()['id']}/reveal")
    reveals, asked = key(walk.sample, "documents:reveal"), {"by": boss(walk), "reason": "이름 확인"}
    refused(browser.post(there, json=asked, headers=reveals), 404, "not_found")  # not before it is kept
    keep(browser, writes, shown, case)
    opened = browser.post(there, json=asked, headers=reveals)
    assert base64.b64decode(opened.json()["pages"][0]["picture"]) == PICTURE
    (line,) = walk.look(lambda uow: uow.audit.find(event="document:seen"))
    assert (line.actor_id, line.detail["reason"], line.source[:4]) == (walk.operator.member_id, "이름 확인", "key ")
    refused(browser.post(there, json={**asked, "reason": " "}, headers=reveals), 422, "invalid")
    refused(browser.post(there, json=asked, headers=writes), 403, "forbidden")
    inside, other = walk.inside, walk.sample.other
    walk.do(lambda desk: appoint_staff(inside, other.id, Role.STOCK, None, desk=desk))
    refused(browser.post(there, json={**asked, "by": other.login}, headers=reveals), 403, "denied")
    assert len(walk.look(lambda uow: uow.audit.find(event="document:seen"))) == 1


@pytest.mark.parametrize("flaw", [Flaw.ARCHIVE, Flaw.TWO_KINDS, Flaw.DRAWING, Flaw.PASSWORD, Flaw.NOTHING_ON_IT, Flaw.TYPE])
def test_what_is_no_picture_is_refused_in_a_sentence_and_nothing_is_kept(
    browser: Browser, walk: Walk, case: Case, writes: dict[str, str], uploads: Uploads, reader: SetReader, flaw: Flaw
) -> None:
    reader.says = flaw
    told = read(browser, writes, case, uploads).json()
    assert (told["state"], told["flaw"]) == ("refused", flaw.value)
    assert len(told["problem"]) > 10
    assert walk.look(lambda uow: uow.document_pages.find()) == []


def test_where_the_reader_was_not_sure_the_member_must_say_that_they_looked(
    browser: Browser, case: Case, writes: dict[str, str], uploads: Uploads, reader: SetReader
) -> None:
    reader.says = ReadPaper(pages=[page()], sure=False)
    shown = read(browser, writes, case, uploads)
    assert shown.json()["state"] == "by_hand"
    assert refused(keep(browser, writes, shown, case), 422, "invalid")["field"] == "looked"
    assert keep(browser, writes, shown, case, looked=True).json()["by_hand"] is True


def test_it_can_be_taken_back(browser: Browser, walk: Walk, case: Case, writes: dict[str, str], uploads: Uploads) -> None:
    shown = read(browser, writes, case, uploads)
    there = path(case, f"/{shown.json()['id']}")
    assert browser.request("DELETE", there, headers=writes).json()["state"] == "erased"
    (page_left,) = walk.look(lambda uow: uow.document_pages.find())
    assert not page_left.picture
    refused(keep(browser, writes, shown, case), 409, "not_offered")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"item": ""}, "item"),
        ({"item": "no_such_paper"}, "item"),
        ({"paper": ""}, "paper"),
        ({"paper": "library_card"}, "paper"),
        ({"issued_on": "yesterday"}, "issued_on"),
        ({"issued_on": "2026-13-45"}, "issued_on"),
        ({"more": "x"}, "more"),
    ],
)
def test_a_form_that_is_none_names_its_field(
    browser: Browser, walk: Walk, case: Case, writes: dict[str, str], fields: dict[str, Any], field: str
) -> None:
    assert refused(send(browser, writes, case, **fields), 422, "invalid")["field"] == field
    assert walk.look(lambda uow: uow.documents.find()) == []


def test_what_is_no_form_or_too_long_is_not_taken(browser: Browser, walk: Walk, case: Case, writes: dict[str, str]) -> None:
    refused(browser.post(path(case), json={"item": "id_card"}, headers=writes), 415, "unsupported_media_type")
    typed = {**writes, "Content-Type": "multipart/form-data; boundary=x"}
    refused(browser.request("POST", path(case), content=b"nothing of the kind", headers=typed), 400, "malformed_form")
    broken = b"--x\r\nContent-Disposition: form-data\r\n\r\nno name\r\n--x--\r\n"
    refused(browser.request("POST", path(case), content=broken, headers=typed), 400, "malformed_form")
    refused(send(browser, writes, case, b"x" * (OCTETS + 100_000)), 413, "upload_too_big")
    assert refused(send(browser, writes, case, b""), 422, "invalid")["field"] == "file"
    assert walk.look(lambda uow: uow.documents.find()) == []


def test_without_the_members_consent_none_is_taken(browser: Browser, walk: Walk, writes: dict[str, str]) -> None:
    case = walk.fill_in(walk.start(), Delivery.POST)
    refused(send(browser, writes, case), 409, "consent_needed")
    there = f"/v1/cases/{case.number}/consent"
    words = browser.get(there, headers=writes).json()
    assert words["ko"]["why"]
    assert "given_at" not in words
    asked = {"words": words["words"], "kept": words["kept"], "language": "ko"}
    refused(browser.post(there, json={**asked, "kept": 1}, headers=writes), 409, "other_words")
    given = browser.post(there, json=asked, headers=writes)
    assert (given.status_code, "given_at" in given.json()) == (201, True)
    assert send(browser, writes, case).status_code == 202


def test_only_for_an_application_that_is_written(browser: Browser, walk: Walk, writes: dict[str, str]) -> None:
    walk.agree()
    refused(send(browser, writes, walk.checking()), 409, "not_writable")


def test_the_key_is_looked_at_first_and_others_papers_are_not_there(
    browser: Browser, walk: Walk, case: Case, writes: dict[str, str], uploads: Uploads
) -> None:
    refused(send(browser, {}, case), 401, "unauthorized")
    refused(send(browser, key(walk.sample, "cases:read"), case), 403, "forbidden")
    theirs = key(make_sample(walk.house, code="second"), "cases:write", "documents:reveal")
    refused(send(browser, theirs, case), 404, "not_found")
    shown = read(browser, writes, case, uploads)
    there = path(case, f"/{shown.json()['id']}")
    for rest in ("", "/pages/0"):
        refused(browser.get(there + rest, headers=theirs), 404, "not_found")
    refused(keep(browser, theirs, shown, case), 404, "not_found")
    refused(browser.request("DELETE", there, headers=theirs), 404, "not_found")
    found = walk.look(lambda uow: uow.documents.find())
    assert [one.state for one in found] == [DocumentState.READ]


def test_a_fee_is_paid_waived_and_given_back(browser: Browser, walk: Walk) -> None:
    desks(walk.sample).put_in_force("[rules.all]\nfee_won = 5000\n[waivers.faulty]\nused = false")
    case, decides, by = walk.checking(), key(walk.sample, "cases:decide"), boss(walk)
    there = f"/v1/cases/{case.number}"

    def settle(**body: Any) -> httpx.Response:
        etag = browser.get(f"{there}/fee", headers=decides).headers["etag"]
        return browser.post(f"{there}/fee", json={"by": by, **body}, headers={**decides, "If-Match": etag})

    assert refused(settle(act="pay"), 422, "invalid")["field"] == "means"
    paid = settle(act="pay", means="cash", reference="R-1")
    assert (paid.status_code, paid.json()["state"], paid.json()["amount_won"]) == (200, "paid", 5000)
    assert browser.get(there, headers=decides).json()["fee"]["state"] == "paid"
    assert refused(settle(act="waive", why="한 번 더"), 409, "illegal_transition")
    back = settle(act="refund", amount_won=5000, why="취소")
    assert (back.status_code, back.json()["refunded_won"]) == (200, 5000)
    stale = browser.post(f"{there}/fee", json={"by": by, "act": "pay"}, headers={**decides, "If-Match": '"0"'})
    refused(stale, 412, "changed_since")
