"""A portal that takes pictures, with a reader that says what a test wants, and a member who may send one."""

from collections.abc import Iterator
from typing import Any

import pytest

from otpward.edges.http.app import build_app
from otpward.edges.http.assets import Assets
from otpward.edges.http.console.nav import nav
from otpward.edges.http.cookies import Cookies
from otpward.edges.http.front import Front
from otpward.edges.http.pages import Pages
from otpward.edges.http.uploads import Uploads
from otpward.ports.judging import Judging
from tests.edges.http.portal.papers.sending import by_post
from tests.edges.http.portal.seated import Story, seat
from tests.fakes.reader import SetReader
from tests.fakes.sample import Sample


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
        nav=nav,
        public_url="http://127.0.0.1",
        uploads=uploads,
    )
    return build_app(front, Assets(), judging=judging, ready=lambda: True)


@pytest.fixture
def story(sample: Sample, browser: Any) -> Story:
    """The member, with an application whose reason is given."""
    made = Story(sample, sample.member)
    seat(browser, made)
    made.draft()
    browser.send(browser.get("/apply/reason"), "/apply/reason", reason="faulty")
    by_post(browser)
    browser.send(browser.get("/apply/consent?item=id_card"), "/apply/consent", agree="yes")
    return made
