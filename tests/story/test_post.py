"""From a lost OTP to a working one, sent by post: in Korean on a phone, in English at a desk, and without script."""

from collections.abc import Callable

import pytest

from tests.story import desk_steps, steps
from tests.story.ends import report_and_apply, works_once
from tests.story.running_demo import Demo
from tests.story.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Enter = Callable[..., Walker]
Staff = Callable[..., Walker]
PEOPLE = [pytest.param(lang, width, id=f"{lang}-{width}") for lang, width in (("ko", 390), ("en", 1280))]


@pytest.mark.parametrize(("lang", "width"), PEOPLE)
def test_sent_by_post(
    demo: Demo, enter: Enter, staff: Staff, next_person: Callable[[], steps.Person], lang: str, width: int
) -> None:
    who, member = next_person(), enter(lang, width)
    number = report_and_apply(demo, member, who, "post")
    desk_steps.approve(staff("teller", lang, width), number)
    sender = staff("stock", lang, width)
    sender.open(f"/console/cases/{number}")
    serial = desk_steps.reserve(sender, demo)
    tracking = desk_steps.send(sender, demo, number, serial)
    demo.move_parcel(tracking, "in_transit", "delivered")
    demo.wait_for_text(who.phone, "등록해 주세요", "Register it")
    assert demo.verify(serial=serial, code=demo.code(serial))["result"] == "refused", "delivered is not active"
    steps.register_device(member, number, serial)
    steps.activate(member, demo.code(serial))
    works_once(demo, who.login, serial, who.serial)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_sent_by_post_without_script(
    demo: Demo, enter: Enter, staff: Staff, next_person: Callable[[], steps.Person], lang: str
) -> None:
    who, member = next_person(), enter(lang, 390, script=False)
    number = report_and_apply(demo, member, who, "post")
    desk_steps.approve(staff("teller", lang, 1280, script=False), number)
    sender = staff("stock", lang, 1280, script=False)
    sender.open(f"/console/cases/{number}")
    serial = desk_steps.reserve(sender, demo)
    tracking = desk_steps.send(sender, demo, number, serial)
    demo.move_parcel(tracking, "in_transit", "delivered")
    demo.wait_for_text(who.phone, "등록해 주세요", "Register it")
    steps.register_device(member, number, serial)
    steps.activate(member, demo.code(serial))
    works_once(demo, who.login, serial, who.serial)
