"""The first page, the pages to read, and the promise that no link of a stranger's leads nowhere."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

BEGIN = ("/", "/help", "/privacy", "/accessibility", "/check", "/sign-in/other-way", "/prove?for=apply")


def links(text: str) -> Iterator[str]:
    """The addresses on a page that are ours."""
    for href in re.findall(r'<a [^>]*href="(/[^"#]*)', text):
        yield href.replace("&amp;", "&")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_link_that_a_stranger_sees_leads_to_a_page(browser: Any, lang: str) -> None:
    seen, waiting = set[str](), [f"{path}{'&' if '?' in path else '?'}lang={lang}" for path in BEGIN]
    while waiting:
        path = waiting.pop()
        page = browser.get(path)
        assert page.status_code == 200, path
        fresh = {href for href in links(page.text) if "lang=" not in href and not href.startswith("/static/")} - seen
        seen |= fresh
        waiting += sorted(fresh)
    assert {"/report-loss", "/check", "/sign-in", "/cases", "/apply"} <= seen


def test_the_first_page_has_three_ways_and_asks_for_an_application_number(browser: Any) -> None:
    page = browser.get("/?lang=en").text
    assert len(re.findall(r'<li class="way', page)) == 3
    assert 'action="/cases"' in page
    assert 'name="no"' in page


def test_help_names_the_branches(browser: Any) -> None:
    page = browser.get("/help?lang=en").text
    assert "Head Office" in page
    assert "09:00-16:00" in page


def test_what_is_linked_inside_a_page_is_there(browser: Any) -> None:
    page = browser.get("/help").text
    for anchor in ("branches", "no-phone"):
        assert f'id="{anchor}"' in page
