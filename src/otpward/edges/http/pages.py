"""Pages are made here: a template, the reader's words, and the headers every page carries.

One Jinja environment per language (and per institution's own words), so that a macro says `_("…")` without being handed the
words. The macros of `templates/parts/` are at hand in every template as `ui.…`.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit
from zoneinfo import ZoneInfo

from jinja2 import BytecodeCache, Environment, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket
from starlette.responses import HTMLResponse

from otpward.core.model.member import Area
from otpward.core.policy.called import STANDARD, Called
from otpward.edges.http import words as catalogues
from otpward.edges.http.assets import Assets
from otpward.edges.http.badges import case_badge, token_badges
from otpward.edges.http.show import Show
from otpward.edges.http.words import Words

__all__ = ["Area", "Chrome", "Kit", "NavEntry", "Pages", "page_headers"]

SEOUL: Final = ZoneInfo("Asia/Seoul")

_CALLED_MAX: Final = 8
"""Two languages, and a policy or two that followed one another."""
_POLICY: Final = (
    "default-src 'none'; script-src 'self'{nonce}; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'{form}; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; "
    "trusted-types {types}"
)
_FEATURES: Final = "accelerometer=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), camera={camera}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NavEntry:
    """One entry of the console's navigation."""

    label: str
    href: str
    icon: str
    current: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chrome:
    """What surrounds a page's own content; all a layout needs to know."""

    lang: str
    institution: str
    phone: str
    csrf: str
    phone_abroad: str | None = None
    area: Area = Area.PORTAL
    path: str = "/"
    person: str | None = None
    place: str | None = None
    nav: Sequence[NavEntry] = field(default=())
    sandbox: str | None = None
    called: Called = STANDARD
    photo: str | None = None
    """Where photographs of codes are read; nowhere without what reads them."""

    @property
    def home(self) -> str:
        """The first page of this area."""
        return "/console" if self.area is Area.CONSOLE else "/"

    @property
    def sign_out(self) -> str:
        """Where the sign-out form goes."""
        return "/console/sign-out" if self.area is Area.CONSOLE else "/sign-out"

    def in_language(self, lang: str) -> str:
        """Return this page's address with the language asked for; other parameters stay."""
        parts = urlsplit(self.path)
        query = [(key, value) for key, value in parse_qsl(parts.query) if key != "lang"]
        return f"{parts.path or '/'}?{urlencode([*query, ('lang', lang)])}"


class CompiledOnce(BytecodeCache):
    """Templates compiled for one language serve the next: only what they are handed differs, which a test holds."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill in what was compiled before, if it was."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled now."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


class Kit:
    """The macros of `templates/parts/`, one file each, found by their name."""

    def __init__(self, env: Environment) -> None:
        self._macros: dict[str, object] = {}
        env.globals["ui"] = self
        for name in sorted(env.list_templates(filter_func=lambda path: path.startswith("parts/"))):
            for macro, value in vars(env.get_template(name).module).items():
                if not macro.startswith("_"):
                    self._macros[macro] = value

    def __getattr__(self, name: str) -> object:
        try:
            return self._macros[name]
        except KeyError:
            raise AttributeError(name) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._macros)


class Pages:
    """Templates in every language, ready to render."""

    def __init__(self, assets: Assets, *, zone: tzinfo = SEOUL) -> None:
        self._words = catalogues.load()
        self._shows = {lang: Show(lang, zone) for lang in self._words}
        compiled = CompiledOnce()

        @lru_cache(maxsize=_CALLED_MAX)
        def environment(lang: str, called: Called) -> Environment:
            return _environment(replace(self._words[lang], called=called), assets, zone, compiled)

        self._environment = environment
        for lang in self._words:
            environment(lang, STANDARD)

    def words(self, lang: str, called: Called = STANDARD) -> Words:
        """Return the words of a language, for texts a handler makes itself (an error, an option)."""
        return self._words[lang] if called is STANDARD else replace(self._words[lang], called=called)

    def show(self, lang: str) -> Show:
        """Return how a language shows times and amounts, for texts a handler makes itself."""
        return self._shows[lang]

    def render(
        self,
        template: str,
        *,
        chrome: Chrome,
        errors: Mapping[str, str] | None = None,
        values: Mapping[str, object] | None = None,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        camera: bool = False,
        form_to: str = "",
        **context: object,
    ) -> HTMLResponse:
        """Return the page. `errors` (field → sentence) make the summary, the title's prefix and status 422. `form_to` is the
        one other place that a form of this page may go to."""
        nonce = secrets.token_urlsafe(16) if chrome.area is Area.CONSOLE else ""
        text = self.text(template, chrome=chrome, errors=errors or {}, values=values or {}, nonce=nonce, **context)
        code = status if status is not None else (422 if errors else 200)
        own = page_headers(nonce=nonce, camera=camera, form_to=form_to)
        return HTMLResponse(text, status_code=code, headers={**own, **(headers or {})})

    def text(self, template: str, *, chrome: Chrome, **context: object) -> str:
        """Return the page's text alone."""
        given = {"errors": {}, "values": {}, "nonce": "", **context}
        return self._environment(chrome.lang, chrome.called).get_template(template).render(chrome=chrome, **given)

    def kit(self, lang: str) -> object:
        """Return the macros of one language."""
        return self._environment(lang, STANDARD).globals["ui"]


def page_headers(*, nonce: str = "", camera: bool = False, form_to: str = "") -> dict[str, str]:
    """Return the headers of every page; with a nonce, those of the console. Of `form_to`, an address, the origin counts. UX §6;
    CSP Level 3; Trusted Types."""
    there = urlsplit(form_to)
    policy = _POLICY.format(
        nonce=f" 'nonce-{nonce}'" if nonce else "",
        types="htmx" if nonce else "'none'",
        form=f" {there.scheme}://{there.netloc}" if form_to else "",
    )
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Permissions-Policy": _FEATURES.format(camera="(self)" if camera else "()"),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def _environment(words: Words, assets: Assets, zone: tzinfo, compiled: BytecodeCache) -> Environment:
    env = Environment(
        loader=PackageLoader("otpward.edges.http", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=compiled,
    )
    env.filters.update(Show(words.lang, zone).filters())
    env.filters["josa"] = catalogues.josa
    env.globals.update(
        _=words._,
        _p=words.in_context,
        ngettext=words.ngettext,
        words=words,
        asset=assets,
        theme=assets.theme,
        token_badges=lambda **token: token_badges(words, **token),
        case_badge=lambda state: case_badge(words, state=state),
    )
    Kit(env)
    return env
