"""Components: each renders in both languages as well-formed mark-up, with nothing inline and nothing unescaped."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest
from jinja2 import Environment
from starlette.responses import HTMLResponse

from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.token import Hold, TokenState
from otpward.core.policy.called import STANDARD
from otpward.edges.http.assets import Assets
from otpward.edges.http.badges import CASES, HOLDS, STATES, token_badges
from otpward.edges.http.pages import Area, Chrome, NavEntry, Pages, page_headers
from otpward.edges.http.qr import draw_qr

AT = datetime(2026, 11, 20, 5, 3, 9, tzinfo=UTC)
EVIL = '"><script>alert(1)</script>'
PAGES = Pages(Assets())
VOID = {"input", "link", "meta", "br", "hr", "img"}
USES = dict(
    re.findall(r"^\{# (\w+) #\}\n(.+?)\n(?:\n|\Z)", Path(__file__).with_name("components.html").read_text("utf-8"), re.M | re.S)
)


class Reader(HTMLParser):
    """Reads mark-up as strictly as XML would: every element closed, in order; ids once; nothing inline."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.asked: list[str] = []
        self.faults: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        given = dict(attrs)
        if len(names) != len(set(names)):
            self.faults.append(f"an attribute twice in <{tag}>")
        if "style" in names or any(name.startswith("on") for name in names) or tag == "style":
            self.faults.append(f"inline style or handler in <{tag}>")
        if tag == "script" and not (given.get("src") or "").startswith("/static/"):
            self.faults.append("inline script")
        if given.get("id"):
            self.ids.append(str(given["id"]))
        for name in ("for", "aria-labelledby", "aria-describedby"):
            self.asked += (given.get(name) or "").split()
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read(markup: str) -> Reader:
    reader = Reader()
    reader.feed(markup)
    reader.close()
    assert reader.faults == []
    assert reader.open == []
    assert len(reader.ids) == len(set(reader.ids))
    assert set(reader.asked) <= set(reader.ids)
    return reader


def chrome(lang: str, area: Area = Area.PORTAL, **more: object) -> Chrome:
    given = {
        "institution": EVIL,
        "phone": "1588-0000",
        "phone_abroad": "+82-2-1588-0000",
        "csrf": "token-of-this-form",
        "path": "/report-loss?kind=lost&lang=ko",
        "person": EVIL,
        "place": EVIL,
        "sandbox": EVIL,
        "nav": (NavEntry(label=EVIL, href="/console", icon="home", current=True, count=3),),
        **more,
    }
    return Chrome(lang=lang, area=area, **given)  # type: ignore[arg-type]  # a test names what it changes


def environment(lang: str) -> Environment:
    return PAGES._environment(lang, STANDARD)


def rendered(lang: str, source: str) -> str:
    branch = {"id": 1, "name": EVIL, "address": EVIL, "hours": EVIL, "in_stock": True, "extra": EVIL}
    options = [
        {"value": "x", "label": EVIL, "hint": EVIL, "icon": "check"},
        {"value": EVIL, "label": EVIL, "reason": EVIL},
        {"value": "z", "label": EVIL},
    ]
    return (
        environment(lang)
        .from_string(source)
        .render(
            chrome=chrome(lang),
            bad=EVIL,
            at=AT,
            day=date(2026, 12, 4),
            branch=branch,
            options=options,
            qr=draw_qr("otpauth://x"),
        )
    )


def test_a_template_is_the_same_code_in_every_language() -> None:
    """What is compiled for one language is run for the other, so nothing of a language may be settled while compiling."""
    ko, en = environment("ko"), environment("en")
    for name in ko.list_templates():
        source = (ko.loader or pytest.fail("no loader")).get_source(ko, name)[0]
        codes = {env.compile(source, name, raw=True) for env in (ko, en)}
        assert len(codes) == 1, name


def test_every_component_is_shown_here() -> None:
    used = set(re.findall(r"ui\.(\w+)", "".join(USES.values())))
    inner = {"described", "field_error", "language_switch", "phone_line"}
    assert set(PAGES.kit("ko")) - inner == used  # type: ignore[call-overload]  # the kit is the templates' own


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("name", USES)
def test_a_component_is_well_formed_and_lets_nothing_through(name: str, lang: str) -> None:
    markup = rendered(lang, USES[name])
    read(markup)
    assert "<script>" not in markup
    assert "{" not in markup, "a placeholder was left unfilled"


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("name", USES)
def test_a_component_speaks_one_language(name: str, lang: str) -> None:
    markup = re.sub(r'<a class="lang".*?</a>', "", rendered(lang, USES[name]).replace(EVIL, ""), flags=re.DOTALL)
    if lang == "en":
        assert not re.search("[가-힣]", markup)


def icons_used() -> Iterator[str]:
    for path in files("otpward.edges.http").joinpath("templates", "parts").iterdir():
        yield from re.findall(r'ui\.icon\("([\w-]+)"', path.read_text(encoding="utf-8"))


def test_every_icon_a_component_shows_is_drawn() -> None:
    drawn = re.findall(
        r'<symbol id="([\w-]+)"', files("otpward.edges.http").joinpath("static/icons.svg").read_text(encoding="utf-8")
    )
    assert set(icons_used()) <= set(drawn)
    assert len(drawn) == len(set(drawn))


def test_a_form_carries_the_guard_against_forgery_and_holds_back_a_second_press() -> None:
    markup = rendered("en", "{% call ui.form(chrome, '/report-loss', key='k-1') %}x{% endcall %}")
    assert '<input type="hidden" name="csrf" value="token-of-this-form">' in markup
    assert '<input type="hidden" name="key" value="k-1">' in markup
    assert "data-once" in markup


def test_an_error_reads_the_same_beside_the_field_and_keeps_the_value() -> None:
    markup = rendered("ko", "{{ ui.field('a', 'A', {'a': '010-12'}, {'a': 'Check it'}, hint='h') }}")
    assert 'value="010-12"' in markup
    assert 'aria-invalid="true" aria-describedby="f-a-hint f-a-error"' in markup
    assert "".join(read(markup).texts).count("Check it") == 1


def test_a_password_is_never_sent_back() -> None:
    assert "secret" not in rendered("en", "{{ ui.field('p', 'P', {'p': 'secret'}, type='password') }}")


def page(name: str, *, lang: str = "ko", area: Area = Area.PORTAL, **context: object) -> HTMLResponse:
    return PAGES.render(f"errors/{name}.html", chrome=chrome(lang, area), **context)  # type: ignore[arg-type]


SYSTEM_PAGES: dict[str, dict[str, object]] = {
    "403": {},
    "404": {},
    "409": {"what": EVIL},
    "422": {},
    "429": {"until": AT, "minutes": 15},
    "500": {"ref": EVIL},
    "503": {"until": AT},
}


@pytest.mark.parametrize("area", Area)
@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("name", SYSTEM_PAGES)
def test_a_system_page_is_whole_in_each_house(name: str, lang: str, area: Area) -> None:
    answer = page(name, lang=lang, area=area, status=int(name), **SYSTEM_PAGES[name])
    markup = bytes(answer.body).decode()
    reader = read(markup)
    assert answer.status_code == int(name)
    assert markup.count("<h1>") == 1
    assert "main" in reader.ids
    assert "<script>" not in markup
    assert "{" not in markup


def test_errors_make_the_status_the_title_and_the_summary() -> None:
    answer = page("404", errors={"member": "회원번호 또는 아이디를 입력해 주세요"})
    markup = bytes(answer.body).decode()
    assert answer.status_code == 422
    assert "<title>오류: 찾는 페이지가 없습니다 – " in markup
    assert '<a href="#f-member">회원번호 또는 아이디를 입력해 주세요</a>' in markup
    assert "focus-errors." in markup


def test_the_language_link_keeps_the_rest_of_the_address() -> None:
    assert chrome("ko").in_language("en") == "/report-loss?kind=lost&lang=en"
    assert chrome("ko", path="").in_language("en") == "/?lang=en"


def test_a_portal_page_allows_no_script_but_its_own_and_no_policy() -> None:
    policy = page_headers()["Content-Security-Policy"]
    assert policy == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def test_a_console_page_has_a_fresh_nonce_each_time() -> None:
    policies = {page("404", area=Area.CONSOLE).headers["content-security-policy"] for _ in range(2)}
    assert len(policies) == 2
    assert all("script-src 'self' 'nonce-" in policy and policy.endswith("trusted-types htmx") for policy in policies)


def test_a_page_is_not_kept_and_tells_nobody_where_one_was() -> None:
    headers = page("404").headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert "camera=()" in headers["permissions-policy"]
    assert "camera=(self)" in page_headers(camera=True)["Permissions-Policy"]


def test_each_state_and_hold_has_a_word() -> None:
    assert set(STATES) == set(TokenState)
    assert set(HOLDS) == set(Hold)
    assert set(CASES) == set(CaseState)


def test_the_worst_state_of_a_token_stands_first_and_a_held_token_is_not_in_use() -> None:
    english = PAGES.words("en")
    held = token_badges(english, state="active", holds=["drifted", "locked", "lost"], expires_soon=True)
    assert [badge.text for badge in held] == ["Stopped (lost)", "Clock differs", "Locked", "Expires soon"]
    assert [badge.text for badge in token_badges(english, state="active", holds=["drifted"])] == ["Clock differs", "In use"]


def test_a_qr_drawing_is_a_full_code_with_its_quiet_zone() -> None:
    drawing = draw_qr("1")
    assert drawing.size == 21 + 8
    assert drawing.path.startswith("M4 4h7v1h-7z")
