"""From a lost OTP to a working one, collected at the counter: in both languages and at both sizes."""

import re
from collections.abc import Callable

import pytest

from tests.story import desk_steps, steps
from tests.story.ends import report_and_apply, works_once
from tests.story.running_demo import Demo
from tests.story.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Enter = Callable[..., Walker]
Staff = Callable[..., Walker]
PEOPLE = [pytest.param(lang, width, id=f"{lang}-{width}") for lang in ("ko", "en") for width in (390, 1280)]


@pytest.mark.parametrize(("lang", "width"), PEOPLE)
def test_collected_at_the_counter(
    demo: Demo, enter: Enter, staff: Staff, next_person: Callable[[], steps.Person], lang: str, width: int
) -> None:
    who, member = next_person(), enter(lang, width)
    number = report_and_apply(demo, member, who, "branch", "본점" if lang == "ko" else "Head Office")
    teller = staff("teller", lang, width)
    desk_steps.approve(teller, number)
    serial = desk_steps.reserve(teller, demo)
    desk_steps.set_out(teller)
    member.open(f"/cases/{number}")
    member.see("Application {no}", no=number)
    member.follow("Show the pick-up pass")
    member.see("Pick-up pass")
    code = re.sub(r"\s", "", member.page.locator("#code").inner_text())
    assert re.fullmatch(r"[2-9A-Z]{8}", code)
    if lang == "ko":
        desk_steps.hand_over(teller, code, serial, None)
        assert demo.verify(serial=serial, code=demo.code(serial))["result"] == "refused", "handed over is not active"
        steps.register_device(member, number, serial)
        steps.activate(member, demo.code(serial))
    else:
        desk_steps.hand_over(teller, code, serial, demo.code(serial))
        member.open(f"/cases/{number}")
        member.see("Application {no}", no=number)
    works_once(demo, who.login, serial, who.serial)
