"""`/v1/notice-texts`: the words of notices, for systems that may read or set them."""

from typing import Any

import pytest

from otpward.core.model.member import Role
from otpward.services.oversee.create_api_key import create_api_key
from tests.edges.http.console.staffed import appoint
from tests.fakes.sample import Sample

PATH = "/v1/notice-texts"
ONE = f"{PATH}/token_unlocked"
OWN = {"by": "administrator-0", "ko": "[{name}] 잠금이 풀렸습니다. 문의 {phone}", "en": "[{name}] Unlocked. Call {phone}"}


def key(sample: Sample, *scopes: str) -> dict[str, str]:
    inside = sample.institution.id
    made = sample.house.do(inside, lambda desk: create_api_key(inside, frozenset(scopes), "words", None, desk=desk))
    return {"Authorization": f"Bearer {made}"}


@pytest.fixture
def writes(sample: Sample) -> dict[str, str]:
    appoint(sample, Role.ADMINISTRATOR)
    return key(sample, "notices:write")


def test_words_are_set_read_and_given_up_for_ours(browser: Any, writes: dict[str, str]) -> None:
    ours = browser.get(ONE, headers=writes).json()
    assert (ours["own"], ours["number"], ours["needed"]) == (False, 0, ["phone"])
    for _ in range(2):
        said = browser.request("PUT", ONE, json=OWN, headers=writes)
        assert (said.status_code, said.json()["number"], said.json()["ko"]) == (200, 1, OWN["ko"])
    listed = browser.get(PATH, headers=writes).json()["texts"]
    assert [one["kind"] for one in listed if one["own"]] == ["token_unlocked"]
    assert browser.request("PUT", ONE, json={**OWN, "ko": "", "en": ""}, headers=writes).json() == ours
    assert browser.get(ONE, headers=writes).json() == ours


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"en": ""}, "en", id="one language alone"),
        pytest.param({"ko": "{name} {phone} {nobody}"}, "ko", id="an unknown name"),
        pytest.param({"ko": "{name}"}, "ko", id="nobody to call"),
        pytest.param({"by": "m1001"}, "by", id="no member of staff"),
    ],
)
def test_what_cannot_be_sent_is_not_kept(browser: Any, writes: dict[str, str], change: dict[str, str], field: str) -> None:
    said = browser.request("PUT", ONE, json={**OWN, **change}, headers=writes)
    assert (said.status_code, said.json()["field"]) == (422, field)
    assert browser.get(ONE, headers=writes).json()["own"] is False


def test_a_key_and_a_role_do_what_they_may(browser: Any, sample: Sample, writes: dict[str, str]) -> None:
    reads = key(sample, "notices:read")
    assert browser.get(PATH, headers=reads).status_code == 200
    assert browser.request("PUT", ONE, json=OWN, headers=reads).status_code == 403
    assert browser.get(PATH, headers=key(sample, "policies:write")).status_code == 403
    desk = appoint(sample, Role.HELP_DESK)
    assert browser.request("PUT", ONE, json={**OWN, "by": desk.login}, headers=writes).status_code == 403
    assert browser.get(f"{PATH}/nothing", headers=reads).status_code == 422


def test_a_template_of_kakaotalk_is_kept_beside_the_words(browser: Any, writes: dict[str, str]) -> None:
    assert browser.request("PUT", ONE, json={**OWN, "talk_code": "KA-1"}, headers=writes).json()["talk_code"] == "KA-1"
    assert browser.request("PUT", ONE, json={**OWN, "ko": "", "en": ""}, headers=writes).json()["talk_code"] == "KA-1"
    wrong = browser.request("PUT", ONE, json={**OWN, "talk_code": "no spaces"}, headers=writes)
    assert (wrong.status_code, wrong.json()["field"]) == (422, "talk_code")
