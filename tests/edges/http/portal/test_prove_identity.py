"""Showing who one is by phone code: the same for a stranger until the code is asked of the phone."""

import re
from typing import Any

import httpx
import pytest

from otpward.core.model.member import Level
from tests.edges.http.portal.codes import MOBILE, phone_code
from tests.edges.http.portal.seated import Story, seat
from tests.fakes.sample import Sample
from tests.fakes.surroundings import FixedClock


def ask(browser: Any, *, purpose: str = "follow", member: str = "m1001", phone: str = MOBILE) -> httpx.Response:
    form = browser.get(f"/prove/phone?for={purpose}&lang=en")
    page: httpx.Response = browser.send(form, f"/prove/phone?for={purpose}", member=member, phone=phone)
    return page


def enter(browser: Any, page: httpx.Response, code: str) -> httpx.Response:
    action = page.url.raw_path.decode().replace("&", "&amp;")
    form = re.search(rf'action="{re.escape(action)}"', page.text)
    assert form, "the page has no field for a code"
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert csrf
    answer: httpx.Response = browser.post(page.url.raw_path.decode(), {"csrf": csrf.group(1), "code": code})
    return answer


@pytest.mark.parametrize(
    ("purpose", "then"), [("follow", "/cases"), ("apply", "/apply"), ("check", "/check/test"), ("unlock", "/check/test")]
)
def test_a_right_code_leads_to_what_it_was_for(browser: Any, sample: Sample, purpose: str, then: str) -> None:
    assert enter(browser, ask(browser, purpose=purpose), phone_code(sample)).url.path == then


def test_a_stranger_sees_the_same_page_and_never_passes(browser: Any, sample: Sample) -> None:
    known, unknown = ask(browser), ask(browser, member="nobody")

    def bare(page: httpx.Response) -> str:
        return re.sub(r'[0-9a-f-]{36}|value="\d{6}"', "", page.text)

    assert bare(known) == bare(unknown)
    refused = enter(browser, unknown, phone_code(sample))
    assert refused.status_code == 422
    assert bare(refused) == bare(enter(browser, known, f"{(int(phone_code(sample)) + 1) % 1_000_000:06d}"))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"member": ""}, "Enter your member number or ID"),
        ({"phone": "010-5550-110"}, "Check the mobile number. A digit may be missing"),
    ],
    ids=["no member", "a digit short"],
)
def test_what_cannot_be_is_said_before_anything_is_sent(browser: Any, typed: dict[str, str], sentence: str) -> None:
    page = ask(browser, **typed)
    assert page.status_code == 422
    assert page.text.count(sentence) == 2


def test_a_code_dies_after_its_time_and_the_page_says_how_to_go_on(browser: Any, sample: Sample, clock: FixedClock) -> None:
    page = ask(browser)
    assert "Enter it within 10 minutes" in page.text
    code = phone_code(sample)
    clock.move(minutes=10)
    late = enter(browser, page, code)
    assert late.status_code == 422
    assert "The code is not correct or has expired. Try again or get a new one" in late.text
    assert "/prove/phone?for=follow" in late.text


def test_after_a_day_s_wrong_codes_a_right_one_looks_just_as_wrong(browser: Any, sample: Sample) -> None:
    for _ in range(4):
        page = ask(browser)
        wrong = f"{(int(phone_code(sample)) + 1) % 1_000_000:06d}"
        for _ in range(5):
            page = enter(browser, page, wrong)
    page = ask(browser)
    code = phone_code(sample)
    refused = enter(browser, page, f"{(int(code) + 1) % 1_000_000:06d}")
    right = enter(browser, refused, code)
    assert (right.status_code, right.url.path) == (refused.status_code, refused.url.path) == (422, "/prove/phone/code")
    assert re.sub(r'value="\d{6}"', "", right.text) == re.sub(r'value="\d{6}"', "", refused.text)


def test_of_a_member_who_sits_here_nothing_is_asked_twice(browser: Any, sample: Sample) -> None:
    seat(browser, Story(sample, sample.member), Level.FULL)
    form = browser.get("/prove/phone?for=apply&lang=en")
    assert "***-****-1101" in form.text
    assert 'name="phone"' not in form.text
    page = browser.send(form, "/prove/phone?for=apply")
    assert enter(browser, page, phone_code(sample)).url.path == "/apply"
    assert browser.get("/my").url.path == "/my", "a signed-in member stays signed in"


def test_another_browser_cannot_use_the_page_of_a_code(browser: Any, app: Any) -> None:
    page = ask(browser)
    browser._client.cookies.clear()
    assert browser.get(page.url.raw_path.decode()).status_code == 404
