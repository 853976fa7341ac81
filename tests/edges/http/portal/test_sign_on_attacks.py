"""A sign-on that lies, or is lied for, seen from the portal: nobody gets in, the page says so, and the audit has it."""

import hmac
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from otpward.adapters.identity.code_flow import Client
from otpward.adapters.identity.oidc import OidcProver
from otpward.adapters.prompt import open_http
from otpward.core.audit import AuditEvent, AuditLine
from otpward.core.formats.jws import pack
from otpward.core.secret import Secret
from otpward.ports.provider import Provider, Providers
from tests.adapters.identity.provider import GOOD_HEADER, KEY, OTHER, Told, part, provider, signed
from tests.edges.http.portal.test_prove_service import start
from tests.fakes.sample import Sample
from tests.fakes.surroundings import FixedClock

PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture
def there() -> Iterator[Told]:
    """The sign-on."""
    with provider() as told:
        yield told


@pytest.fixture
def providers(there: Told) -> Iterator[Providers]:
    """It alone."""
    with open_http() as http:
        client = Client(issuer=there.base_url, client_id="us", secret=Secret(b"k&y"))
        prover = OidcProver("own", client, http)
        yield {"own": Provider(prover=prover, title_ko="직원 로그인", title_en="Own sign-on")}


def asked(page: httpx.Response, there: Told) -> dict[str, str]:
    """What the link there says of this request."""
    link = re.search(rf'href="({re.escape(there.base_url)}/authorize[^"]*)"', page.text)
    assert link, page.text
    return {name: texts[0] for name, texts in parse_qs(urlsplit(link[1].replace("&amp;", "&")).query).items()}


def claims(there: Told, wishes: dict[str, str], clock: FixedClock) -> dict[str, Any]:
    at = int(clock.now().timestamp())
    told = {"iss": there.base_url, "aud": "us", "sub": "42", "nonce": wishes["nonce"], "iat": at, "exp": at + 300}
    return told | {"name": "홍길동", "birthdate": "1980-01-02"}


def last(sample: Sample) -> AuditLine:
    lines = sample.house.look(sample.institution.id, lambda uow: uow.audit.find(limit=100))
    return next(one for one in lines if one.event in {AuditEvent.PROOF_PASSED, AuditEvent.PROOF_FAILED})


def by_hmac(told: dict[str, Any], key: bytes) -> str:
    text = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(told)}"
    return f"{text}.{pack(hmac.digest(key, text.encode(), 'sha256'))}"


def test_without_an_attack_the_same_steps_pass(browser: Any, sample: Sample, there: Told, clock: FixedClock) -> None:
    wishes = asked(start(browser, "own", purpose="follow"), there)
    there.grant(signed(GOOD_HEADER, claims(there, wishes, clock)))
    back = browser.get(f"/prove/return/own?state={wishes['state']}&code=one")
    assert back.url.path == "/cases"
    assert last(sample).event == AuditEvent.PROOF_PASSED


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda told: f"{part({'alg': 'none'})}.{part(told)}.", id="alg none"),
        pytest.param(lambda told: by_hmac(told, PEM), id="the public key as a secret"),
        pytest.param(lambda told: by_hmac(told, b"k&y"), id="our client secret as a key"),
        pytest.param(lambda told: signed(GOOD_HEADER, told, OTHER), id="another key"),
        pytest.param(lambda told: signed(GOOD_HEADER, told | {"nonce": "another"}), id="another nonce"),
        pytest.param(lambda told: signed(GOOD_HEADER, told | {"aud": "them"}), id="for another client"),
        pytest.param(lambda told: signed(GOOD_HEADER, told | {"iss": "https://evil.example"}), id="of another issuer"),
    ],
)
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_token_that_is_not_the_answer_is_refused(
    browser: Any, sample: Sample, there: Told, clock: FixedClock, forge: Any, lang: str
) -> None:
    wishes = asked(start(browser, "own", purpose="follow"), there)
    there.grant(forge(claims(there, wishes, clock)))
    page = browser.get(f"/prove/return/own?state={wishes['state']}&code=one&lang={lang}")
    told = {"ko": "요청에 맞는 결과가 아닙니다", "en": "The answer was not the one to your request. Try again from here"}
    assert told[lang] in page.text
    assert (last(sample).event, last(sample).result) == (AuditEvent.PROOF_FAILED, "forged")
    assert browser.get("/cases").url.path == "/prove"


def test_the_answer_to_another_request_is_refused(browser: Any, sample: Sample, there: Told, clock: FixedClock) -> None:
    before = asked(start(browser, "own", purpose="follow"), there)
    wishes = asked(start(browser, "own", purpose="follow"), there)
    there.grant(signed(GOOD_HEADER, claims(there, before, clock)))
    browser.get(f"/prove/return/own?state={before['state']}&code=one")
    assert last(sample).result == "forged"
    browser.get(f"/prove/return/own?state={wishes['state']}&code=one")  # the nonce in the token is still that of before
    assert last(sample).result == "forged"
    assert browser.get("/cases").url.path == "/prove"


@pytest.mark.parametrize("endpoint", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x", "https://evil.example/x", "file:///etc/passwd"])
def test_a_provider_that_points_elsewhere_is_not_followed(
    browser: Any, sample: Sample, there: Told, endpoint: str, address: str
) -> None:
    there.describe(**{endpoint: address})
    page = start(browser, "own", purpose="follow")
    assert page.status_code == 503
    assert address not in page.text
    assert (last(sample).event, last(sample).result) == (AuditEvent.PROOF_FAILED, "unavailable")
    assert set(there.asked) == {"/.well-known/openid-configuration"}


@pytest.mark.parametrize("path", ["/token", "/jwks"])
def test_an_answer_that_leads_elsewhere_is_not_followed(
    browser: Any, sample: Sample, there: Told, clock: FixedClock, path: str
) -> None:
    wishes = asked(start(browser, "own", purpose="follow"), there)
    there.grant(signed(GOOD_HEADER, claims(there, wishes, clock)))
    there.answers[path] = (302, f"{there.base_url}/elsewhere")
    page = browser.get(f"/prove/return/own?state={wishes['state']}&code=one&lang=en")
    assert page.status_code == 503
    assert "/elsewhere" not in there.asked
    assert (last(sample).event, last(sample).result) == (AuditEvent.PROOF_FAILED, "unavailable")
