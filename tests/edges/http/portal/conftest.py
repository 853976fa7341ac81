"""The page on which a certificate signs, for the tests of it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.edges.http.portal.member_files import Authority, Open
from tests.edges.http.portal.signing_desk import PATH, Desk, Visitor, signing_desk


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with signing_desk() as running:
        yield running


@pytest.fixture
def open_page(chromium: Browser, desk: Desk) -> Iterator[Open]:
    """The page, opened by a new person: `open_page("ko")`."""
    visitors: list[Visitor] = []
    desk.sent.clear()

    def come(lang: str = "ko", *, script: bool = True, path: str = PATH) -> Visitor:
        context = chromium.new_context(java_script_enabled=script, viewport={"width": 390, "height": 844})
        context.set_default_timeout(10_000)
        visitor = Visitor(context.new_page())
        visitor.watch()
        visitor.page.goto(f"{desk.site}{path}?lang={lang}")
        visitors.append(visitor)
        return visitor

    yield come
    for visitor in visitors:
        visitor.page.context.close()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []
