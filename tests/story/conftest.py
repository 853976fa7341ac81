"""A demo for each file of stories, one Chromium for all of them; a new browser context for each person."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from otpward.edges.http.words import load
from tests.story import desk_steps
from tests.story.running_demo import Demo, running_demo
from tests.story.steps import ENROLLED_IN_PERSON, Person, person
from tests.story.walker import Walker

WORDS = load()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The product, as `make demo` starts it."""
    with running_demo(tmp_path_factory.mktemp("story") / "demo") as running:
        yield running


Enter = Callable[..., Walker]
Staff = Callable[..., Walker]


@pytest.fixture(scope="module")
def next_person(demo: Demo) -> Callable[[], Person]:
    """A member with a device who is in no other story of this file, and to whom one proof is enough."""
    people = (person(demo, number) for number in range(1, 19) if number != ENROLLED_IN_PERSON)
    return lambda: next(people)


@pytest.fixture(scope="module")
def signed_in(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The cookies of staff who have signed in already: a day's work needs one sign-in."""
    return {}


@pytest.fixture
def enter(demo: Demo, chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Enter]:
    """A new person at a browser of their own: `enter("ko", 390)`."""
    inside: list[Walker] = []

    def come_in(
        lang: str, width: int, *, who: str = "", script: bool = True, state: Path | None = None, missing_is_fine: bool = False
    ) -> Walker:
        context = chromium.new_context(
            viewport={"width": width, "height": 844 if width < 640 else 800},
            locale="ko-KR" if lang == "ko" else "en-GB",
            timezone_id="Asia/Seoul",
            java_script_enabled=script,
            has_touch=width < 640,
            storage_state=state,
        )
        context.set_default_timeout(15_000)
        story = request.node.name.replace("[", "-").replace("]", "")
        name = f"{story}{'-' + who if who else ''}"
        walker = Walker(context, demo.site, WORDS[lang], name, script, missing_is_fine=missing_is_fine)
        inside.append(walker)
        return walker

    yield come_in
    for walker in inside:
        walker.close()


@pytest.fixture
def staff(demo: Demo, enter: Enter, signed_in: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Staff:
    """A member of staff at the console: `staff("teller", "ko", 1280)`."""

    def sit_down(login: str, lang: str, width: int, *, script: bool = True) -> Walker:
        walker = enter(lang, width, who=login, script=script, state=signed_in.get(login))
        if login not in signed_in:
            desk_steps.sign_in(walker, demo, login)
            signed_in[login] = tmp_path_factory.mktemp("staff") / "state.json"
            walker.context.storage_state(path=signed_in[login])
        return walker

    return sit_down
