"""`/v1/stock`: devices are found, taken in, moved and set aside by a system, in the name of who keeps them."""

from typing import Any

import httpx
import pytest

from otpward.core.model.member import Role
from otpward.services.oversee.create_api_key import create_api_key
from otpward.services.stock.import_seeds import ImportSeeds, import_seeds
from tests.edges.http.console.staffed import another_branch, appoint
from tests.fakes.sample import Sample, seed_of

PATH = "/v1/stock"


def key_for(sample: Sample, *scopes: str) -> str:
    inside = sample.institution.id
    return sample.house.do(inside, lambda desk: create_api_key(inside, frozenset(scopes), "stock", None, desk=desk))


@pytest.fixture
def key(sample: Sample) -> str:
    return key_for(sample, "stock:write")


@pytest.fixture
def keeper(sample: Sample) -> str:
    """Keeps every branch."""
    return appoint(sample, Role.STOCK).login


def call(browser: Any, key: str, method: str, path: str = "", **options: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}", **options.pop("headers", {})}
    answer: httpx.Response = browser.request(method, PATH + path, headers=headers, **options)
    return answer


def arrived(sample: Sample, *numbers: int) -> list[str]:
    """Devices of a maker's file that lie on no shelf yet."""
    rows = "".join(f"NEW-{number},{seed_of(number).hex()},totp,6,60\n" for number in numbers)
    ask = ImportSeeds(institution_id=sample.institution.id, data=rows.encode(), file_name="new.csv", by=sample.operator.actor)
    sample.house.do(sample.institution.id, lambda desk: import_seeds(ask, desk=desk))
    return [f"NEW-{number}" for number in numbers]


def test_devices_are_listed_page_by_page(browser: Any, sample: Sample, key: str) -> None:
    seen: list[str] = []
    cursor = None
    while True:
        params = {"limit": 4, **({"cursor": cursor} if cursor else {})}
        page = call(browser, key, "GET", params=params).json()
        seen += [one["serial"] for one in page["devices"]]
        cursor = page.get("next")
        if cursor is None:
            break
    assert sorted(seen) == [f"SN-{number:02d}" for number in range(8)]
    shelf = call(browser, key, "GET", params={"state": "in_stock", "branch": "main"}).json()["devices"]
    assert {one["serial"] for one in shelf} == set(sample.shelf)
    assert {(one["place"], one["keeper"], one["branch"]) for one in shelf} == {("branch", "branch", "main")}
    one = call(browser, key, "GET", "/SN-02").json()
    assert (one["serial"], one["state"], one["holds"]) == ("SN-02", "in_stock", [])
    assert "seed" not in str(shelf)


def test_what_arrived_is_taken_onto_a_shelf_and_the_rest_says_what_it_is(
    browser: Any, sample: Sample, key: str, keeper: str
) -> None:
    serials = arrived(sample, 50, 51)
    ask = {"by": keeper, "branch": "main", "serials": [*serials, "SN-02", "NO-1", "SN-00"]}
    answer = call(browser, key, "POST", "/goods-in", json=ask)
    assert answer.status_code == 200, answer.text
    scans = answer.json()["scans"]
    assert [(one["done"], one["found"]) for one in scans] == [
        (True, "here"),
        (True, "here"),
        (False, "again"),
        (False, "unknown"),
        (False, "with_member"),
    ]
    assert scans[0]["device"]["branch"] == "main"
    again = call(browser, key, "POST", "/goods-in", json=ask).json()["scans"]
    assert [one["found"] for one in again[:2]] == ["again", "again"]


def test_devices_move_all_together_or_not_at_all(browser: Any, sample: Sample, key: str, keeper: str) -> None:
    another_branch(sample)
    two = list(sample.shelf[:2])
    stopped = call(browser, key, "POST", "/transfers", json={"by": keeper, "branch": "busan", "serials": [*two, "NO-1"]})
    assert (stopped.status_code, stopped.headers["content-type"]) == (404, "application/problem+json")
    assert call(browser, key, "GET", f"/{two[0]}").json()["branch"] == "main"
    used = call(browser, key, "POST", "/transfers", json={"by": keeper, "branch": "busan", "serials": [*two, "SN-00"]})
    assert used.status_code == 409
    moved = call(browser, key, "POST", "/transfers", json={"by": keeper, "branch": "busan", "serials": [*two, two[0]]})
    assert [(one["serial"], one["branch"]) for one in moved.json()["devices"]] == [(serial, "busan") for serial in two]


def test_a_keeper_of_one_branch_moves_nothing_of_another(browser: Any, sample: Sample, key: str) -> None:
    elsewhere = another_branch(sample)
    theirs = appoint(sample, Role.STOCK, elsewhere.id).login
    serials = arrived(sample, 50)
    for path, ask in (
        ("/goods-in", {"branch": "main", "serials": serials}),
        ("/transfers", {"branch": "main", "serials": ["SN-02"]}),
        ("/transfers", {"branch": "busan", "serials": ["SN-02"]}),
        ("/SN-02/quarantine", {"reason": "dropped"}),
    ):
        assert call(browser, key, "POST", path, json={"by": theirs, **ask}).status_code == 403, path
    assert call(browser, key, "GET", "/SN-02").json()["place"] == "branch"
    desk = appoint(sample, Role.HELP_DESK).login
    asked = call(browser, key, "POST", "/SN-02/quarantine", json={"by": desk, "reason": "dropped"})
    assert asked.status_code == 403


def test_a_device_is_set_aside_and_put_back_once(browser: Any, key: str, keeper: str) -> None:
    ask, once = {"by": keeper, "reason": "the display is cracked"}, {"Idempotency-Key": "a-1"}
    aside = call(browser, key, "POST", "/SN-02/quarantine", json=ask, headers=once)
    assert (aside.status_code, aside.json()["place"], aside.json()["state"]) == (200, "quarantine", "quarantined")
    assert call(browser, key, "POST", "/SN-02/quarantine", json=ask, headers=once).json() == aside.json()
    assert call(browser, key, "POST", "/SN-02/quarantine", json=ask).status_code == 409
    other = call(browser, key, "POST", "/SN-02/quarantine", json={**ask, "reason": "else"}, headers=once)
    assert other.status_code == 422
    back = call(browser, key, "POST", "/SN-02/release", json={"by": keeper, "reason": "it was dust"})
    assert (back.status_code, back.json()["place"], back.json()["state"]) == (200, "branch", "in_stock")


@pytest.mark.parametrize(
    ("path", "ask", "status", "field"),
    [
        ("/goods-in", {"branch": "none", "serials": ["SN-02"]}, 422, "branch"),
        ("/goods-in", {"branch": "main", "serials": []}, 422, "serials"),
        ("/goods-in", {"branch": "main", "serials": ["S"] * 101}, 422, "serials"),
        ("/goods-in", {"branch": "main", "serials": ["a\x00b"]}, 422, None),
        ("/transfers", {"branch": "none", "serials": ["SN-02"]}, 422, "branch"),
        ("/SN-02/quarantine", {"reason": " "}, 422, "reason"),
        ("/SN-02/quarantine", {"reason": "x", "more": 1}, 422, None),
        ("/NO-1/quarantine", {"reason": "dropped"}, 404, None),
        ("/SN-02/release", {"reason": "dropped"}, 409, None),
        ("/SN-02/quarantine", {"reason": "dropped", "by": "nobody"}, 422, "by"),
    ],
    ids=["branch", "nothing", "too many", "control", "no branch", "no reason", "more", "unknown", "not aside", "nobody"],
)
def test_bad_requests_are_problems_that_name_the_field(
    browser: Any, key: str, keeper: str, path: str, ask: dict[str, Any], status: int, field: str | None
) -> None:
    answer = call(browser, key, "POST", path, json={"by": keeper, **ask})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    if field is not None:
        assert field in answer.text


@pytest.mark.parametrize("params", [{"cursor": "x"}, {"cursor": "MS4y"}, {"state": "odd"}, {"branch": "none"}, {"limit": 0}])
def test_a_question_that_means_nothing_is_a_problem(browser: Any, key: str, params: dict[str, Any]) -> None:
    assert call(browser, key, "GET", params=params).status_code == 422


def test_a_key_that_reads_does_not_write_and_others_do_neither(browser: Any, sample: Sample, keeper: str) -> None:
    reads = key_for(sample, "stock:read")
    assert call(browser, reads, "GET").status_code == 200
    assert call(browser, reads, "POST", "/SN-02/quarantine", json={"by": keeper, "reason": "x"}).status_code == 403
    assert call(browser, key_for(sample, "tokens:read"), "GET").status_code == 403
    assert call(browser, "no-key", "GET").status_code == 401
