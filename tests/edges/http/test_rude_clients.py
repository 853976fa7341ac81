"""Clients that go away, or ask for many things at once, on a real server: nobody else waits, nothing unfinished counts, and
answers come in the order of the questions."""

import time
from collections.abc import Iterator

import pytest

from chaos.site import codes, guesses
from chaos.wire import Volley, Wire, request
from tests.edges.http.door import Door, open_door


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def door(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    if request.param == "sqlite":
        with open_door(tmp_path_factory.mktemp("rude"), 60) as door:
            yield door
        return
    server = request.getfixturevalue("postgres_server")
    with open_door(tmp_path_factory.mktemp("rude"), 60, server.create_database("rude_clients")) as door:
        yield door
    server.drop_database("rude_clients")


@pytest.mark.parametrize("left_out", [1, 10, 60], ids=["the last octet", "the code", "the body"])
@pytest.mark.parametrize("right", [True, False], ids=["right", "wrong"])
def test_a_request_that_never_ends_is_not_counted(door: Door, left_out: int, right: bool) -> None:
    serial = door.fresh()
    code = codes(serial, 1)[0] if right else guesses(serial, 1)[0]
    octets = request(door.site.key, serial=serial, code=code)
    before = door.row(serial)
    with Wire(door.port) as wire:
        wire.send(octets[:-left_out])
        wire.half_close()
        assert wire.ended(5)
    with Wire(door.port) as wire:
        wire.send(octets[:-left_out])
    door.assert_swift()
    assert door.row(serial) == before


def test_guesses_of_one_moment_see_each_other(door: Door) -> None:
    serial = door.fresh()
    with Volley([door.port], 9) as volley:
        answers = volley.fire([request(door.site.key, serial=serial, code=code) for code in guesses(serial, 9)])
    assert sorted(answer.json["tries_left"] for answer in answers) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert (door.row(serial).failures, door.row(serial).failures_total) == (9, 9)


def test_two_codes_of_one_moment_see_each_other(door: Door) -> None:
    """The earlier one is good only if it came first; whichever order it was, the mark ends at the later one."""
    for _ in range(5):
        serial = door.fresh()
        with Volley([door.port], 2) as volley:
            first, second = (
                answer.reason
                for answer in volley.fire([request(door.site.key, serial=serial, code=code) for code in codes(serial, 2)])
            )
        assert (first, second) in {("accepted", "accepted"), ("replayed", "accepted")}
        row = door.row(serial)
        assert (row.high_water, row.failures) == (1, 0 if first == "accepted" else 1)


def test_a_right_code_among_guesses_of_one_moment_clears_those_before_it(door: Door) -> None:
    serial = door.fresh()
    wrong = guesses(serial, 8)
    with Volley([door.port], 9) as volley:
        asked = [*wrong[:4], codes(serial, 1)[0], *wrong[4:]]
        answers = volley.fire([request(door.site.key, serial=serial, code=code) for code in asked])
    assert [answer.reason for answer in answers].count("accepted") == 1
    left = sorted(answer.json["tries_left"] for answer in answers if answer.reason == "wrong_code")
    after = door.row(serial).failures
    before = len(wrong) - after
    assert left == sorted([*range(10 - before, 10), *range(10 - after, 10)])


def test_questions_in_one_go_on_one_connection_are_answered_in_their_order(door: Door) -> None:
    serials = [door.fresh() for _ in range(6)]
    asked = [
        *(request(door.site.key, serial=serial, code=codes(serial, 1)[0]) for serial in serials[:3]),
        request(door.site.key, b"{"),
        *(request(door.site.key, serial=serial, code=guesses(serial, 1)[0]) for serial in serials[3:]),
        request(door.site.key, serial=serials[0], code=codes(serials[0], 1)[0]),
        request(door.site.key, serial=serials[0], code=codes(serials[0], 2)[1]),
    ]
    with Wire(door.port) as wire:
        wire.send(b"".join(asked))
        answers = [wire.read() for _ in asked]
    assert [answer.reason for answer in answers] == [
        *["accepted"] * 3,
        "http 400",
        *["wrong_code"] * 3,
        "replayed",
        "accepted",
    ]
    assert [answer.json.get("token") for answer in answers] == [*serials[:3], None, *serials[3:], serials[0], serials[0]]


def test_who_hangs_up_after_asking_stops_nobody(door: Door) -> None:
    """And what was asked is judged or not, once."""
    serial = door.fresh()
    for code in codes(serial, 8):
        with Wire(door.port) as wire:
            wire.send(request(door.site.key, serial=serial, code=code))
    door.assert_swift()
    mark, before = door.row(serial).high_water, None
    while mark != before:  # what was asked may still wait for its turn
        time.sleep(0.5)
        mark, before = door.row(serial).high_water, mark
    assert door.send(request(door.site.key, serial=serial, code=codes(serial, 1, mark + 1)[0])).reason == "accepted"
