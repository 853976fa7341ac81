"""A photograph of a code, for browsers that read none: who may send one, and what comes back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from otpward.core.errors import Unavailable
from otpward.core.model.document import Flaw
from otpward.core.model.member import Role
from otpward.core.model.scanned import Symbology
from otpward.core.policy.rates import PHOTOS_PER_MEMBER, Rate
from otpward.edges.http import photos as page
from otpward.edges.http.app import build_app
from otpward.edges.http.assets import Assets
from otpward.edges.http.console.nav import nav
from otpward.edges.http.cookies import Cookies
from otpward.edges.http.front import Front
from otpward.edges.http.intake import AT_ONCE
from otpward.edges.http.pages import Pages
from otpward.edges.http.photo_room import PhotoRoom
from otpward.ports.judging import Judging
from tests.edges.http.console.staffed import appoint, sit
from tests.edges.http.portal.papers.sending import csrf_of
from tests.edges.http.portal.seated import Story, seat
from tests.fakes.sample import Sample

HERE = "/console/photo"


@dataclass
class SetCodes:
    """Says what a test wants."""

    says: Sequence[str] | Flaw | Exception = ("SN-02",)
    asked: list[Collection[Symbology]] = field(default_factory=list)

    def read(self, octets: bytes, kinds: Collection[Symbology]) -> Sequence[str] | Flaw:
        self.asked.append(kinds)
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


@pytest.fixture
def codes() -> SetCodes:
    return SetCodes()


@pytest.fixture
def room(codes: SetCodes) -> PhotoRoom:
    return PhotoRoom(codes)


@pytest.fixture
def app(sample: Sample, pages: Pages, judging: Judging, room: PhotoRoom) -> Any:
    front = Front(
        house=sample.house,
        pages=pages,
        institution=lambda: sample.institution,
        cookies=Cookies(secure=False),
        nav=nav,
        public_url="http://127.0.0.1",
        photos=room,
    )
    return build_app(front, Assets(), judging=judging, ready=lambda: True)


def send(browser: Any, csrf: str, to: str = HERE, photo: bytes = b"a photograph", kinds: str = "code_128,qr_code") -> Any:
    return browser.post(to, {"csrf": csrf, "kinds": kinds}, files={"photo": ("a.jpg", photo, "image/jpeg")})


def csrf(browser: Any) -> str:
    return csrf_of(browser.get("/console/counter").text)


@pytest.mark.parametrize(
    ("says", "status", "answer"),
    [
        pytest.param(["SN-02"], 200, {"text": "SN-02"}, id="one code"),
        pytest.param([], 422, "No code was found on the photo", id="no code"),
        pytest.param(["SN-02", "8801234567893"], 422, "The photo shows several codes", id="several"),
        pytest.param(Flaw.PHONE_FORMAT, 422, "your phone's own format (HEIC)", id="a phone's own format"),
        pytest.param(Unavailable("no process"), 503, "could not be read just now", id="nothing reads"),
    ],
)
def test_a_photograph_gives_one_code_or_one_sentence(
    browser: Any, sample: Sample, codes: SetCodes, room: PhotoRoom, says: Any, status: int, answer: Any
) -> None:
    codes.says = says
    sit(browser, sample)
    got = send(browser, csrf(browser))
    assert got.status_code == status
    assert got.json() == answer if isinstance(answer, dict) else answer in got.json()["said"]
    assert codes.asked == [{Symbology.CODE_128, Symbology.QR_CODE}]
    assert got.headers["cache-control"] == "no-store"
    assert room._free == AT_ONCE


def test_a_stranger_a_role_that_scans_nothing_and_a_forged_form_have_nothing_read(
    browser: Any, sample: Sample, codes: SetCodes, room: PhotoRoom
) -> None:
    assert send(browser, "").json() == {"said": "로그인 시간이 끝났습니다. 화면을 새로 고쳐 주세요."}
    sit(browser, sample, appoint(sample, Role.AUDITOR))
    refused = send(browser, csrf_of(browser.get("/console/stock").text))
    sit(browser, sample)
    forged = send(browser, "0" * 40)
    assert (refused.status_code, forged.status_code) == (403, 403)
    assert (codes.asked, room._free) == ([], AT_ONCE)


def test_more_than_ten_megabytes_and_more_than_there_is_room_for_are_not_taken(
    browser: Any, sample: Sample, codes: SetCodes, room: PhotoRoom
) -> None:
    sit(browser, sample)
    hidden = csrf(browser)
    large = send(browser, hidden, photo=b"\0" * (11 * 1024 * 1024))
    room._free = 10
    crowded = send(browser, hidden)
    assert (large.status_code, crowded.status_code) == (413, 503)
    assert "10 MB" in large.json()["said"]
    assert (codes.asked, room._free) == ([], 10)


def test_too_many_photographs_of_one_person_are_too_many(
    browser: Any, sample: Sample, codes: SetCodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "PHOTOS_PER_MEMBER", Rate(1, PHOTOS_PER_MEMBER.window))
    sit(browser, sample)
    hidden = csrf(browser)
    assert [send(browser, hidden).status_code for _ in range(2)] == [200, 429]


def test_a_member_reads_the_number_of_a_new_device_once_proven(browser: Any, sample: Sample, codes: SetCodes) -> None:
    member = Story(sample, sample.member)
    case = member.received("SN-02")
    assert send(browser, "", to="/register/photo").status_code == 403
    seat(browser, member)
    form = browser.get(f"/register/device?case={case.number}&lang=en")
    assert 'data-photo="/register/photo"' in form.text
    assert "camera=(self)" in form.headers["permissions-policy"]
    assert send(browser, csrf_of(form.text), to="/register/photo").json() == {"text": "SN-02"}
