"""The first room: by keyboard, by touch, without script; the same for strangers; stopped when the receipt is on the screen."""

import re
from collections.abc import Callable

import httpx
import pytest

from tests.story import steps
from tests.story.running_demo import Demo
from tests.story.walker import Walker

pytestmark = pytest.mark.browser

Enter = Callable[..., Walker]
NextPerson = Callable[[], steps.Person]


def stopped(demo: Demo, who: steps.Person) -> None:
    assert demo.verify(serial=who.serial, code=demo.code(who.serial))["reason"] == "on_hold"


def test_by_keyboard_alone(demo: Demo, enter: Enter, next_person: NextPerson) -> None:
    who, member = next_person(), enter("ko", 1280)
    member.open("/report-loss")
    keys = member.page.keyboard
    label = member.say("Member number or ID")
    for _ in range(20):
        keys.press("Tab")
        if member.field("Member number or ID").evaluate("field => field === document.activeElement"):
            break
    else:
        raise AssertionError(f"{label} cannot be reached by the Tab key")
    keys.type(who.login)
    keys.press("Tab")
    keys.type(who.phone)
    keys.press("Tab")
    keys.press("Tab")
    with member.page.expect_navigation():
        keys.press("Enter")
    member.see("Your report is in")
    stopped(demo, who)


def test_by_touch(demo: Demo, enter: Enter, next_person: NextPerson) -> None:
    who, member = next_person(), enter("en", 390)
    member.open("/report-loss")
    button = member.page.get_by_role("button", name=member.say("Stop my OTP now"))
    box = button.bounding_box()
    assert box
    assert box["y"] + box["height"] <= 844, "the whole form is visible at once"
    member.fill("Member number or ID", who.login)
    member.fill("Mobile number we have on file", who.phone)
    with member.page.expect_navigation():
        button.tap()
    member.see("Your report is in")
    stopped(demo, who)


def test_without_script_and_only_once(demo: Demo, enter: Enter, next_person: NextPerson) -> None:
    who, member = next_person(), enter("ko", 390, script=False)
    member.open("/report-loss")
    member.fill("Member number or ID", who.login)
    member.fill("Mobile number we have on file", who.phone)
    form = {
        field.get_attribute("name") or "": field.input_value()
        for field in member.page.locator("form[action='/report-loss'] input[type=hidden]").all()
    }
    member.press("Stop my OTP now")
    member.see("Your report is in")
    number = re.search(r"L-\d{6}-\w{7}", member.text())
    assert number
    again: dict[str, str | float | bool] = {**form, "kind": "lost", "member": who.login, "phone": who.phone}
    answer = member.context.request.post(f"{demo.site}/report-loss", form=again, max_redirects=0)
    assert answer.headers["location"] == f"/report-loss/{number.group(0)}", "the same form sent twice makes one report"
    stopped(demo, who)
    member.open("/report-loss")
    member.see("Your report is in")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_stranger_is_told_the_same_bytes(demo: Demo, lang: str) -> None:
    who = steps.person(demo, 1)

    def report(login: str, phone: str) -> str:
        with httpx.Client(base_url=demo.site, headers={"Accept-Language": lang}, follow_redirects=True) as browser:
            page = browser.get("/report-loss").text
            hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
            fields = {**hidden, "kind": "lost", "member": login, "phone": phone}
            receipt = browser.post("/report-loss", data=fields)
            assert receipt.status_code == 200
            text = receipt.text
        for changing in (r"L-\d{6}-\w{7}", r'value="[0-9a-f]{32,64}"', r'datetime="[^"]+"', r"\d\d:\d\d:\d\d"):
            text = re.sub(changing, "~", text)
        return text

    known = report(who.login, who.phone)
    assert known == report("nobody-here", who.phone)
    assert known == report(who.login, "+821099998888")
    assert known == report("nobody-here", "+821099998888")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_fault_is_said_twice_and_keeps_what_was_typed(enter: Enter, lang: str) -> None:
    member = enter(lang, 390)
    member.open("/report-loss")
    member.fill("Mobile number we have on file", "010-12")
    member.press("Stop my OTP now")
    member.look()
    for text in ("Enter your member number or ID", "Check the mobile number. A digit may be missing"):
        assert member.text().count(member.say(text)) == 2
    assert member.field("Mobile number we have on file").input_value() == "010-12"
    assert member.page.title().startswith(member.say("Error: "))
    assert member.page.evaluate("document.activeElement.closest('.error-summary, [role=alert]') !== null")
