"""The module that shows how far a picture has come, in a real browser, over the pages as the server makes them."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

STATIC = Path(__file__).resolve().parents[4] / "src/otpward/edges/http/static"
SITE = "http://upload.localhost"
FORM = """<!doctype html><html lang="en"><head><title>Send</title>
<script type="module" src="/once.js"></script><script type="module" src="/upload.js"></script></head><body><main tabindex="-1">
<form method="post" action="/apply/documents/id_card" enctype="multipart/form-data" data-once class="sends-file">
<label>Choose a file <input type="file" name="file"></label>
<div data-on hidden><p role="status">On its way</p><progress></progress></div>
<p data-failed hidden role="alert">It did not arrive</p>
<button>Send</button></form></main></body></html>"""
WRONG = FORM.replace("<title>Send", "<title>Error: Send").replace(
    "<form", '<div id="errors" role="alert" tabindex="-1">The file is empty</div><form'
)


@pytest.fixture
def page(chromium: Browser) -> Page:
    one = chromium.new_page()
    one.set_default_timeout(10_000)
    one.route(re.compile(r"\.js$"), lambda route: route.fulfill(path=STATIC / route.request.url.rpartition("/")[2]))
    one.route(f"{SITE}/", lambda route: route.fulfill(body=FORM, content_type="text/html"))
    one.route(f"{SITE}/read", lambda route: route.fulfill(body="<h1>Covered</h1>", content_type="text/html"))
    return one


def send(page: Page) -> None:
    page.goto(f"{SITE}/")
    page.get_by_label("Choose a file").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"x" * 100_000})
    page.get_by_role("button", name="Send").click()


def test_it_is_smaller_than_two_kilobytes() -> None:
    assert len((STATIC / "upload.js").read_bytes()) <= 2000


def test_what_is_wrong_takes_the_place_of_the_page_and_is_read_first(page: Page) -> None:
    page.route(re.compile("id_card"), lambda route: route.fulfill(status=422, body=WRONG, content_type="text/html"))
    send(page)
    expect(page.locator("#errors")).to_be_focused()
    expect(page).to_have_title("Error: Send")
    page.close()


def test_what_is_wrong_can_be_mended_and_sent_again(page: Page) -> None:
    answers = [WRONG, WRONG.replace("empty", "too big")]
    page.route(re.compile("id_card"), lambda route: route.fulfill(status=422, body=answers.pop(0), content_type="text/html"))
    send(page)
    expect(page.locator("#errors")).to_have_text("The file is empty")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#errors")).to_have_text("The file is too big")
    page.close()


def test_a_line_that_breaks_is_said_and_the_form_can_be_sent_again(page: Page) -> None:
    page.route(re.compile("id_card"), lambda route: route.abort())
    send(page)
    expect(page.get_by_text("It did not arrive")).to_be_visible()
    expect(page.get_by_text("On its way")).to_be_hidden()
    page.unroute(re.compile("id_card"))
    again: list[Route] = []
    page.route(re.compile("id_card"), lambda route: again.append(route))  # noqa: PLW0108 -- Playwright marks its handlers, and cannot mark a method of a list
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("On its way")).to_be_visible()
    assert len(again) == 1
    page.close()
