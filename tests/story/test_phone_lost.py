"""Phone and OTP lost together: the application is taken at the counter, and nothing goes to the phone."""

from collections.abc import Callable

import pytest

from tests.story import desk_steps, steps
from tests.story.ends import works_once
from tests.story.running_demo import Demo
from tests.story.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Enter = Callable[..., Walker]
Staff = Callable[..., Walker]


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_phone_and_otp_lost_together(
    demo: Demo, enter: Enter, staff: Staff, next_person: Callable[[], steps.Person], lang: str
) -> None:
    who, member = next_person(), enter(lang, 390)
    member.open("/report-loss")
    member.fill("Member number or ID", who.login)
    member.fill("Mobile number we have on file", who.phone)
    member.choose("My phone is lost too")
    texts = len(demo.messages(who.phone))
    member.press("Stop my OTP now")
    member.see("Your report is in")
    assert demo.verify(serial=who.serial, code=demo.code(who.serial))["reason"] == "on_hold"
    member.follow("Find a branch")
    member.see("Help")
    teller = staff("teller", lang, 1280)
    teller.open(f"/console/members?q={who.login}")
    teller.look()
    teller.follow("Take an application at the counter")
    desk_steps.see_papers(teller, "Apply for a new OTP")
    teller.follow("Take the application")
    teller.see("Take an application at the counter")
    teller.press("Take the application")
    number = teller.page.url.rsplit("/", 1)[1]
    desk_steps.approve(teller, number)
    serial = desk_steps.reserve(teller, demo)
    desk_steps.set_out(teller)
    teller.follow("Hand over an OTP")
    desk_steps.compare_and_test(teller, serial, demo.code(serial))
    works_once(demo, who.login, serial, who.serial)
    assert len(demo.messages(who.phone)) == texts, "nothing was sent to the lost phone"
