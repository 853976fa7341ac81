"""`/v1/members`, `/v1/tokens`, `/v1/audit` and `/v1/loss-reports`, as a system of the institution sees them."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from otpward.core.lifecycle.token import Hold
from otpward.core.policy.rates import REPORTS_PER_SOURCE
from tests.edges.http.conftest import Browser
from tests.edges.http.test_cases_api import house, judging, refused
from tests.edges.http.test_policies_api import key
from tests.fakes.sample import PHONE, Sample, make_sample
from tests.services.walk import Walk, shown

__all__ = ["house", "judging"]
"""Those of the neighbour, for all tests here."""

LOSSES = "/v1/loss-reports"
CALLER: dict[str, Any] = {"member": "m1001", "phone": PHONE, "kind": "lost", "client": "192.0.2.7"}


@pytest.fixture
def walk(sample: Sample) -> Walk:
    return Walk(sample)


def all_of(browser: Browser, path: str, headers: dict[str, str], what: str, *, limit: int) -> list[dict[str, Any]]:
    """Every page, to the last."""
    found, cursor = list[dict[str, Any]](), ""
    for _ in range(200):
        told = browser.get(f"{path}{'&' if '?' in path else '?'}limit={limit}{cursor}", headers=headers).json()
        assert len(told[what]) <= limit
        found += told[what]
        if told["next"] is None:
            return found
        cursor = f"&cursor={told['next']}"
    raise AssertionError("it never ends")


def test_members_are_read_page_by_page_and_one_by_one(browser: Browser, sample: Sample) -> None:
    headers = key(sample, "members:read")
    one_by_one = all_of(browser, "/v1/members", headers, "members", limit=1)
    assert one_by_one == browser.get("/v1/members?limit=100", headers=headers).json()["members"]
    assert {"m1001", "m1002"} <= {one["login"] for one in one_by_one}
    told = browser.get("/v1/members/M1001", headers=headers)
    assert (told.json()["login"], told.json()["tokens"]) == ("m1001", ["SN-00"])
    assert PHONE[-8:] not in told.text
    assert told.json()["phone"].endswith(PHONE[-4:])
    refused(browser.get("/v1/members/nobody", headers=headers), 404, "not_found")


def test_devices_are_read_page_by_page_and_one_by_one(browser: Browser, walk: Walk) -> None:
    headers = key(walk.sample, "tokens:read")
    every = all_of(browser, "/v1/tokens", headers, "tokens", limit=2)
    serials = [one["serial"] for one in every]
    assert len(serials) == len(set(serials)) == len(walk.look(lambda uow: uow.devices.find()))
    walk.report()
    told = browser.get("/v1/tokens/SN-00", headers=headers).json()
    assert (told["state"], told["holds"], told["member"], told["digits"]) == ("active", ["lost"], "m1001", 6)
    assert not {"seed", "high_water", "failures"} & set(told)
    mine = browser.get("/v1/tokens?member=m1001", headers=headers).json()["tokens"]
    assert [one["serial"] for one in mine] == ["SN-00"]
    refused(browser.get("/v1/tokens/SN-99", headers=headers), 404, "not_found")


@pytest.mark.parametrize("path", ["/v1/members", "/v1/tokens", "/v1/audit"])
@pytest.mark.parametrize("query", ["cursor=x", "cursor=%25", "cursor=", "limit=0", "limit=10000"])
def test_a_page_that_is_none_is_named(browser: Browser, sample: Sample, path: str, query: str) -> None:
    headers = key(sample, "members:read", "tokens:read", "audit:read")
    told = refused(browser.get(f"{path}?{query}", headers=headers), 422, "invalid")
    assert query.partition("=")[0] in told["field"]


@pytest.mark.parametrize("path", ["/v1/members", "/v1/members/m1001", "/v1/tokens", "/v1/tokens/SN-00", "/v1/audit"])
def test_a_key_for_other_things_reads_nothing_and_another_institutions_sees_its_own(
    browser: Browser, sample: Sample, path: str
) -> None:
    refused(browser.get(path), 401, "unauthorized")
    refused(browser.get(path, headers=key(sample, "verify", "cases:read")), 403, "forbidden")


def test_the_audit_is_read_to_its_beginning_without_losing_a_line(browser: Browser, walk: Walk) -> None:
    walk.done()
    walk.clock.move(minutes=1)
    walk.verify(shown("SN-02", walk.now))
    headers = key(walk.sample, "audit:read")
    every = [str(one.id) for one in walk.look(lambda uow: uow.audit.find(limit=10_000))]
    for limit in (1, 7, 200):
        assert [one["id"] for one in all_of(browser, "/v1/audit", headers, "lines", limit=limit)] == every


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00%2B23:59"])
@pytest.mark.parametrize("name", ["since", "before"])
def test_a_moment_beyond_the_calendar_is_named(browser: Browser, sample: Sample, name: str, at: str) -> None:
    told = refused(browser.get(f"/v1/audit?{name}={at}", headers=key(sample, "audit:read")), 422, "invalid")
    assert (told["field"], told["detail"]) == (f"query.{name}", "it lies beyond the calendar")


def test_the_audit_is_filtered(browser: Browser, walk: Walk) -> None:
    case, start = walk.checking(), walk.now
    walk.clock.move(minutes=5)
    walk.verify(shown("SN-00", walk.now))
    headers = key(walk.sample, "audit:read")
    asked = all_of(browser, f"/v1/audit?case={case.number}", headers, "lines", limit=2)
    assert {one["case_id"] for one in asked} == {str(case.id)}
    (accepted,) = all_of(browser, "/v1/audit?event=code:accepted", headers, "lines", limit=10)
    assert (accepted["result"], accepted["subject"]) == ("accepted", "token")
    late = (start + timedelta(minutes=1)).isoformat().replace("+00:00", "Z")
    newer = all_of(browser, f"/v1/audit?since={late}", headers, "lines", limit=1)
    older = all_of(browser, f"/v1/audit?before={late}", headers, "lines", limit=50)
    assert accepted in newer
    assert len(newer) + len(older) == len(all_of(browser, "/v1/audit", headers, "lines", limit=200))
    refused(browser.get("/v1/audit?case=R-0", headers=headers), 404, "not_found")
    assert refused(browser.get("/v1/audit?event=no:such", headers=headers), 422, "invalid")["field"] == "query.event"


def report(browser: Browser, headers: dict[str, str], once: str = "", **more: Any) -> httpx.Response:
    given = {**headers, "Idempotency-Key": once} if once else headers
    return browser.post(LOSSES, json={**CALLER, **more}, headers=given)


def test_a_loss_is_reported_and_the_otp_stops_at_once(browser: Browser, walk: Walk) -> None:
    headers = key(walk.sample, "losses:write")
    answer = report(browser, headers)
    assert (answer.status_code, set(answer.json())) == (201, {"number", "reported_at"})
    assert walk.token("SN-00").holds == frozenset({Hold.LOST})
    (line,) = walk.look(lambda uow: uow.audit.find(event="loss:reported"))
    assert (line.source, line.result) == ("192.0.2.7", "matched")


def test_who_is_not_known_hears_the_same(browser: Browser, walk: Walk) -> None:
    headers = key(walk.sample, "losses:write")
    known, unknown, other = (
        report(browser, headers),
        report(browser, headers, member="nobody"),
        report(browser, headers, phone="010-0000-0000"),
    )
    assert {one.status_code for one in (known, unknown, other)} == {201}
    assert {tuple(one.json()) for one in (known, unknown, other)} == {("number", "reported_at")}


def test_asked_again_under_one_key_it_is_one_report(browser: Browser, walk: Walk) -> None:
    headers = key(walk.sample, "losses:write")
    first, again = report(browser, headers, '"call-1"'), report(browser, headers, '"call-1"')
    assert first.json() == again.json()
    assert report(browser, headers, '"call-2"').json() != first.json()
    assert len(walk.look(lambda uow: uow.losses.find())) == 2


def test_one_address_cannot_stop_everybodys(browser: Browser, walk: Walk) -> None:
    headers = key(walk.sample, "losses:write")
    for one in range(REPORTS_PER_SOURCE.limit):
        assert report(browser, headers, member=f"n{one}").status_code == 201
    told = report(browser, headers)
    refused(told, 429, "too_often")
    assert int(told.headers["retry-after"]) > 0
    assert report(browser, headers, client="192.0.2.8").status_code == 201


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"member": ""}, "member"),
        ({"phone": "12"}, "phone"),
        ({"phone": "not a phone"}, "phone"),
        ({"kind": "borrowed"}, "kind"),
        ({"client": "here"}, "client"),
        ({"client": None}, "client"),
        ({"phone_lost": "yes"}, "phone_lost"),
        ({"more": 1}, "more"),
    ],
)
def test_a_report_that_is_none_names_its_field(browser: Browser, walk: Walk, change: dict[str, Any], field: str) -> None:
    answer = report(browser, key(walk.sample, "losses:write"), **change)
    assert refused(answer, 422, "invalid")["field"] == field
    assert walk.look(lambda uow: uow.losses.find()) == []


def test_another_institutions_key_stops_nothing_here(browser: Browser, walk: Walk) -> None:
    theirs = key(make_sample(walk.house, code="second"), "losses:write")
    assert report(browser, theirs).status_code == 201
    assert walk.token("SN-00").holds == frozenset()
