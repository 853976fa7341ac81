"""Devices that go out together: a scanner that only types walks the batch from the shelf to the post office."""

from collections.abc import Callable

import pytest

from tests.story import desk_steps, steps
from tests.story.ends import report_and_apply
from tests.story.running_demo import Demo
from tests.story.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("lang", ["ko"])
def test_a_batch_is_scanned_numbered_by_the_carrier_and_handed_in(
    demo: Demo,
    enter: Callable[..., Walker],
    staff: Callable[..., Walker],
    next_person: Callable[[], steps.Person],
    lang: str,
) -> None:
    who, member = next_person(), enter(lang, 390)
    number = report_and_apply(demo, member, who, "post")
    desk_steps.approve(staff("teller", lang, 1280), number)
    sender = staff("stock", lang, 1280)
    sender.open("/console/shipments")
    sender.press("Make a batch")
    sender.look()
    here, page = sender.page.url.partition("?")[0], sender.page
    serial = page.locator("#parcels tbody th").first.inner_text().split()[0]
    sender.scan("NOTHING")
    assert sender.say("This does not match") in sender.text()
    assert page.evaluate("document.activeElement.id") == "f-scan", "the scanner types on"
    sender.look()
    sender.scan(serial)
    sender.press("Get the numbers")
    for _ in range(40):
        page.goto(here)
        if page.locator("#f-first").count():
            break
        page.wait_for_timeout(500)
    with page.expect_download() as sheet:
        page.get_by_role("button", name=sender.say("Print the labels")).click()
    assert sheet.value.suggested_filename.endswith("-labels.pdf")
    page.goto(here)
    sender.look()
    sender.press("The carrier has taken them")
    assert sender.say("All parcels are on their way, and the members have been told.") in sender.text()
    member.open(f"/cases/{number}")
    assert sender.say("Your parcel") in member.text()
    member.look()
