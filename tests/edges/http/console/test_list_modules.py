"""The modules of the review console in a real browser: keys for a long list, and who else is looking."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

STATIC = Path(__file__).resolve().parents[4] / "src/otpward/edges/http/static"
SITE = "http://queue.localhost"
ROWS = "".join(
    f'<tr data-row><td><input type="checkbox" aria-label="Tick {n}"></td><td><a href="/{n}">R-{n}</a></td></tr>'
    for n in range(3)
)
LIST = f"""<!doctype html><html lang="en"><head><title>List</title><script type="module" src="/keys.js"></script></head><body>
<div data-keys><label>Find <input name="q"></label></div><table>{ROWS}</table>
<details data-keys-help><summary>Keys</summary><p>All of them</p></details></body></html>"""
CASE = """<!doctype html><html lang="en"><head><title>Case</title>
<script type="module" src="/presence.js"></script></head><body>
<p role="status" data-presence="/presence" hidden><span></span></p></body></html>"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    one = chromium.new_page()
    one.set_default_timeout(10_000)
    one.route(re.compile(r"\.js$"), lambda route: route.fulfill(path=STATIC / route.request.url.rpartition("/")[2]))
    one.route(
        re.compile(r"/\d$"), lambda route: route.fulfill(body=f"<h1>{route.request.url[-1]}</h1>", content_type="text/html")
    )
    one.route(f"{SITE}/", lambda route: route.fulfill(body=LIST, content_type="text/html"))
    one.route(f"{SITE}/case", lambda route: route.fulfill(body=CASE, content_type="text/html"))
    yield one
    one.close()


@pytest.mark.parametrize("name", ["keys.js", "presence.js"])
def test_each_is_smaller_than_two_kilobytes(name: str) -> None:
    assert len((STATIC / name).read_bytes()) <= 2000


def test_one_goes_down_ticks_goes_up_and_opens_by_keys_alone(page: Page) -> None:
    page.goto(f"{SITE}/")
    for key in "jjx":
        page.keyboard.press(key)
    expect(page.get_by_label("Tick 1")).to_be_checked()
    expect(page.get_by_label("Tick 0")).not_to_be_checked()
    for _ in range(5):
        page.keyboard.press("j")
    expect(page.get_by_text("R-2")).to_be_focused()
    page.keyboard.press("k")
    expect(page.get_by_text("R-1")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading")).to_have_text("1")


def test_what_is_typed_is_only_typed(page: Page) -> None:
    page.goto(f"{SITE}/")
    page.keyboard.press("/")
    expect(page.get_by_label("Find")).to_be_focused()
    page.keyboard.type("jkx?/")
    expect(page.get_by_label("Find")).to_have_value("jkx?/")
    expect(page.get_by_label("Tick 0")).not_to_be_checked()
    expect(page.get_by_text("All of them")).to_be_hidden()


def test_help_opens_and_closes_and_modifiers_belong_to_the_browser(page: Page) -> None:
    page.goto(f"{SITE}/")
    page.keyboard.press("?")
    expect(page.get_by_text("All of them")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_text("All of them")).to_be_hidden()
    page.keyboard.press("Control+j")
    expect(page.get_by_text("R-0")).not_to_be_focused()


def test_who_looks_is_asked_again_and_gone_when_they_are_gone(page: Page) -> None:
    told = ["<b>나직원</b> is viewing", ""]
    page.route(f"{SITE}/presence", lambda route: route.fulfill(body=told.pop(0), content_type="text/plain; charset=utf-8"))
    page.clock.install()
    page.goto(f"{SITE}/case")
    expect(page.get_by_role("status")).to_be_hidden()
    page.clock.run_for(20_000)
    expect(page.get_by_role("status")).to_have_text("<b>나직원</b> is viewing")
    page.clock.run_for(20_000)
    expect(page.locator("[data-presence]")).to_be_hidden()
