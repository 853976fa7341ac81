"""A sign-on, or somebody on the way to it, that lies: each lie is refused, and our secret goes nowhere else."""

import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from otpward.adapters.bounded import ANSWER_LIMIT
from otpward.adapters.identity.code_flow import Client, derived
from otpward.adapters.identity.oidc import OidcProver
from otpward.adapters.identity.visit import VISIT_S
from otpward.core.errors import Unavailable
from otpward.core.formats.jws import pack
from otpward.core.model.evidence import Evidence
from otpward.core.secret import Secret
from otpward.ports.prover import Asked, Refusal, Refused
from tests.adapters.identity.provider import GOOD_HEADER, KEY, OTHER, Told, jwk, part, provider, signed

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
AT = int(NOW.timestamp())
SECRET = bytes(range(32))
BACK = "https://otp.example/prove/back"
COMING_BACK = {"state": derived(SECRET, "state"), "code": "the-code"}


@pytest.fixture
def there() -> Iterator[Told]:
    with provider() as told:
        yield told


def prover(there: Told, http: httpx.Client, **more: Any) -> OidcProver:
    whole_s = more.pop("whole_s", VISIT_S)
    client = Client(issuer=there.base_url, client_id="us", secret=Secret(b"k&y"), **more)
    return OidcProver("sso", client, http, whole_s=whole_s)


def asked() -> Asked:
    return Asked(number="N1", nonce=SECRET, return_url=BACK, language="ko", now=NOW)


def claims(there: Told, **changed: Any) -> dict[str, Any]:
    whole = {
        "iss": there.base_url,
        "aud": "us",
        "sub": "42",
        "nonce": derived(SECRET, "nonce"),
        "iat": AT,
        "exp": AT + 300,
        "name": "홍길동",
    }
    return whole | changed


def outcome(there: Told, http: httpx.Client, **callback: str) -> Evidence | Refused:
    asker = prover(there, http)
    begun = asker.begin(asked())
    return asker.complete(begun.kept, COMING_BACK | callback, now=NOW)


def refusal(found: Evidence | Refused) -> tuple[Refusal, str]:
    assert isinstance(found, Refused)
    return found.why, found.detail


def test_an_honest_answer_is_believed(there: Told, http: httpx.Client) -> None:
    there.grant(signed(GOOD_HEADER, claims(there)))
    found = outcome(there, http)
    assert isinstance(found, Evidence)
    assert (found.name.reveal(), found.birth_date, bool(found.phone)) == ("홍길동", None, False)
    assert there.asked == ["/.well-known/openid-configuration", "/token", "/jwks"]
    assert there.sent[1].decode().split("&") == [
        "grant_type=authorization_code",
        "code=the-code",
        "redirect_uri=https%3A%2F%2Fotp.example%2Fprove%2Fback",
        f"code_verifier={derived(SECRET, 'verifier')}",
    ]
    assert there.carried[1]["Authorization"] == "Basic dXM6ayUyNnk="  # us:k%26y, encoded before it is joined


def test_the_secret_goes_by_form_where_only_that_is_taken(there: Told, http: httpx.Client) -> None:
    there.describe(token_endpoint_auth_methods_supported=["client_secret_post"])
    there.grant(signed(GOOD_HEADER, claims(there)))
    assert isinstance(outcome(there, http), Evidence)
    assert there.sent[1].endswith(b"&client_id=us&client_secret=k%26y")
    assert "Authorization" not in there.carried[1]


@pytest.mark.parametrize(
    ("known", "wished"),
    [
        ([], "openid profile phone"),
        (["openid", "email"], "openid"),
        (["openid", "profile", "email"], "openid profile"),
        (["phone"], "openid phone"),
    ],
    ids=str,
)
def test_only_what_the_provider_knows_is_wished_for(there: Told, http: httpx.Client, known: list[str], wished: str) -> None:
    there.describe(scopes_supported=known)
    assert httpx.URL(prover(there, http).begin(asked()).link).params["scope"] == wished


def hmac_signed(header: dict[str, Any], told: dict[str, Any], key: bytes) -> str:
    text = f"{part(header)}.{part(told)}"
    return f"{text}.{pack(hmac.digest(key, text.encode(), 'sha256'))}"


PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    "forge",
    [
        lambda told: f"{part({'alg': 'none'})}.{part(told)}.",
        lambda told: f"{part({'alg': 'none', 'kid': 'one'})}.{part(told)}.{pack(b'x')}",
        lambda told: hmac_signed({"alg": "HS256", "kid": "one"}, told, PEM),
        lambda told: hmac_signed({"alg": "HS256", "kid": "one"}, told, b"k&y"),
        lambda told: signed(GOOD_HEADER, told, OTHER),
        lambda told: signed(GOOD_HEADER | {"kid": "two"}, told),
        lambda told: signed(GOOD_HEADER | {"kid": "gone"}, told),
        lambda told: signed(GOOD_HEADER | {"kid": "mine", "jwk": jwk(OTHER, "mine")}, told, OTHER),
        lambda told: signed(GOOD_HEADER | {"kid": "mine", "jku": "http://127.0.0.1:9/jwks"}, told, OTHER),
        lambda told: signed(GOOD_HEADER | {"typ": "at+jwt"}, told),
        lambda told: signed(GOOD_HEADER, told)[:-4] + "AAAA",
        lambda told: "no token",
    ],
    ids=[
        "alg none",
        "alg none with a signature",
        "the public key as a secret",
        "our client secret",
        "another key",
        "the kid of another key",
        "an unknown kid",
        "brings its own key",
        "says where its key lies",
        "an access token",
        "a broken signature",
        "no token",
    ],
)
def test_a_token_that_it_did_not_sign_is_forged(there: Told, http: httpx.Client, forge: Any) -> None:
    there.answers["/jwks"] = (200, {"keys": [jwk(KEY, "one"), jwk(OTHER, "two")]})
    there.grant(forge(claims(there)))
    why, detail = refusal(outcome(there, http))
    assert why is Refusal.FORGED
    assert detail.startswith("token: ")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"nonce": "another"}, Refusal.FORGED),
        ({"nonce": derived(bytes(32), "nonce")}, Refusal.FORGED),
        ({"aud": "them"}, Refusal.FORGED),
        ({"aud": ["us", "them"]}, Refusal.FORGED),
        ({"azp": "them"}, Refusal.FORGED),
        ({"iss": "https://evil.example"}, Refusal.FORGED),
        ({"exp": AT - 61}, Refusal.EXPIRED),
        ({"iat": AT + 3600}, Refusal.FORGED),
        ({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, Refusal.FORGED),
    ],
    ids=str,
)
def test_a_token_about_something_else_is_refused(
    there: Told, http: httpx.Client, changed: dict[str, Any], why: Refusal
) -> None:
    there.grant(signed(GOOD_HEADER, claims(there, **changed)))
    assert refusal(outcome(there, http))[0] is why


def test_a_sign_in_of_long_ago_is_not_accepted_where_a_new_one_was_asked(there: Told, http: httpx.Client) -> None:
    asker = prover(there, http, max_age=timedelta(minutes=5))
    begun = asker.begin(asked())
    there.grant(signed(GOOD_HEADER, claims(there, auth_time=AT - 3600)))
    assert refusal(asker.complete(begun.kept, COMING_BACK, now=NOW))[0] is Refusal.NOT_ACCEPTED


@pytest.mark.parametrize("state", ["", "another", "한글"])
def test_an_answer_to_another_request_is_not_even_looked_at(there: Told, http: httpx.Client, state: str) -> None:
    assert refusal(outcome(there, http, state=state)) == (Refusal.FORGED, "state")
    assert "/token" not in there.asked


def test_an_answer_of_another_provider_is_refused(there: Told, http: httpx.Client) -> None:
    there.grant(signed(GOOD_HEADER, claims(there)))
    assert refusal(outcome(there, http, iss="https://evil.example")) == (Refusal.FORGED, "iss")
    assert isinstance(outcome(there, http, iss=there.base_url), Evidence)
    there.describe(authorization_response_iss_parameter_supported=True)
    assert refusal(outcome(there, http)) == (Refusal.FORGED, "iss")


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"])
@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:1/token",
        "https://evil.example/token",
        "file:///etc/passwd",
        "//evil.example/token",
        "/token",
        "javascript:alert(1)",
    ],
)
def test_an_endpoint_elsewhere_is_refused(there: Told, http: httpx.Client, name: str, address: str) -> None:
    there.describe(**{name: address})
    with pytest.raises(Unavailable, match="not its own"):
        prover(there, http).begin(asked())
    assert there.asked == ["/.well-known/openid-configuration"]


def test_an_endpoint_that_only_looks_like_its_own_is_refused(there: Told, http: httpx.Client) -> None:
    for trick in (f"{there.base_url}@evil.example/", f"{there.base_url}.evil.example/", f"{there.base_url}\\@evil.example/"):
        there.describe(token_endpoint=trick)
        with pytest.raises(Unavailable, match="not its own"):
            prover(there, http).begin(asked())


def test_another_host_is_believed_where_the_settings_name_it(there: Told, http: httpx.Client) -> None:
    there.describe(userinfo_endpoint="https://api.sso.example/me")
    asker = prover(there, http, other_origins=frozenset({"https://api.sso.example"}))
    assert asker.begin(asked()).link.startswith(there.base_url)


@pytest.mark.parametrize("issuer", ["https://evil.example", "", None])
def test_a_document_of_another_issuer_is_refused(there: Told, http: httpx.Client, issuer: str | None) -> None:
    there.describe(issuer=issuer)
    with pytest.raises(Unavailable):
        prover(there, http).begin(asked())


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/jwks"])
def test_no_redirect_is_followed(there: Told, http: httpx.Client, path: str) -> None:
    http.follow_redirects = True
    there.grant(signed(GOOD_HEADER, claims(there)))
    there.answers["/elsewhere"] = there.answers[path]
    there.answers[path] = (307, f"{there.base_url}/elsewhere")
    with pytest.raises(Unavailable):
        outcome(there, http)
    assert "/elsewhere" not in there.asked


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/jwks"])
@pytest.mark.parametrize(
    "answer",
    [(200, b"<html>"), (200, b"[" * 100_000), (200, b" " * (ANSWER_LIMIT + 1)), (200, {}), (404, {}), (503, {}), (500, b"")],
    ids=["html", "deep", "too large", "empty", "404", "503", "500"],
)
def test_what_is_no_answer_is_no_answer(there: Told, http: httpx.Client, path: str, answer: tuple[int, Any]) -> None:
    there.grant(signed(GOOD_HEADER, claims(there)))
    there.answers[path] = answer
    with pytest.raises(Unavailable):
        outcome(there, http)


def test_a_slow_provider_is_not_waited_for(there: Told, http: httpx.Client) -> None:
    there.wait_s = 0.5
    with pytest.raises(Unavailable):
        prover(there, http, whole_s=0.3).begin(asked())


@pytest.mark.parametrize(
    ("error", "why"),
    [
        ("access_denied", Refusal.CANCELLED),
        ("login_required", Refusal.FAILED),
        ("<script>", Refusal.FAILED),
        ("\n", Refusal.FAILED),
    ],
)
def test_an_error_by_the_browser_is_a_refusal(there: Told, http: httpx.Client, error: str, why: Refusal) -> None:
    assert refusal(outcome(there, http, error=error))[0] is why


def test_a_provider_in_trouble_says_so_by_the_browser(there: Told, http: httpx.Client) -> None:
    with pytest.raises(Unavailable):
        outcome(there, http, error="temporarily_unavailable")


@pytest.mark.parametrize("code", ["", "x" * 2049])
def test_what_is_no_code_is_not_sent_on(there: Told, http: httpx.Client, code: str) -> None:
    assert refusal(outcome(there, http, code=code)) == (Refusal.FAILED, "no code")
    assert "/token" not in there.asked


def test_keys_are_kept_and_looked_for_anew_only_when_one_is_missing(there: Told, http: httpx.Client) -> None:
    asker = prover(there, http)
    begun = asker.begin(asked())

    def once(now: datetime, header: dict[str, Any], key: Any = KEY) -> Evidence | Refused:
        at = int(now.timestamp())
        there.grant(signed(header, claims(there, iat=at, exp=at + 300), key))
        return asker.complete(begun.kept, COMING_BACK, now=now)

    for seconds in range(3):
        assert isinstance(once(NOW + timedelta(seconds=seconds), GOOD_HEADER), Evidence)
    assert there.asked.count("/jwks") == 1
    there.answers["/jwks"] = (200, {"keys": [jwk(OTHER, "two")]})
    two = GOOD_HEADER | {"kid": "two"}
    assert isinstance(once(NOW + timedelta(seconds=20), two, OTHER), Evidence)
    assert there.asked.count("/jwks") == 2
    for seconds in range(21, 29):
        assert refusal(once(NOW + timedelta(seconds=seconds), GOOD_HEADER))[0] is Refusal.FORGED
    assert there.asked.count("/jwks") == 2, "unknown keys do not make us ask for each token"
    assert isinstance(once(NOW + timedelta(hours=2), two, OTHER), Evidence)
    assert there.asked.count("/jwks") == 3
    assert there.asked.count("/.well-known/openid-configuration") == 2


def test_whoever_the_provider_tells_of_must_be_who_signed_in(there: Told, http: httpx.Client) -> None:
    there.describe(userinfo_endpoint=f"{there.base_url}/me")
    there.grant(signed(GOOD_HEADER, claims(there, name="")))
    there.answers["/me"] = (200, {"sub": "43", "name": "남의이름"})
    assert refusal(outcome(there, http)) == (Refusal.FORGED, "another person")
    there.answers["/me"] = (
        200,
        {
            "sub": "42",
            "family_name": "홍",
            "given_name": "길동",
            "phone_number": "010-5550-1101",
            "aud": "x",
            "birthdate": "1990",
        },
    )
    found = outcome(there, http)
    assert isinstance(found, Evidence)
    assert (found.name.reveal(), bool(found.phone), found.birth_date) == ("홍길동", False, None)
    assert there.carried[-1]["Authorization"] == "Bearer access"


def test_nothing_secret_is_shown(there: Told, http: httpx.Client) -> None:
    asker = prover(there, http)
    begun = asker.begin(asked())
    there.grant(signed(GOOD_HEADER, claims(there)))
    shown = repr((asker, begun.kept, asker.complete(begun.kept, COMING_BACK, now=NOW)))
    assert not [word for word in ("k&y", "홍길동", derived(SECRET, "verifier")) if word in shown]
    assert derived(SECRET, "verifier") not in begun.link
    assert json.dumps(there.asked).count("the-code") == 0
