"""An institution's sign-on: a person signs in there, and the signed answer to this very request says who it was."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from otpward.adapters.identity.code_flow import Client, challenge, derived
from otpward.adapters.identity.oidc import OidcProver
from otpward.core.errors import Invalid, Unavailable
from otpward.core.model.evidence import Evidence
from otpward.core.model.proof import Assurance, Method
from otpward.core.secret import Secret
from otpward.ports.prover import Asked, Begun, Refusal, Refused
from otpward.sandbox.identity.people import PEOPLE
from tests.sandbox.running import Running

HONG = PEOPLE[0]
BACK = "https://otp.example/prove/back"


def prover(sandbox: Running, http: httpx.Client, *, secret: bytes = b"not-a-secret", **more: Any) -> OidcProver:
    client = Client(issuer=f"{sandbox.base_url}/oidc", client_id="otpward", secret=Secret(secret), **more)
    return OidcProver("sso", client, http)


def asked(nonce: bytes | None = None, return_url: str = BACK) -> Asked:
    return Asked(
        number="N1", nonce=nonce or secrets.token_bytes(32), return_url=return_url, language="ko", now=datetime.now(UTC)
    )


def signed_in(http: httpx.Client, begun: Begun, person: str = HONG.id, how: str = "") -> dict[str, str]:
    """What the browser brings back after somebody was chosen on the provider's page."""
    page = http.get(begun.link)
    assert page.status_code == 200
    chosen = httpx.URL(begun.link.replace("/oidc/authorize?", "/oidc/enter?")).copy_merge_params(
        {"person": person} | ({"how": how} if how else {})
    )
    assert str(chosen).partition("?")[0] in page.text or "/oidc/enter?" in page.text
    answer = http.get(chosen)
    assert answer.status_code == 303
    where = urlsplit(answer.headers["Location"])
    assert f"{where.scheme}://{where.netloc}{where.path}" == BACK
    return dict(parse_qsl(where.query))


def test_who_signs_in_is_known(sandbox: Running, http: httpx.Client) -> None:
    there = prover(sandbox, http)
    begun = there.begin(asked())
    assert (begun.push, begun.code, dict(begun.form)) == (False, False, {})
    found = there.complete(begun.kept, signed_in(http, begun), now=datetime.now(UTC))
    assert isinstance(found, Evidence)
    assert (found.method, found.provider) == (Method.SIGN_ON, "sso")
    assert (found.name.reveal(), found.birth_date, found.phone.reveal()) == (HONG.name, HONG.birth_date, HONG.phone)
    assert found.subject.reveal() == f"{sandbox.base_url}/oidc {HONG.id}"
    assert not found.ci


def test_what_the_token_does_not_tell_is_asked_for(sandbox: Running, http: httpx.Client) -> None:
    there = prover(sandbox, http, scopes=("openid",))
    begun = there.begin(asked())
    found = there.complete(begun.kept, signed_in(http, begun), now=datetime.now(UTC))
    assert isinstance(found, Evidence)
    assert found.name.reveal() == HONG.name


def test_the_link_says_all_that_binds_the_answer(sandbox: Running, http: httpx.Client) -> None:
    nonce = bytes(range(32))
    link = prover(sandbox, http, max_age=timedelta(minutes=5), acr=frozenset({"gold"})).begin(asked(nonce)).link
    wishes = {name: value[0] for name, value in parse_qs(urlsplit(link).query).items()}
    assert wishes == {
        "response_type": "code",
        "client_id": "otpward",
        "redirect_uri": BACK,
        "scope": "openid profile phone",
        "state": derived(nonce, "state"),
        "nonce": derived(nonce, "nonce"),
        "code_challenge": challenge(derived(nonce, "verifier")),
        "code_challenge_method": "S256",
        "ui_locales": "ko",
        "max_age": "300",
        "acr_values": "gold",
    }
    assert len({wishes["state"], wishes["nonce"], wishes["code_challenge"], derived(nonce, "verifier")}) == 4


@pytest.mark.parametrize(
    ("asked_for", "how", "detail"),
    [
        ({}, "an-hour-ago", ""),
        ({"max_age": timedelta(minutes=10)}, "password", ""),
        ({"max_age": timedelta(minutes=56)}, "an-hour-ago", ""),
        ({"max_age": timedelta(minutes=54)}, "an-hour-ago", "claim: auth_time"),
        ({"acr": frozenset({"silver"})}, "password", ""),
        ({"acr": frozenset({"silver", "gold"})}, "two-factors", ""),
        ({"acr": frozenset({"gold"})}, "", ""),
        ({"acr": frozenset({"gold"})}, "password", "claim: acr"),
        ({"acr": frozenset({"platinum"})}, "two-factors", "claim: acr"),
    ],
    ids=["nothing", "fresh", "within 5 min of it", "too old", "silver", "either", "gold, of itself", "silver for gold", "none"],
)
def test_a_sign_in_is_as_fresh_and_strong_as_was_asked(
    sandbox: Running, http: httpx.Client, asked_for: Mapping[str, Any], how: str, detail: str
) -> None:
    there = prover(sandbox, http, **asked_for)
    begun = there.begin(asked())
    found = there.complete(begun.kept, signed_in(http, begun, how=how), now=datetime.now(UTC))
    if detail:
        assert found == Refused(why=Refusal.NOT_ACCEPTED, detail=detail)
    else:
        assert isinstance(found, Evidence)
        assert found.level is Assurance.LOW


def test_the_challenge_is_that_of_rfc_7636_appendix_b() -> None:
    assert challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize(
    ("ending", "why"),
    [("0002", Refusal.CANCELLED), ("0004", Refusal.EXPIRED), ("0005", Refusal.FORGED), ("0006", Refusal.FAILED)],
    ids=["cancelled", "expired", "changed on the way", "code used before"],
)
def test_what_goes_wrong_is_told_apart(sandbox: Running, http: httpx.Client, ending: str, why: Refusal) -> None:
    there = prover(sandbox, http)
    begun = there.begin(asked())
    found = there.complete(begun.kept, signed_in(http, begun, f"s{ending}"), now=datetime.now(UTC))
    assert isinstance(found, Refused)
    assert found.why is why


@pytest.mark.parametrize("ending", ["0007", "0017"], ids=["broken", "slow"])
def test_a_dead_provider_is_not_waited_for(sandbox: Running, http: httpx.Client, ending: str) -> None:
    there = prover(sandbox, http)
    begun = there.begin(asked())
    callback = signed_in(http, begun, f"s{ending}")
    with pytest.raises(Unavailable):
        there.complete(begun.kept, callback, now=datetime.now(UTC))


def test_who_cancels_on_the_page_has_cancelled(sandbox: Running, http: httpx.Client) -> None:
    there = prover(sandbox, http)
    begun = there.begin(asked())
    answer = http.get(begun.link.replace("/oidc/authorize?", "/oidc/enter?"))
    callback = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    found = there.complete(begun.kept, callback, now=datetime.now(UTC))
    assert isinstance(found, Refused)
    assert found.why is Refusal.CANCELLED


def test_a_code_is_worth_something_once(sandbox: Running, http: httpx.Client) -> None:
    there = prover(sandbox, http)
    begun = there.begin(asked())
    callback = signed_in(http, begun)
    assert isinstance(there.complete(begun.kept, callback, now=datetime.now(UTC)), Evidence)
    again = there.complete(begun.kept, callback, now=datetime.now(UTC))
    assert again == Refused(why=Refusal.FAILED, detail="invalid_grant")


def test_a_code_of_another_browser_is_worth_nothing(sandbox: Running, http: httpx.Client) -> None:
    there = prover(sandbox, http)
    mine, theirs = there.begin(asked()), there.begin(asked())
    stolen = signed_in(http, theirs)
    found = there.complete(mine.kept, stolen, now=datetime.now(UTC))
    assert found == Refused(why=Refusal.FORGED, detail="state")
    # Even with a state that fits, the verifier does not: the code was given for another challenge.
    fitting = stolen | {"state": signed_in(http, mine)["state"]}
    found = there.complete(mine.kept, fitting, now=datetime.now(UTC))
    assert found == Refused(why=Refusal.FAILED, detail="invalid_grant")


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
def test_new_keys_are_found_when_they_are_needed(sandbox: Running, http: httpx.Client, algorithm: str) -> None:
    there = prover(sandbox, http)
    now = datetime.now(UTC)
    for later in (timedelta(0), timedelta(seconds=11)):
        begun = there.begin(asked())
        assert isinstance(there.complete(begun.kept, signed_in(http, begun), now=now + later), Evidence)
        http.post(f"{sandbox.base_url}/oidc/keys", data={"algorithm": algorithm})


def test_a_wrong_secret_of_ours_is_not_the_person_s_fault(sandbox: Running, http: httpx.Client) -> None:
    there = prover(sandbox, http, secret=b"another")
    begun = there.begin(asked())
    with pytest.raises(Unavailable):
        there.complete(begun.kept, signed_in(http, begun), now=datetime.now(UTC))


@pytest.mark.parametrize(
    "issuer",
    [
        "http://sso.example",
        "ftp://sso.example",
        "https://",
        "https://user@sso.example",
        "https://sso.example#x",
        "https://sso.example\\@evil.example",
        "https://sso.example:port",
        "https://sso.exämple",
        "javascript:alert(1)",
    ],
)
def test_an_issuer_has_an_https_address(issuer: str) -> None:
    with pytest.raises(Invalid):
        OidcProver("sso", Client(issuer=issuer, client_id="us", secret=Secret(b"k")), httpx.Client())


def test_the_key_page_has_its_button(sandbox: Running, http: httpx.Client) -> None:
    before = http.get(f"{sandbox.base_url}/oidc/jwks").json()["keys"][0]["kid"]
    page = http.get(f"{sandbox.base_url}/oidc/keys?lang=en").text
    assert before in page
    assert "Change to a new ES256 key" in page
    http.post(f"{sandbox.base_url}/oidc/keys", data={"algorithm": "RS256"})
    after = [key["kid"] for key in http.get(f"{sandbox.base_url}/oidc/jwks").json()["keys"]]
    assert after[0] != before
    assert after[1] == before


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "them"},
        {"redirect_uri": "javascript:alert(1)"},
        {"response_type": "token"},
        {"scope": "profile"},
        {"code_challenge_method": "plain"},
        {"code_challenge": ""},
    ],
    ids=str,
)
def test_the_sandbox_refuses_what_a_real_one_would(sandbox: Running, http: httpx.Client, changed: Mapping[str, str]) -> None:
    link = httpx.URL(prover(sandbox, http).begin(asked()).link).copy_merge_params(changed)
    assert http.get(link).status_code == 422


def test_what_was_derived_is_what_it_is_by_other_means() -> None:
    """HMAC by its definition (RFC 2104), with nothing but SHA-256."""
    key = bytes(range(32)).ljust(64, b"\0")
    inner = hashlib.sha256(bytes(octet ^ 0x36 for octet in key) + b"oidc state").digest()
    whole = hashlib.sha256(bytes(octet ^ 0x5C for octet in key) + inner).hexdigest()
    assert base64.urlsafe_b64decode(derived(bytes(range(32)), "state") + "=").hex() == whole
