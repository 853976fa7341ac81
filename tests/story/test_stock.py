"""Stock moves by a scanner that only types: a box from one branch to the next, a count; and a photo where no scanner is."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from tests.story.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Staff = Callable[..., Walker]


def scans(keeper: Walker, text: str) -> None:
    """The scanner types; what it found is said, and the field is ready for the next one."""
    keeper.page.keyboard.type(text)
    keeper.page.keyboard.press("Enter")
    keeper.page.locator("#scanned", has_text=text).wait_for()
    assert keeper.page.evaluate("[document.activeElement.id, document.activeElement.value]") == ["f-serial", ""]


def on_the_shelf(keeper: Walker, branch: str, count: int) -> list[str]:
    """Devices that lie at this branch, read off the list."""
    keeper.open(f"/console/tokens?state=in_stock&branch={branch}")
    return [one.inner_text().split()[0] for one in keeper.page.locator("main tbody th").all()[:count]]


@pytest.mark.parametrize("lang", ["ko"])
def test_a_box_goes_from_one_branch_to_the_next_and_the_shelf_is_counted(staff: Staff, lang: str) -> None:
    keeper = staff("stock", lang, 1280)
    both = on_the_shelf(keeper, "main", 2)
    keeper.open("/console/stock/transfer?branch=main")
    keeper.page.locator("#f-to").select_option(index=2)
    keeper.press("Begin")
    for serial in (*both, "NOTHING"):
        scans(keeper, serial)
    assert keeper.page.locator("#inside tbody tr").count() == len(both)
    keeper.look()
    keeper.press("Send the box")
    scans(keeper, both[0])
    keeper.scan(both[1])
    assert keeper.say("Every device has been received.") in keeper.text()
    keeper.look()
    left = on_the_shelf(keeper, "main", 1)
    keeper.open("/console/stock/count?branch=main")
    keeper.press("Begin or go on")
    for serial in (*left, *both[:1]):
        scans(keeper, serial)
    assert keeper.page.locator("#last tbody tr").count() == 2
    keeper.look()
    keeper.press("End the count")
    assert keeper.say("Differences") in keeper.text()


@pytest.mark.parametrize("lang", ["ko"])
def test_where_the_browser_reads_no_codes_the_server_reads_a_photo(staff: Staff, tmp_path: Path, lang: str) -> None:
    teller = staff("teller", lang, 390)
    [serial] = on_the_shelf(teller, "main", 1)
    picture = Image.new("L", (1600, 1200), 150)
    bars = np.array(zxingcpp.create_barcode(serial, zxingcpp.BarcodeFormat.Code128).to_image(scale=4), dtype=np.uint8)
    picture.paste(Image.fromarray(bars), (300, 400))
    picture.save(tmp_path / "device.jpg")
    teller.context.add_init_script("delete window.BarcodeDetector")
    teller.open("/console/counter/swap")
    with teller.page.expect_file_chooser() as chooser:
        teller.page.get_by_role("button", name=teller.say("Scan with camera")).click()
    with teller.page.expect_navigation():
        chooser.value.set_files(tmp_path / "device.jpg")
    said = teller.say("{serial} is not a device in use, so there is nothing to swap", serial=serial)
    assert said in teller.text(), "the code went into the field, and was sent"
    teller.look()
