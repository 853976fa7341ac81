"""A demo for each file of stories, one Chromium for all of them; a new browser context for each person."""

import fcntl
import os
import shutil
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


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def first_day(whole_run: Path) -> Path:
    """A demo that was started for the first time and ended: made once for the run, and copied from there."""
    made = whole_run / "first_day" / "demo"
    with (whole_run / "first_day.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            made.parent.mkdir()
            with running_demo(made):
                pass
    return made


@pytest.fixture(scope="session")
def judged(whole_run: Path) -> Path:
    """Where the run notes which pages it has found good."""
    folder = whole_run / "judged"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def demo(first_day: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The product, as `make demo` starts it over the sample that its first start has made."""
    folder = tmp_path_factory.mktemp("story") / "demo"
    shutil.copytree(first_day, folder)
    with running_demo(folder) as running:
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
def enter(demo: Demo, chromium: Browser, judged: Path, request: pytest.FixtureRequest) -> Iterator[Enter]:
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
        walker = Walker(context, demo.site, WORDS[lang], name, judged, script, missing_is_fine=missing_is_fine)
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
