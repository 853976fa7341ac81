"""The writer as a process of its own: what it says is what a thread would have said, and its death is nobody's accept."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import anyio.from_thread
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otpward import wiring
from otpward.core.errors import OtherRequest, SealBroken, TooOften, Unavailable
from otpward.core.ids import InstitutionId
from otpward.core.policy.keys import NoKey, NotInScope
from otpward.core.policy.verification import Verdict
from otpward.ports.judging import Alone, Asked, Judged, Once, Result, Unconfirmed, Verification, judge
from otpward.settings import read_settings
from otpward.store.judging.apart import ApartJudging
from otpward.store.judging.rows import moment
from otpward.store.judging.wire import Fault, frames, read_answers, read_questions, write_answers, write_questions
from tests.fakes.sample import Sample, make_sample, oath_code, seed_of

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)

words = st.text(max_size=20)
keys = st.binary(min_size=32, max_size=32)
questions = st.builds(
    Asked,
    handle=words,
    digest=keys,
    code=words,
    login=st.none() | words,
    serial=st.none() | words,
    source=words,
    client=words,
    client_keys=st.tuples() | st.tuples(keys, keys),
    once=st.none() | st.builds(Once, key=keys, request=keys),
    challenge=st.none() | st.uuids(),
)
answers = st.builds(
    Judged,
    verification=st.builds(
        Verification,
        id=st.uuids(),
        verdict=st.sampled_from(Verdict),
        tries_left=st.integers(0, 10),
        serial=st.none() | words,
        age_s=st.none() | st.integers(0, 10**9),
        hold_until=st.none() | st.integers(1, 4 * 10**15).map(moment),
    ),
    reasons=st.booleans(),
) | st.builds(Alone, institution_id=st.uuids().map(InstitutionId), key_id=st.uuids(), reasons=st.booleans())


@given(st.lists(questions, max_size=5), st.integers(1, 50))
def test_questions_arrive_as_they_were_asked(asked: list[Asked], piece: int) -> None:
    numbered = list(enumerate(asked))
    sent, kept, arrived = write_questions(numbered) * 2, bytearray(), list[Any]()
    for start in range(0, len(sent), piece):
        kept += sent[start : start + piece]
        arrived += [read_questions(frame) for frame in frames(kept)]
    assert arrived == [numbered, numbered]
    assert kept == b""


@given(st.lists(answers, max_size=5))
def test_answers_arrive_as_they_were_given(results: list[Result]) -> None:
    numbered = list(enumerate(results))
    (frame,) = frames(bytearray(write_answers(numbered)))
    assert read_answers(frame) == numbered


@pytest.mark.parametrize(
    "error",
    [
        NoKey("a"),
        NotInScope("b"),
        OtherRequest("c", field="Idempotency-Key"),
        SealBroken("d"),
        Unavailable("e"),
        TooOften(NOW + timedelta(minutes=3)),
        Unconfirmed(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_arrives_as_itself(error: Exception) -> None:
    (frame,) = frames(bytearray(write_answers([(1, error)])))
    ((_, told),) = read_answers(frame)
    assert type(told) is type(error)
    assert str(told) == str(error)
    assert getattr(told, "field", None) == getattr(error, "field", None)
    assert getattr(told, "until", None) == getattr(error, "until", None)


def test_what_nobody_foresaw_arrives_without_its_words() -> None:
    (frame,) = frames(bytearray(write_answers([(1, ValueError("code 123456"))])))
    ((_, told),) = read_answers(frame)
    assert isinstance(told, Fault)
    assert str(told) == "fault ValueError"


class Writer:
    """An installation with a real writer process, which can be killed."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.started: list[subprocess.Popen[bytes]] = []
        (data / "otpward.toml").write_text('profile = "test"\ninstitution = "hanbit"\n')
        settings = read_settings(data, {})
        wiring.set_up(settings)
        self.opened = wiring.open_wiring(settings)
        self.sample: Sample = make_sample(self.opened.house)

    def start(self, line: socket.socket) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "otpward", "write", "--data", str(self.data), "--line", str(line.fileno())]
        environment = {name: value for name, value in os.environ.items() if name != "OTPWARD_DATABASE_URL"}
        self.started.append(subprocess.Popen(command, pass_fds=[line.fileno()], env=environment))
        return self.started[-1]

    def question(self, code: str, **more: Any) -> Asked:
        _, handle, secret = self.sample.api_key.split("_")
        digest = sha256(secret.encode()).digest()
        return Asked(handle=handle, digest=digest, code=code, login=None, serial="SN-00", source="192.0.2.1", **more)

    def code(self, minutes: int = 0) -> str:
        return oath_code(seed_of(0), datetime.now(UTC) + timedelta(minutes=minutes))

    def run(self, ask: Callable[[ApartJudging], Awaitable[None]]) -> None:
        async def go() -> None:
            judging = ApartJudging(self.start)
            try:
                await ask(judging)
            finally:
                await judging.close()

        with anyio.from_thread.start_blocking_portal() as portal:
            portal.call(go)


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    made = Writer(tmp_path)
    yield made
    made.opened.close()
    for process in made.started:
        assert process.poll() is not None, "it ended with its line"


async def verdict(judging: ApartJudging, asked: Asked) -> Verdict:
    result = await judge(judging, asked)
    assert isinstance(result, Judged)
    return result.verification.verdict


def test_a_process_judges_as_a_thread_does(writer: Writer) -> None:
    async def ask(judging: ApartJudging) -> None:
        await judging.warm_up()
        code = writer.code()
        told = await asyncio.gather(*(verdict(judging, writer.question(code)) for _ in range(8)))
        assert sorted(told) == ["accepted", *["replayed"] * 7]
        bad = writer.question(code, challenge=UUID(int=1))
        assert isinstance(await judge(judging, bad), Alone)

    writer.run(ask)
    assert len(writer.started) == 1


def test_a_writer_that_dies_leaves_nobody_waiting_and_another_goes_on(writer: Writer) -> None:
    async def ask(judging: ApartJudging) -> None:
        first = writer.code()
        assert await verdict(judging, writer.question(first)) is Verdict.ACCEPTED
        writer.started[0].send_signal(signal.SIGSTOP)
        waiting = [asyncio.ensure_future(judge(judging, writer.question(writer.code(1)))) for _ in range(3)]
        await asyncio.sleep(0.05)
        writer.started[0].kill()
        told = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(one) for one in told] == [Unconfirmed] * 3
        assert await verdict(judging, writer.question(first)) is Verdict.REPLAYED

    writer.run(ask)
    assert len(writer.started) == 2


def test_a_writer_that_cannot_start_says_so(writer: Writer) -> None:
    def fails(_line: socket.socket) -> subprocess.Popen[bytes]:
        raise FileNotFoundError(2, "No such file or directory")

    async def go() -> None:
        judging = ApartJudging(fails)
        with pytest.raises(Unavailable):
            await judge(judging, writer.question("123456"))
        await judging.close()

    with anyio.from_thread.start_blocking_portal() as portal:
        portal.call(go)


def test_a_writer_that_dies_at_once_is_not_started_over_and_over(writer: Writer) -> None:
    begun = [0]

    def dies(line: socket.socket) -> subprocess.Popen[bytes]:
        begun[0] += 1
        return subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"], pass_fds=[line.fileno()])

    async def go() -> None:
        judging = ApartJudging(dies)
        for _ in range(200):
            with pytest.raises(Unavailable):
                await judge(judging, writer.question("123456"))
        await judging.close()

    with anyio.from_thread.start_blocking_portal() as portal:
        portal.call(go)
    assert begun[0] < 20


def test_a_slow_plain_writer_and_the_process_do_not_shut_each_other_out(writer: Writer) -> None:
    """Codes without a pause on one side, transactions of services on the other: both get on."""
    house, inside = writer.opened.house, writer.sample.institution.id
    stop, done = threading.Event(), [0]

    def file_something() -> None:
        while not stop.is_set():
            with house.desk(inside).uow as uow:
                uow.counts.hit(b"k" * 32, at=house.clock.now(), window=timedelta(hours=1))
                uow.commit()
            done[0] += 1

    async def ask(judging: ApartJudging) -> None:
        await judging.warm_up()
        thread = threading.Thread(target=file_something)
        thread.start()
        wrong = writer.question("000000")
        for _ in range(40):
            await asyncio.gather(*(judge(judging, Asked(
                handle=wrong.handle, digest=wrong.digest, code="123456", login=None, serial="no-such", source="",
            )) for _ in range(8)))  # fmt: skip
        stop.set()
        await asyncio.to_thread(thread.join, 30)

    writer.run(ask)
    assert done[0] >= 10
