"""The post office: what may follow what, by page and by API."""

import itertools

import httpx
import pytest

from otpward.core.errors import Conflict
from otpward.sandbox.letters import MOVES, hand_in, move, order
from otpward.sandbox.world import World

PATHS = {
    "ordered": [],
    "accepted": [],
    "lost": ["lost"],
    "in_transit": ["in_transit"],
    "delivered": ["in_transit", "delivered"],
    "returned": ["in_transit", "returned"],
}


@pytest.mark.parametrize(("state", "to"), list(itertools.product(MOVES, MOVES)))
def test_a_parcel_moves_as_the_table_says(world: World, state: str, to: str) -> None:
    number = order(world, "r-1").number if state == "ordered" else hand_in(world).number
    for step in PATHS[state]:
        move(world, number, step)
    if to in MOVES[state]:
        assert move(world, number, to).state == to
    else:
        with pytest.raises(Conflict):
            move(world, number, to)
        assert world.memory.parcels[number].state == state


def test_a_label_is_a_number_that_was_never_given(client: httpx.Client) -> None:
    numbers = [client.post("/api/parcels").json()["number"] for _ in range(20)]
    assert len(set(numbers)) == 20
    assert all(len(number) == 13 and number.isdigit() for number in numbers)


def test_a_number_is_handed_in_once(client: httpx.Client) -> None:
    assert client.post("/api/parcels", json={"number": "68901-0000-1233"}).json()["number"] == "6890100001233"
    assert client.post("/api/parcels", json={"number": "6890100001233"}).status_code == 409
    assert client.post("/api/parcels", json={"number": "123"}).status_code == 422
    assert len(client.get("/api/parcels").json()) == 1


def test_the_counter_says_what_is_wrong_beside_the_field(client: httpx.Client) -> None:
    assert "6890100001233" in client.post("/parcels", data={"number": "6890100001233"}).text
    for number, words in (("6890100001233", "이미 접수한 등기번호입니다."), ("12", "등기번호를 확인해 주세요.")):
        answer = client.post("/parcels", data={"number": number})
        assert answer.status_code == 422
        assert words in answer.text
        assert f'value="{number}"' in answer.text


def test_the_buttons_of_a_parcel_are_the_steps_it_can_take(client: httpx.Client) -> None:
    number = client.post("/api/parcels").json()["number"]
    for state in ("in_transit", "delivered"):
        assert f'value="{state}"' in client.get("/parcels").text
        assert client.post(f"/parcels/{number}/move", data={"state": state}).url.path == "/parcels"
    assert 'value="returned"' in client.get("/parcels").text, "carriers contradict themselves"
    client.post(f"/parcels/{number}/move", data={"state": "returned"})
    assert 'name="state"' not in client.get("/parcels").text


def test_the_post_office_can_be_down_or_slow_to_tell(client: httpx.Client) -> None:
    number = client.post("/api/parcels").json()["number"]
    key = {"Authorization": "Bearer not-a-secret"}
    assert client.get(f"/v1/parcels/{number}", headers=key).json()["events"][0]["state"] == "accepted"
    client.post("/parcels/post", data={"down": "no", "delay_s": "3600"})
    assert client.get(f"/v1/parcels/{number}", headers=key).status_code == 404
    client.post("/api/post", json={"down": True})
    assert client.get(f"/v1/parcels/{number}", headers=key).status_code == 503
    client.post("/api/post", json={})
    assert client.get(f"/v1/parcels/{number}", headers=key).status_code == 200
    assert client.get(f"/v1/parcels/{number}").status_code == 401


def test_a_number_is_ordered_once_for_a_reference_and_then_handed_in(client: httpx.Client) -> None:
    key = {"Authorization": "Bearer not-a-secret"}
    letter = {"reference": "r-1", "name": "n", "address": ["13487", "street"]}
    first, second = (client.post("/v1/parcels", json=letter, headers=key).json()["number"] for _ in range(2))
    assert first == second
    assert client.get(f"/v1/parcels/{first}", headers=key).status_code == 404
    assert client.post("/api/parcels", json={"number": first}).json()["state"] == "accepted"
    assert client.post("/v1/parcels", json={**letter, "address": ["nowhere"]}, headers=key).status_code == 422


def test_an_unknown_parcel_or_state_is_refused(client: httpx.Client) -> None:
    number = client.post("/api/parcels").json()["number"]
    assert client.post("/api/parcels/1/move", json={"state": "delivered"}).status_code == 404
    assert client.post(f"/api/parcels/{number}/move", json={"state": "eaten"}).status_code == 422
    assert client.post(f"/api/parcels/{number}/move", content=b"[1]").status_code == 422
