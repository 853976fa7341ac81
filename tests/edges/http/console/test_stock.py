"""The stock at the console: a scanner types serials and Enter, and each scan has its answer; it works without a script."""

from collections.abc import Mapping
from typing import Any

import pytest

from otpward.core.model.member import Role
from otpward.services.stock.import_seeds import ImportSeeds, import_seeds
from tests.edges.http.console.staffed import another_branch, appoint, sit
from tests.fakes.sample import BY, Sample, seed_of

STOCK = "/console/stock"


@pytest.fixture
def keeper(browser: Any, sample: Sample) -> Any:
    """A keeper of stock, a second branch, and a device that has arrived."""
    another_branch(sample)
    row = f"SN-20,{seed_of(20).hex()},totp,6,60\n".encode()
    ask = ImportSeeds(institution_id=sample.institution.id, data=row, file_name="goods.csv", by=BY)
    sample.house.do(sample.institution.id, lambda desk: import_seeds(ask, desk=desk))
    sit(browser, sample, appoint(sample, Role.STOCK))
    return browser


def scan(browser: Any, where: str, serial: str, **fields: str) -> str:
    """One scan on this page, without a script: the page after it."""
    csrf = browser.get(where).text.partition('name="csrf" value="')[2].partition('"')[0]
    sent = browser.post(where.partition("?")[0], {"csrf": csrf, "serial": serial, **fields})
    assert sent.status_code in {200, 422}, sent.text
    text: str = sent.text
    return text


SENTENCES: Mapping[str, str] = {
    "SN-20": "SN-20 is on this shelf now.",
    "SN-02": "SN-02 was scanned before. Nothing changed.",
    "SN-00": "SN-00 should be in the hands of a member.",
    "<b>99": "No device has the serial number &lt;b&gt;99. Scan it again, or import its seed file first.",
    "  ": "Scan a device, or type its serial number",
}


@pytest.mark.parametrize("serial", SENTENCES)
def test_a_scan_at_goods_in_is_answered_in_a_sentence(keeper: Any, serial: str) -> None:
    page = scan(keeper, f"{STOCK}/in?branch=main", serial, act="in", branch="main")
    assert SENTENCES[serial] in page
    assert 'name="serial"' in page
    assert "autofocus" in page


def test_a_device_of_another_branch_is_told_so(keeper: Any) -> None:
    page = scan(keeper, f"{STOCK}/in?branch=busan", "SN-02", act="in", branch="busan")
    assert "SN-02 belongs to Head Office, not here." in page


def test_a_box_is_packed_sent_received_and_closed(keeper: Any) -> None:
    box = keeper.send(keeper.get(f"{STOCK}/transfer"), f"{STOCK}/transfer", branch="main", to="busan")
    where = box.url.path
    assert "Box from Head Office to Busan" in box.text
    for serial in ("SN-02", "SN-03"):
        assert f"{serial} is in the box." in scan(keeper, where, serial, act="in")
    assert "Being packed" in keeper.get(f"{STOCK}/transfer").text
    sent = keeper.send(keeper.get(where), where, act="send")
    assert "The box is on its way." in sent.text
    assert "SN-02 is on this shelf now." in scan(keeper, where, "SN-02", act="receive")
    assert "SN-04 belongs to Head Office, not here." in scan(keeper, where, "SN-04", act="receive")
    assert "1 of 2 received" in keeper.get(where).text
    assert "Write where the missing devices are" in keeper.send(keeper.get(where), where, act="close", reason=" ").text
    assert "Closed with devices missing" in keeper.send(keeper.get(where), where, act="close", reason="fell out").text


@pytest.mark.parametrize("to", ["main", "", "nowhere"])
def test_a_box_goes_to_another_branch(keeper: Any, to: str) -> None:
    page = keeper.send(keeper.get(f"{STOCK}/transfer"), f"{STOCK}/transfer", branch="main", to=to)
    assert page.status_code == 422
    assert "Choose the branch that it goes to" in page.text


def test_an_empty_box_is_not_sent(keeper: Any) -> None:
    where = keeper.send(keeper.get(f"{STOCK}/transfer"), f"{STOCK}/transfer", branch="main", to="busan").url.path
    assert "The box is empty. Scan at least one device" in keeper.send(keeper.get(where), where, act="send").text
    assert "Unpacked." in keeper.send(keeper.get(where), where, act="drop").text


def test_a_count_lists_what_is_missing_and_what_is_too_many(keeper: Any) -> None:
    where = keeper.send(keeper.get(f"{STOCK}/count"), f"{STOCK}/count", branch="main").url.path
    for serial in ("SN-02", "SN-03", "SN-04", "SN-05", "SN-06"):
        assert f"Found: {serial}" in scan(keeper, where, serial, act="scan")
    assert "SN-05 was scanned before." in scan(keeper, where, "SN-05", act="scan")
    assert "SN-20 has arrived and lies on no shelf yet." in scan(keeper, where, "SN-20", act="scan")
    page = keeper.send(keeper.get(where), where, act="end").text
    assert "Differences to settle" in page
    lines = [piece.partition('"')[0] for piece in page.split('name="line" value="')[1:]]
    assert len(lines) == 2
    missing, surplus = lines
    refused = keeper.send(keeper.get(where), where, act="settle", line=missing, how="lost")
    assert refused.status_code == 422
    assert "Write why" in refused.text
    keeper.send(keeper.get(where), where, act="settle", line=missing, how="lost", **{f"reason-{missing}": "not found"})
    done = keeper.send(keeper.get(where), where, act="settle", line=surplus, how="shelved", **{f"reason-{surplus}": "new"})
    assert "Settled: new" in done.text
    assert "Settled: not found" in done.text


def test_a_device_is_set_aside_put_back_written_off_and_destroyed(keeper: Any) -> None:
    where = f"{STOCK}/quarantine?serial=SN-02"
    for act, told in (
        ("quarantine", "In quarantine."),
        ("restock", "Back on the shelf."),
        ("write_off", "Written off."),
        ("destroy", "Destroyed. Its seed is erased."),
    ):
        assert f'value="{act}"' in keeper.get(where).text
        page = keeper.send(keeper.get(where), f"{STOCK}/quarantine", act=act, serial="SN-02", reason="a reason")
        assert told in page.text
    again = keeper.send(keeper.get(where), f"{STOCK}/quarantine", act="restock", serial="SN-02", reason="a reason")
    assert again.status_code == 422


def test_low_stock_shows_on_the_page_and_on_the_day(keeper: Any) -> None:
    rule = {"model": "", "at": "main", "low_below": "100", "battery_months": ""}
    assert "Saved." in keeper.send(keeper.get(f"{STOCK}/rules"), f"{STOCK}/rules", **rule).text
    assert "Low" in keeper.get(STOCK).text
    assert "Head Office: 6 in stock" in keeper.get("/console").text
    wrong = keeper.send(keeper.get(f"{STOCK}/rules"), f"{STOCK}/rules", **rule | {"low_below": "-1"})
    assert wrong.status_code == 422


@pytest.mark.parametrize("room", ["in", "rules"])
def test_who_keeps_no_stock_only_looks(browser: Any, sample: Sample, room: str) -> None:
    sit(browser, sample, appoint(sample, Role.AUDITOR))
    assert browser.get(STOCK).status_code == 200
    assert browser.get(f"{STOCK}/{room}").status_code == 403
    assert browser.get(f"{STOCK}/count").status_code == 200


@pytest.mark.parametrize("where", [f"{STOCK}/transfer/nonsense", f"{STOCK}/count/nonsense"])
def test_what_is_not_there_is_not_found(keeper: Any, where: str) -> None:
    assert keeper.get(where).status_code == 404
