"""Style sheets, scripts and icons: kept for a year by their hash, light, and in colours that can be read."""

import gzip
import re
from importlib.resources import files
from pathlib import Path

import anyio.from_thread
import httpx
import pytest
from starlette.applications import Starlette

from otpward.core.errors import Invalid
from otpward.edges.http.assets import TYPES, Assets
from otpward.edges.http.theme import Theme, contrast, for_dark

STATIC = files("otpward.edges.http").joinpath("static")
NAMES = sorted(entry.name for entry in STATIC.iterdir() if entry.name.rpartition(".")[2] in TYPES)
SCRIPTS = [name for name in NAMES if name.endswith(".js")]


@pytest.fixture(scope="module")
def assets() -> Assets:
    return Assets(theme=Theme(primary="#00695c"))


class Browser:
    """Asks the routes without a socket."""

    def __init__(self, assets: Assets) -> None:
        self._door = httpx.ASGITransport(Starlette(routes=assets.routes()))

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._door, base_url="http://testserver") as client:
                return await client.get(path, headers=headers)

        # On a thread of its own: where a browser test came first, this one has a loop already.
        with anyio.from_thread.start_blocking_portal() as portal:
            return portal.call(ask)


@pytest.fixture(scope="module")
def browser(assets: Assets) -> Browser:
    return Browser(assets)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_kept_for_a_year_at_the_address_of_its_content(assets: Assets, browser: Browser, name: str) -> None:
    answer = browser.get(assets(name))
    assert answer.status_code == 200
    assert answer.content == STATIC.joinpath(name).read_bytes()
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == TYPES[name.rpartition(".")[2]]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_file_is_sent_compressed_to_who_takes_it(assets: Assets, browser: Browser) -> None:
    packed = browser.get(assets("base.css"), headers={"Accept-Encoding": "gzip"})
    plain = browser.get(assets("base.css"), headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert plain.headers["vary"] == "Accept-Encoding"


def test_a_known_file_is_not_sent_again(assets: Assets, browser: Browser) -> None:
    first = browser.get(assets("base.css"))
    again = browser.get(assets("base.css"), headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_hash_of_another_version_still_gets_a_style_sheet_but_not_for_long(browser: Browser) -> None:
    answer = browser.get("/static/base.000000000000.css")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/static/none.css", "/static/../words.py", "/static/%2e%2e/words.py", "/static/"])
def test_what_is_not_there_is_not_found(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 404


def test_an_unknown_name_is_an_error_of_ours(assets: Assets) -> None:
    with pytest.raises(KeyError):
        assets("none.css")


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_stays_under_two_kilobytes_and_writes_no_markup(name: str) -> None:
    text = STATIC.joinpath(name).read_text(encoding="utf-8")
    assert len(text.encode()) < 2048
    assert not re.search(r"innerHTML|outerHTML|document\.write|insertAdjacentHTML|eval\(", text)


@pytest.mark.parametrize(("area", "limit"), [("portal", 30_000), ("console", 60_000)])
def test_everything_a_first_visit_may_load_is_light(area: str, limit: int) -> None:
    templates = files("otpward.edges.http").joinpath("templates")
    pages = [page for room in ("layout", "parts", area) for page in Path(str(templates.joinpath(room))).rglob("*.html")]
    named = {name for page in pages for name in re.findall(r'asset\("([^"]+)"\)', page.read_text(encoding="utf-8"))}
    other = "console.css" if area == "portal" else "portal.css"
    loaded = sorted(name for name in named - {other} if "/" not in name)
    assert {"base.css", f"{area}.css", "icons.svg", "once.js"} <= set(loaded)
    packed = sum(len(gzip.compress(STATIC.joinpath(name).read_bytes(), 9)) for name in loaded)
    assert packed < limit - 15_000, "15 kB are left for the page itself"


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith(".css")])
def test_a_style_sheet_asks_for_nothing_else(name: str) -> None:
    assert not re.search(r"@import|url\(", STATIC.joinpath(name).read_text(encoding="utf-8"))


def test_the_institutions_colours_are_served_under_their_own_address(assets: Assets, browser: Browser) -> None:
    answer = browser.get(assets.theme)
    assert "--c-primary:#00695c" in answer.text
    assert "prefers-color-scheme:dark" in answer.text
    assert answer.headers["cache-control"].endswith("immutable")
    assert browser.get("/theme.css").headers["cache-control"] == "no-cache"


def test_the_house_colours_need_no_sheet_of_their_own() -> None:
    assert Assets().theme == ""


@pytest.mark.parametrize(
    ("colour", "why"),
    [("#ffcc00", "contrast"), ("#767676", "contrast"), ("blue", "#rrggbb"), ("#0B50D0", "#rrggbb"), ("#0b50d0;}", "#rrggbb")],
)
def test_a_colour_that_cannot_be_read_is_refused(colour: str, why: str) -> None:
    with pytest.raises(Invalid, match=why) as refusal:
        Theme(primary=colour)
    assert refusal.value.field == "primary"


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#0b50d0", "#ffffff") == pytest.approx(6.8, abs=0.1)


@pytest.mark.parametrize("colour", ["#0b50d0", "#bd2c0f", "#00695c", "#000000", "#6a1b9a"])
def test_a_colour_is_made_readable_in_the_dark(colour: str) -> None:
    assert contrast(for_dark(colour), "#1e2124") >= 4.5
    assert contrast(for_dark(colour), "#131416") >= 4.5


TOKENS = re.findall(r"--c-([a-z-]+):(#[0-9a-f]{3,6})", STATIC.joinpath("base.css").read_text(encoding="utf-8"))
HALF = len(TOKENS) // 2
THEMES = {"light": dict(TOKENS[:HALF]), "dark": dict(TOKENS[HALF:])}
PAIRS = [
    ("text", "bg", 4.5),
    ("text", "bg-sub", 4.5),
    ("text-sub", "bg-sub", 4.5),
    ("text-mute", "bg-sub", 4.5),
    ("text-mute", "surface", 4.5),
    ("line-input", "bg", 3),
    ("primary", "bg", 4.5),
    ("primary", "bg-sub", 4.5),
    ("on-primary", "primary", 4.5),
    ("on-primary", "primary-hover", 4.5),
    ("danger", "bg", 4.5),
    ("danger", "danger-soft", 4.5),
    ("on-danger", "danger", 4.5),
    ("text", "primary-soft", 4.5),
    ("text", "danger-soft", 4.5),
    ("success", "success-soft", 4.5),
    ("warning", "warning-soft", 4.5),
    ("info", "info-soft", 4.5),
    ("focus", "bg", 3),
]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS, ids=[f"{ink}-on-{ground}" for ink, ground, _ in PAIRS])
def test_the_house_colours_can_be_read(theme: str, ink: str, ground: str, least: float) -> None:
    def full(colour: str) -> str:
        return colour if len(colour) == 7 else "#" + "".join(letter * 2 for letter in colour[1:])

    assert contrast(full(THEMES[theme][ink]), full(THEMES[theme][ground])) >= least
