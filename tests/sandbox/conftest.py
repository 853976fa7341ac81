"""A world with a clock that stands still until it is moved, and a drawer of ten tokens."""

import asyncio
import hashlib
import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from otpward.sandbox.app import build_sandbox
from otpward.sandbox.factory import put_stock
from otpward.sandbox.world import Profile, World


class Clock:
    """Time that a test moves by hand."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 9, 0, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class InProcess(httpx.BaseTransport):
    """Carries a request into an application of this process, without a socket."""

    def __init__(self, app: Starlette) -> None:
        self._transport = httpx.ASGITransport(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def ask() -> httpx.Response:
            request.read()
            answer = await self._transport.handle_async_request(request)
            return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

        # On a thread of its own: where a browser test came first, this one has a loop already.
        with ThreadPoolExecutor(1) as aside:
            return aside.submit(lambda: asyncio.run(ask())).result()


def talking_to(world: World) -> httpx.Client:
    """A browser's worth of client: it follows redirects and keeps cookies."""
    return httpx.Client(transport=InProcess(build_sandbox(world)), base_url="http://sandbox.localhost", follow_redirects=True)


def fixed_entropy() -> Callable[[int], bytes]:
    """The same octets in the same order each time."""
    numbers = itertools.count()
    return lambda size: hashlib.shake_256(str(next(numbers)).encode()).digest(size)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with ten tokens in it, one carried by somebody."""
    put_stock(tmp_path, 10, entropy=fixed_entropy())
    (tmp_path / "holders.json").write_text('{"2600000009": "홍길동 (m1001)"}', encoding="utf-8")
    return tmp_path


@pytest.fixture
def world(folder: Path, clock: Clock) -> World:
    return World.open(folder, profile=Profile.TEST, clock=clock)


@pytest.fixture
def client(world: World) -> Iterator[httpx.Client]:
    with talking_to(world) as client:
        yield client
