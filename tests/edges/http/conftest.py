"""The HTTP door over a real SQLite store, asked in this process."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio.from_thread
import httpx
import pytest
import sqlalchemy as sa

from otpward.core.secret import Secret
from otpward.edges.http.app import build_app
from otpward.edges.http.assets import Assets
from otpward.edges.http.console.nav import nav
from otpward.edges.http.cookies import Cookies
from otpward.edges.http.front import Front
from otpward.edges.http.pages import Pages
from otpward.edges.http.seed_room import SeedRoom
from otpward.ports.desk import House
from otpward.ports.judging import Judging
from otpward.ports.provider import Providers
from otpward.ports.sign_on import SignOnDoor
from tests.fakes.house import sql_house, sqlite_engine
from tests.fakes.judging import open_judging
from tests.fakes.sample import Sample, make_sample
from tests.fakes.surroundings import FixedClock


@pytest.fixture
def clock() -> FixedClock:
    """Time, which the test moves."""
    return FixedClock()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    """A new SQLite file."""
    made = sqlite_engine(tmp_path)
    yield made
    made.dispose()


@pytest.fixture
def house(engine: sa.Engine, clock: FixedClock) -> House:
    """The services over it."""
    return sql_house(engine, clock)


@pytest.fixture
def judging(engine: sa.Engine, house: House) -> Iterator[Judging]:
    """Its writer."""
    made = open_judging(engine, house)
    yield made
    with anyio.from_thread.start_blocking_portal() as portal:
        portal.call(made.close)


@pytest.fixture
def sample(house: House) -> Sample:
    """A small institution in it."""
    return make_sample(house)


@pytest.fixture(scope="session")
def pages() -> Pages:
    """The templates, read once."""
    return Pages(Assets())


@pytest.fixture
def providers() -> Providers:
    """Who else may say who somebody is; a test that needs one overrides this."""
    return {}


@pytest.fixture
def staff_sign_on() -> SignOnDoor | None:
    """The institution's sign-on for staff; a test that needs one overrides this."""
    return None


@pytest.fixture
def seeds() -> SeedRoom | None:
    """Where seed files wait; a test that sends one overrides this."""
    return None


@pytest.fixture
def report_secrets() -> dict[str, Secret]:
    """By which reports of delivery are known; a test that sends one overrides this."""
    return {}


@pytest.fixture
def app(
    sample: Sample,
    pages: Pages,
    judging: Judging,
    providers: Providers,
    staff_sign_on: SignOnDoor | None,
    seeds: SeedRoom | None,
    report_secrets: dict[str, Secret],
) -> Any:
    """The ASGI application. A browser is `httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1")`."""
    front = Front(
        house=sample.house,
        pages=pages,
        institution=lambda: sample.institution,
        cookies=Cookies(secure=False),
        nav=nav,
        providers=providers,
        staff_sign_on=staff_sign_on,
        seeds=seeds,
        report_secrets=report_secrets,
        public_url="http://127.0.0.1",
    )
    return build_app(front, Assets(), judging=judging, ready=lambda: True)


class Browser:
    """A browser without script, synchronous for short tests: keeps cookies, follows redirects, fills forms."""

    def __init__(self, app: Any) -> None:
        self._portal_cm = anyio.from_thread.start_blocking_portal()
        self._portal = self._portal_cm.__enter__()
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://127.0.0.1", follow_redirects=True
        )

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self._portal.call(lambda: self._client.get(path, **options))

    def post(self, path: str, fields: dict[str, str] | None = None, **options: Any) -> httpx.Response:
        return self._portal.call(lambda: self._client.post(path, data=fields, **options))

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self._portal.call(lambda: self._client.request(method, path, **options))

    def send(self, page: httpx.Response, path: str, **fields: str) -> httpx.Response:
        """Send the form of `page` that goes to `path`, with its hidden fields and these."""
        form = re.search(rf'<form[^>]*action="{re.escape(path)}".*?</form>', page.text, re.DOTALL)
        assert form, f"no form to {path} on this page"
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form.group(0)))
        hidden = {name: html.unescape(value) for name, value in hidden.items()}
        return self.post(path, {**hidden, **fields})

    def close(self) -> None:
        self._portal.call(self._client.aclose)
        self._portal_cm.__exit__(None, None, None)


@pytest.fixture
def browser(app: Any) -> Iterator[Browser]:
    """One browser."""
    one = Browser(app)
    yield one
    one.close()
