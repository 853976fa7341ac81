"""Staff by the institution's sign-on at the door of the console: every lie on the way ends at the same page, outside."""

import hmac
import secrets
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from otpward.adapters.identity.code_flow import Client
from otpward.adapters.identity.staff_sign_on import OidcStaffSignOn
from otpward.adapters.prompt import open_http
from otpward.core.audit import AuditEvent
from otpward.core.formats.jws import pack
from otpward.core.secret import Secret
from otpward.ports.sign_on import SignOnDoor
from tests.adapters.identity.provider import GOOD_HEADER, KEY, OTHER, Told, part, provider, signed
from tests.edges.http.conftest import Browser
from tests.fakes.sample import PASSWORD, Sample, oath_code, seed_of
from tests.fakes.surroundings import FixedClock

BACK = "/console/sign-on/return"
REFUSED = "That sign-on does not open the console. Sign in here, or ask your administrator."
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture
def there() -> Iterator[Told]:
    """The provider, which lies as it is told."""
    with provider() as told:
        told.describe(authorization_response_iss_parameter_supported=True)
        yield told


@pytest.fixture
def trusts_mfa() -> bool:
    return False


@pytest.fixture
def staff_sign_on(there: Told, trusts_mfa: bool) -> Iterator[SignOnDoor]:
    """As wiring makes it."""
    client = Client(issuer=there.base_url, client_id="us", secret=Secret(b"our-secret"), scopes=("openid", "profile", "email"))
    with open_http() as http:
        sign_on = OidcStaffSignOn(client, http, claim="preferred_username", trusts_mfa=trusts_mfa)
        yield SignOnDoor(sign_on=sign_on, title_ko="한빛 직원 계정", title_en="Hanbit staff account")


class Trip:
    """One way there: what was asked of the provider, and what it will say."""

    def __init__(self, browser: Browser, there: Told, clock: FixedClock) -> None:
        self.browser, self.there, self.at = browser, there, int(clock.now().timestamp())
        self.answer = browser.get("/console/sign-on", follow_redirects=False)
        self.place = urlsplit(self.answer.headers.get("location", ""))
        self.asked = {name: values[0] for name, values in parse_qs(self.place.query).items()}

    def claims(self, **changed: Any) -> dict[str, Any]:
        whole = {
            "iss": self.there.base_url,
            "aud": "us",
            "sub": "42",
            "nonce": self.asked["nonce"],
            "iat": self.at,
            "exp": self.at + 300,
            "preferred_username": "teller",
            "jti": secrets.token_hex(8),
        }
        return whole | changed

    def grant(self, **changed: Any) -> "Trip":
        self.there.grant(signed(GOOD_HEADER, self.claims(**changed)))
        return self

    def back(self, browser: Browser | None = None, /, **changed: str) -> httpx.Response:
        query = {"code": "c", "state": self.asked["state"], "iss": self.there.base_url} | changed
        cross = {"sec-fetch-site": "cross-site"}
        return (browser or self.browser).get(BACK, params={k: v for k, v in query.items() if v}, headers=cross)


@pytest.fixture
def trip(browser: Browser, there: Told, clock: FixedClock) -> Callable[[], Trip]:
    browser.get("/console/sign-in?lang=en")
    return lambda: Trip(browser, there, clock)


def reasons(sample: Sample) -> list[str]:
    lines = sample.house.look(sample.institution.id, lambda uow: uow.audit.find(limit=1000))
    return [one.result for one in lines if one.event is AuditEvent.SIGN_IN_FAILED]


def outside(browser: Browser, page: httpx.Response) -> bool:
    """At the door, with the one sentence, and without a session."""
    return (
        page.url.path == "/console/sign-in"
        and REFUSED in page.text
        and browser.get("/console").url.path == "/console/sign-in"
        and browser.get("/console/sign-in/code").url.path == "/console/sign-in"
    )


def test_the_way_there_says_all_that_binds_the_way_back(trip: Callable[[], Trip], there: Told) -> None:
    gone = trip()
    assert gone.answer.status_code == 303
    assert f"{gone.place.scheme}://{gone.place.netloc}{gone.place.path}" == f"{there.base_url}/authorize"
    assert {name: gone.asked[name] for name in ("response_type", "client_id", "redirect_uri", "scope")} == {
        "response_type": "code",
        "client_id": "us",
        "redirect_uri": f"http://127.0.0.1{BACK}",
        "scope": "openid profile email",
    }
    assert gone.asked["code_challenge_method"] == "S256"
    assert len({gone.asked["state"], gone.asked["nonce"], gone.asked["code_challenge"]}) == 3
    assert gone.answer.headers["referrer-policy"] == "no-referrer"
    assert gone.answer.headers["cache-control"] == "no-store"
    again = trip()
    assert not {gone.asked[one] for one in ("state", "nonce", "code_challenge")} & set(again.asked.values())


def test_it_takes_the_place_of_the_password_and_the_otp_follows(
    trip: Callable[[], Trip], browser: Browser, clock: FixedClock
) -> None:
    code = trip().grant().back()
    assert code.url.path == "/console/sign-in/code"
    assert browser.get("/console").url.path == "/console/sign-in", "half way opens no room"
    browser.get("/console/sign-in/code")
    today = browser.send(code, "/console/sign-in/code", code=oath_code(seed_of(1), clock.now()))
    assert today.url.path == "/console"
    assert "김창구" in today.text


@pytest.mark.parametrize(
    ("trusts_mfa", "amr", "path"),
    [
        (True, ["pwd", "otp"], "/console"),
        (True, ["pwd"], "/console/sign-in/code"),
        (False, ["mfa"], "/console/sign-in/code"),
    ],
    ids=["trusted", "one factor", "not trusted"],
)
def test_a_second_factor_there_counts_where_it_is_trusted(trip: Callable[[], Trip], amr: list[str], path: str) -> None:
    assert trip().grant(amr=amr).back().url.path == path


def hmac_signed(told: dict[str, Any], key: bytes) -> str:
    text = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(told)}"
    return f"{text}.{pack(hmac.digest(key, text.encode(), 'sha256'))}"


@pytest.mark.parametrize(
    "forge",
    [
        lambda told: f"{part({'alg': 'none'})}.{part(told)}.",
        lambda told: hmac_signed(told, PEM),
        lambda told: hmac_signed(told, b"our-secret"),
        lambda told: signed(GOOD_HEADER, told, OTHER),
        lambda told: signed(GOOD_HEADER, told | {"nonce": "another"}),
        lambda told: signed(GOOD_HEADER, told | {"aud": "them"}),
        lambda told: signed(GOOD_HEADER, told | {"iss": "https://evil.example"}),
        lambda told: signed(GOOD_HEADER, told | {"exp": told["iat"] - 300}),
        lambda told: signed(GOOD_HEADER, told | {"sub": ""}),
    ],
    ids=[
        "alg none",
        "the public key as a secret",
        "our client secret",
        "another key",
        "nonce",
        "audience",
        "issuer",
        "too old",
        "nobody",
    ],
)
def test_a_token_that_is_not_about_this_is_refused(
    trip: Callable[[], Trip], there: Told, browser: Browser, sample: Sample, forge: Callable[[dict[str, Any]], str]
) -> None:
    gone = trip()
    there.grant(forge(gone.claims()))
    assert outside(browser, gone.back())
    assert reasons(sample) in (["forged"], ["expired"])


@pytest.mark.parametrize(
    "changed",
    [{"state": "another"}, {"state": ""}, {"iss": "https://evil.example"}, {"iss": ""}, {"code": ""}],
    ids=["another state", "no state", "another issuer (mix-up)", "no issuer", "no code"],
)
def test_an_answer_that_is_not_to_our_question_is_refused(
    trip: Callable[[], Trip], there: Told, browser: Browser, changed: dict[str, str]
) -> None:
    assert outside(browser, trip().grant().back(**changed))
    assert "/token" not in there.asked, "our code and secret go nowhere"


def test_an_answer_in_another_browser_opens_nothing_there(trip: Callable[[], Trip], app: Any, browser: Browser) -> None:
    gone = trip().grant()
    other = Browser(app)
    other.get("/console/sign-in?lang=en")
    assert outside(other, gone.back(other)), "nothing was begun there"
    other.get("/console/sign-on", follow_redirects=False)
    assert outside(other, gone.back(other)), "nor was this"
    other.close()
    assert gone.back().url.path == "/console/sign-in/code"


def test_an_answer_is_taken_once(trip: Callable[[], Trip], browser: Browser, sample: Sample, there: Told) -> None:
    gone = trip().grant()
    assert gone.back().url.path == "/console/sign-in/code"
    browser._client.cookies.delete("otpward-console")
    assert outside(browser, gone.back()), "the same answer again"
    asked = there.asked.count("/token")
    assert asked == 1, "the code is not even sent again"
    later = trip()
    there.answers["/token"] = (400, {"error": "invalid_grant"})
    assert outside(browser, later.back()), "a code that was used elsewhere"
    assert sorted(reasons(sample)) == ["failed", "nothing_begun"]


@pytest.mark.parametrize("login", ["m1001", "nobody", ""], ids=["works elsewhere", "unknown", "unnamed"])
def test_who_does_not_work_here_reads_the_same(trip: Callable[[], Trip], browser: Browser, login: str) -> None:
    assert outside(browser, trip().grant(preferred_username=login).back())


@pytest.mark.parametrize("name", ["then", "next", "return_to", "redirect_uri", "url", "done", "RelayState"])
@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_no_address_leads_anywhere_else(trip: Callable[[], Trip], browser: Browser, name: str, where: str) -> None:
    there = browser.get("/console/sign-on", params={name: where}, follow_redirects=False)
    assert parse_qs(urlsplit(there.headers["location"]).query)["redirect_uri"] == [f"http://127.0.0.1{BACK}"]
    gone = trip().grant()
    query = {"code": "c", "state": gone.asked["state"], "iss": gone.there.base_url, name: where}
    back = browser.get(BACK, params=query, follow_redirects=False)
    assert (back.status_code, back.headers["location"]) == (303, "/console/sign-in/code")
    assert "evil" not in browser.get("/console/sign-in", params={name: where}).headers.get("location", "")


def test_another_site_cannot_set_somebody_out(browser: Browser, there: Told) -> None:
    for site in ("cross-site", "same-site"):
        page = browser.get("/console/sign-on", headers={"sec-fetch-site": site})
        assert page.url.path == "/console/sign-in"
    assert not there.asked


def test_who_stops_there_may_go_on_here(trip: Callable[[], Trip]) -> None:
    page = trip().back(error="access_denied", code="")
    assert "You stopped before the end. Sign in here, or try again." in page.text


@pytest.mark.parametrize("path", ["/token", "/.well-known/openid-configuration"])
def test_a_silent_sign_on_leaves_the_password(trip: Callable[[], Trip], browser: Browser, there: Told, path: str) -> None:
    there.answers[path] = (503, {})
    gone = trip()
    page = gone.back() if "state" in gone.asked else browser.get(gone.answer.headers["location"])
    assert "The sign-on does not answer now. Sign in here with your number and password." in page.text
    code = browser.send(page, "/console/sign-in", login="teller", password=PASSWORD)
    assert code.url.path == "/console/sign-in/code"


@pytest.mark.parametrize(("lang", "words"), [("ko", "한빛 직원 계정으로 로그인"), ("en", "Sign in with Hanbit staff account")])
def test_the_page_offers_it_by_its_name(browser: Browser, lang: str, words: str) -> None:
    page = browser.get(f"/console/sign-in?lang={lang}").text
    assert words in page
    assert 'href="/console/sign-on"' in page


class TestWithoutOne:
    """An institution that has set up none."""

    @pytest.fixture
    def staff_sign_on(self) -> None:
        return None

    def test_there_is_no_such_way(self, browser: Browser) -> None:
        assert "/console/sign-on" not in browser.get("/console/sign-in").text
        for path in ("/console/sign-on", BACK):
            assert browser.get(path).status_code == 404
