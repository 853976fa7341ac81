"""`Idempotency-Key` and `client` at the door of `POST /v1/verifications`."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from uuid import UUID

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from otpward.core.policy.verification import Verdict
from otpward.edges.http.api.verify import Verifications
from otpward.ports.judging import Asked, Judged, Result, Unconfirmed, Verification
from tests.edges.http.conftest import Browser
from tests.edges.http.test_api import PATH, ask, assert_problem, bearer, code_now, token_of, wrong_code
from tests.fakes.sample import Sample

T = TypeVar("T")


def aside(asked: Coroutine[Any, Any, T]) -> T:
    """Run on a thread of its own: where a browser lives in this process, Playwright's loop runs in the main one."""
    with ThreadPoolExecutor(1) as one:
        return one.submit(asyncio.run, asked).result()


def again(browser: Browser, sample: Sample, key: str, **body: Any) -> httpx.Response:
    return browser.post(PATH, json=body, headers=bearer(sample.api_key) | {"Idempotency-Key": key})


@pytest.mark.parametrize("key", ['"a-1"', "a-1", '"' + "x" * 128 + '"'], ids=["quoted", "plain", "long"])
def test_with_the_same_key_the_first_answer_is_given_again(browser: Browser, sample: Sample, key: str) -> None:
    code = code_now(sample)
    first = again(browser, sample, key, serial="SN-00", code=code)
    second = again(browser, sample, key, serial="SN-00", code=code)
    assert first.json()["result"] == "accepted"
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert again(browser, sample, '"other"', serial="SN-00", code=code).json()["reason"] == "replayed"


def test_a_refusal_is_given_again_and_counted_once(browser: Browser, sample: Sample) -> None:
    wrong = wrong_code(sample)
    first, *others = [again(browser, sample, '"w"', member="m1001", code=wrong) for _ in range(5)]
    assert {one.content for one in others} == {first.content}
    assert token_of(sample).failures == 1


def test_quoted_and_plain_are_the_same_key(browser: Browser, sample: Sample) -> None:
    first = again(browser, sample, '"k"', serial="SN-00", code=wrong_code(sample))
    assert again(browser, sample, "k", serial="SN-00", code=wrong_code(sample)).content == first.content


@pytest.mark.parametrize(
    "change", [{"code": "000001"}, {"serial": "SN-01"}, {"client": "192.0.2.9"}], ids=["code", "serial", "client"]
)
def test_the_same_key_with_another_question_is_refused(browser: Browser, sample: Sample, change: dict[str, str]) -> None:
    body = {"serial": "SN-00", "code": wrong_code(sample)}
    again(browser, sample, '"k"', **body)
    before = token_of(sample)
    problem = assert_problem(again(browser, sample, '"k"', **body | change), 422, field="Idempotency-Key")
    assert problem["type"] == "urn:otpward:problem:idempotency_key_reused"
    assert token_of(sample) == before


@pytest.mark.parametrize("key", ["", '""', '"', "a b", "x" * 129, '"a"b"', "\x7f", "é"])
def test_a_key_that_is_none_is_refused(browser: Browser, sample: Sample, key: str) -> None:
    headers = {**bearer(sample.api_key), "Idempotency-Key": key.encode("latin-1")}
    assert_problem(browser.post(PATH, json={"serial": "SN-00", "code": "123456"}, headers=headers), 400)
    assert token_of(sample).failures == 0


class Held:
    """Judging that answers when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[Result], None]] = []

    def submit(self, _asked: Asked, answer: Callable[[Result], None]) -> None:
        self.waiting.append(answer)

    async def warm_up(self) -> None: ...

    async def close(self) -> None: ...


async def nowhere(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise AssertionError


def test_while_the_first_is_running_the_same_key_waits_for_it(sample: Sample) -> None:
    held = Held()
    door = Verifications(nowhere, house=sample.house, judging=held, headers=[])
    said = Judged(
        verification=Verification(id=UUID(int=1), verdict=Verdict.ACCEPTED, tries_left=10, serial="SN-00"), reasons=True
    )

    async def go() -> list[httpx.Response]:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://127.0.0.1")
        headers = bearer(sample.api_key) | {"Idempotency-Key": '"k"'}

        async def post(key: str = '"k"') -> httpx.Response:
            body = {"serial": "SN-00", "code": "123456"}
            return await client.post(PATH, json=body, headers=headers | {"Idempotency-Key": key})

        first, other = asyncio.ensure_future(post()), asyncio.ensure_future(post('"other"'))
        while len(held.waiting) < 2:
            await asyncio.sleep(0)
        running = await post()
        for answer in held.waiting:
            answer(said)
        answers = [running, await first, await other]
        late = asyncio.ensure_future(post())
        while len(held.waiting) < 3:
            await asyncio.sleep(0)
        held.waiting[2](said)
        await client.aclose()
        return [*answers, await late]

    running, *others = aside(go())
    assert assert_problem(running, 409)["type"] == "urn:otpward:problem:still_running"
    assert [one.status_code for one in others] == [200] * 3


def test_what_nobody_knows_is_refused(sample: Sample) -> None:
    held = Held()
    door = Verifications(nowhere, house=sample.house, judging=held, headers=[])

    async def go() -> httpx.Response:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://127.0.0.1")
        body = {"serial": "SN-00", "code": "123456"}
        asked = asyncio.ensure_future(client.post(PATH, json=body, headers=bearer(sample.api_key)))
        while not held.waiting:
            await asyncio.sleep(0)
        held.waiting[0](Unconfirmed())
        answer = await asked
        await client.aclose()
        return answer

    answer = aside(go())
    told = answer.json()
    assert (answer.status_code, told["result"], told["reason"]) == (200, "refused", "unconfirmed")
    assert UUID(told["id"]).version == 8


def test_an_address_with_too_many_wrong_codes_waits(browser: Browser, sample: Sample) -> None:
    for _ in range(30):
        assert ask(browser, sample.api_key, serial="no-such", code="123456", client="203.0.113.7").status_code == 200
    refused = ask(browser, sample.api_key, serial="SN-00", code=code_now(sample), client="203.0.113.7")
    assert_problem(refused, 429)
    assert 0 < int(refused.headers["retry-after"]) <= 600
    assert token_of(sample).high_water == -1
    assert (
        ask(browser, sample.api_key, serial="SN-00", code=code_now(sample), client="203.0.113.8").json()["result"] == "accepted"
    )
