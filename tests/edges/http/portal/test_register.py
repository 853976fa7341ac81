"""Registering and the first number: in order only, for the right device only, and the key never after success."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.case import Case
from otpward.core.model.member import Level
from otpward.core.oath.base32 import decode_base32
from otpward.core.policy.verification import LIMITS
from tests.edges.http.portal.seated import Story, seat
from tests.fakes.sample import Sample, oath_code, seed_of


@pytest.fixture
def story(sample: Sample) -> Story:
    """The member's application."""
    return Story(sample, sample.member)


def registered(browser: Any, story: Story) -> Case:
    """A device that waits for its first number."""
    case = story.received("SN-02")
    seat(browser, story)
    page = browser.get(f"/register?case={case.number}&lang=en")
    assert page.url.path == "/register/device"
    page = browser.send(browser.get(f"/register/device?case={case.number}&lang=en"), where(case), serial="sn 02")
    assert page.url.path == "/activate"
    return case


def where(case: Case) -> str:
    return f"/register/device?case={case.number}"


def hidden(page: Any) -> dict[str, str]:
    return {"csrf": re.findall(r'name="csrf" value="(\w+)"', page.text)[0]}


def enter(browser: Any, case: Case, code: str) -> Any:
    return browser.send(browser.get(f"/activate?case={case.number}&lang=en"), f"/activate?case={case.number}", code=code)


def token_of(story: Story, serial: str) -> Any:
    return story.sample.house.look(story.member.institution_id, lambda uow: uow.tokens.first(serial=serial))


def test_only_the_device_of_the_application_is_registered(browser: Any, story: Story) -> None:
    case = story.received("SN-02")
    seat(browser, story)
    form = browser.get(f"/register/device?case={case.number}&lang=en")
    empty, free, unknown = (browser.send(form, where(case), serial=serial) for serial in ("", "SN-03", "SN-99"))
    assert empty.text.count("Enter the serial number on the back") == 2
    for page in (free, unknown):
        assert page.status_code == 422
        assert page.text.count("This is not the device sent for your application") == 2
    assert "SN-02" not in free.text
    assert story.case.state is CaseState.RECEIVED


def test_nothing_is_registered_before_it_arrives_nor_tested_before_it_is_registered(browser: Any, story: Story) -> None:
    seat(browser, story)
    assert browser.get("/activate?lang=en").url.path == "/register"
    assert "Nothing to register now" in browser.get("/register").text
    case = story.on_its_way("SN-02")
    for path in ("/register", "/register/device", "/register/app", "/activate", "/activate/done"):
        assert browser.get(f"{path}?case={case.number}").url.path == f"/cases/{case.number}"


def test_a_received_device_is_registered_before_its_first_number(browser: Any, story: Story) -> None:
    case = story.received("SN-02")
    seat(browser, story)
    assert browser.get(f"/activate?case={case.number}").url.path == "/register/device"
    assert browser.get(f"/register/app?case={case.number}").url.path == "/register/device"


def test_the_first_number_puts_the_device_into_use_and_ends_the_old_one(browser: Any, story: Story, clock: Any) -> None:
    case = registered(browser, story)
    code = oath_code(seed_of(2), clock.now())
    done = enter(browser, case, code)
    assert done.url.path == "/activate/done"
    assert "Your new OTP is ready" in done.text
    assert "Your old OTP no longer works" in done.text
    assert "Use the next number to sign in" in done.text
    assert token_of(story, "SN-00").state is TokenState.RETIRED
    assert browser.get(f"/activate?case={case.number}").url.path == "/activate/done"
    again = browser.post(f"/activate?case={case.number}", {**hidden(done), "code": code})
    assert again.url.path == "/activate/done"


def test_wrong_numbers_are_counted_aloud_until_the_device_is_locked(browser: Any, story: Story, clock: Any) -> None:
    case = registered(browser, story)
    typo = enter(browser, case, "12345")
    assert typo.text.count("Enter the 6-digit OTP number") == 2
    wrong = [enter(browser, case, "000000") for _ in range(LIMITS.in_a_row)]
    assert f"{LIMITS.in_a_row - 1} tries left" in wrong[0].text
    assert wrong[0].status_code == 422
    assert "Locked after 10 wrong numbers" in wrong[-1].text
    assert story.sample.institution.phone in wrong[-1].text
    assert 'name="code"' not in wrong[-1].text
    clock.move(minutes=31)
    assert enter(browser, case, oath_code(seed_of(2), clock.now())).url.path == "/activate/done"


def test_a_used_number_is_told_from_a_wrong_one(browser: Any, story: Story, clock: Any) -> None:
    case = registered(browser, story)
    code = oath_code(seed_of(2), clock.now())

    def use(desk: Any) -> None:
        with desk.uow as uow:
            token = uow.tokens.first(serial="SN-02")
            uow.tokens.save(replace(token, high_water=int(clock.now().timestamp()) // token.period_s))
            uow.commit()

    story.sample.house.do(story.member.institution_id, use)
    page = enter(browser, case, code)
    assert page.text.count("That number was used. Enter the next one. 9 tries left") == 2


def test_a_device_whose_clock_differs_is_tested_by_two_numbers_in_a_row(browser: Any, story: Story, clock: Any) -> None:
    case = registered(browser, story)
    fast = [oath_code(seed_of(2), clock.now() + timedelta(minutes=steps)) for steps in (20, 21)]
    page = enter(browser, case, fast[0])
    assert "Enter two numbers in a row to adjust the time" in page.text
    where_to = f"/activate?case={case.number}"
    typo = browser.send(page, where_to, code=fast[0], second="12")
    assert typo.status_code == 422
    wrong = browser.send(typo, where_to, code=fast[0], second="000000")
    assert "8 tries left" in wrong.text
    done = browser.send(wrong, where_to, code=fast[0], second=fast[1])
    assert done.url.path == "/activate/done"
    token = token_of(story, "SN-02")
    assert (token.state, token.holds, token.drift_steps) == (TokenState.ACTIVE, frozenset(), 21)


def test_the_key_of_an_app_is_shown_until_it_was_tested_and_never_after(browser: Any, story: Story, clock: Any) -> None:
    case = story.app_made()
    seat(browser, story, Level.FULL)
    page = browser.get(f"/register?case={case.number}&lang=en")
    assert page.url.path == "/register/app"
    assert page.headers["cache-control"] == "no-store"
    key = re.search(r'data-copy-text="([A-Z2-7]{32})"', page.text)
    assert key is not None
    assert f"secret={key.group(1)}&amp;issuer=" in page.text
    assert 'href="otpauth://totp/' in page.text

    action = f"/activate?on=app&amp;case={case.number}"
    fields = hidden(page)
    assert f'action="{action}"' in page.text
    wrong = browser.post(f"/activate?on=app&case={case.number}", {**fields, "code": "000000"})
    assert wrong.status_code == 422
    assert key.group(1) in wrong.text
    code = oath_code(decode_base32(key.group(1)).reveal(), clock.now(), period_s=30)
    done = browser.post(f"/activate?on=app&case={case.number}", {**fields, "code": f"{code[:3]} {code[3:]}"})
    assert done.url.path == "/activate/done"
    for path in (f"/register/app?case={case.number}", "/register/app", f"/register?case={case.number}", done.url.path):
        assert key.group(1) not in browser.get(path).text


@pytest.mark.parametrize("path", ["/register", "/register/device", "/register/app", "/activate", "/activate/done"])
def test_a_number_of_somebody_else_is_no_number(browser: Any, sample: Sample, path: str) -> None:
    case = Story(sample, sample.other).app_made()
    seat(browser, Story(sample, sample.member))
    page = browser.get(f"{path}?case={case.number}")
    assert page.status_code == 404
    assert "otpauth" not in page.text
