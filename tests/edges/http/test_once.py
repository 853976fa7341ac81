"""One Idempotency-Key, many at once: one of them acts."""

import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.responses import JSONResponse, Response

from otpward.core.errors import Conflict, OtherRequest
from otpward.edges.http.api.keys import Caller, identify
from otpward.edges.http.api.once import Asked, StillRunning, once
from otpward.ports.desk import House
from tests.fakes.house import sql_house, sqlite_engine
from tests.fakes.sample import make_sample
from tests.fakes.surroundings import FixedClock


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def house(tmp_path: Path, clock: FixedClock) -> House:
    return sql_house(sqlite_engine(tmp_path), clock)


@pytest.fixture
def caller(house: House) -> Caller:
    return identify(f"Bearer {make_sample(house).api_key}", "192.0.2.1", house=house)


def asked(caller: Caller, key: str = '"a"', **body: object) -> Asked:
    return Asked(caller=caller, once=key, where="test", body=body)


def test_of_eight_at_once_one_acts_and_the_others_hear_its_answer_or_wait(house: House, caller: Caller) -> None:
    acts, told, start = list[int](), Counter[str](), threading.Barrier(8)

    def act() -> Response:
        acts.append(1)
        return JSONResponse({"n": len(acts)}, status_code=201)

    def ask() -> None:
        start.wait(30)
        try:
            answer = once(asked(caller, n=1), house, act)
            told[f"{answer.status_code} {bytes(answer.body).decode()}"] += 1
        except StillRunning:
            told["running"] += 1

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(acts) == 1
    assert told['201 {"n":1}'] + told["running"] == 8
    assert set(told) <= {'201 {"n":1}', "running"}


def test_what_failed_leaves_the_key_free(house: House, caller: Caller) -> None:
    def fails() -> Response:
        raise Conflict("no")

    with pytest.raises(Conflict):
        once(asked(caller), house, fails)
    assert once(asked(caller), house, lambda: JSONResponse({})).status_code == 200
    with pytest.raises(OtherRequest):
        once(asked(caller, other=1), house, fails)


def test_a_server_that_died_holds_the_key_for_a_minute(house: House, caller: Caller, clock: FixedClock) -> None:
    inside: list[type[Exception]] = []

    def meanwhile() -> Response:
        with pytest.raises(StillRunning) as caught:
            once(asked(caller), house, lambda: JSONResponse({}))
        inside.append(caught.type)
        clock.at += timedelta(minutes=1, seconds=1)  # as if nothing had come of it
        return once(asked(caller), house, lambda: JSONResponse({"again": True}))

    assert bytes(once(asked(caller), house, meanwhile).body) == b'{"again":true}'
    assert inside == [StillRunning]


def test_the_answer_is_kept_for_a_day(house: House, caller: Caller, clock: FixedClock) -> None:
    first = once(asked(caller), house, lambda: JSONResponse({"n": 1}, headers={"ETag": '"7"'}))
    clock.at += timedelta(hours=23)
    again = once(asked(caller), house, lambda: JSONResponse({"n": 2}))
    assert (again.body, again.headers["etag"]) == (first.body, '"7"')
    clock.at += timedelta(hours=2)
    assert bytes(once(asked(caller), house, lambda: JSONResponse({"n": 3})).body) == b'{"n":3}'


def test_who_took_too_long_leaves_the_mark_of_the_next_alone(house: House, clock: FixedClock, caller: Caller) -> None:
    def slow() -> Response:
        clock.move(minutes=2)
        once(asked(caller, n=1), house, lambda: JSONResponse({"n": 2}))
        raise Conflict("too slow")

    with pytest.raises(Conflict):
        once(asked(caller, n=1), house, slow)
    again = once(asked(caller, n=1), house, lambda: JSONResponse({"n": 3}))
    assert bytes(again.body) == b'{"n":2}'
