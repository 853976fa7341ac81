"""From a lost OTP to a working one, on the phone: the key is read off the page as a phone would."""

import io
import re
from collections.abc import Callable

import pytest
import zxingcpp
from PIL import Image

from tests.story import desk_steps, steps
from tests.story.ends import report_and_apply
from tests.story.running_demo import Demo, app_code
from tests.story.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Enter = Callable[..., Walker]
Staff = Callable[..., Walker]
PEOPLE = [pytest.param(lang, width, id=f"{lang}-{width}") for lang, width in (("ko", 390), ("en", 1280))]


@pytest.mark.parametrize(("lang", "width"), PEOPLE)
def test_registered_on_the_phone(
    demo: Demo, enter: Enter, staff: Staff, next_person: Callable[[], steps.Person], lang: str, width: int
) -> None:
    who, member = next_person(), enter(lang, width)
    number = report_and_apply(demo, member, who, "app")
    teller = staff("teller", lang, width)
    desk_steps.approve(teller, number)
    teller.press("Make the app token")
    teller.look()
    late = enter(lang, width, who="another-day")  # another day, another browser: the member shows who they are again
    steps.prove_again(late, demo, who)
    late.open(f"/cases/{number}")
    late.follow("Register your new OTP")
    late.see("Register the app")
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(late.page.screenshot(full_page=True))))
    assert [one.format.name for one in found] == ["QRCode"]
    uri = found[0].text
    key = re.search(r"secret=([A-Z2-7]+)", uri)
    assert key, "the QR code is an otpauth address with a key"
    assert key.group(1) == re.sub(r"\s", "", late.page.locator("#key").inner_text())
    steps.activate(late, app_code(key.group(1)))
    code = app_code(key.group(1), ahead=1)
    assert demo.verify(member=who.login, code=code)["result"] == "accepted"
    assert demo.verify(member=who.login, code=code)["reason"] == "replayed"
    assert demo.verify(serial=who.serial, code=demo.code(who.serial))["reason"] == "not_registered"
    late.open(f"/register/app?case={number}")
    assert key.group(1) not in late.page.content(), "the key is never shown after success"
