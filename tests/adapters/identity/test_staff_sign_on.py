"""Whom the sign-on names for the console, and what it takes to believe its word for a second factor."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from otpward.adapters.identity.code_flow import Client, derived
from otpward.adapters.identity.staff_sign_on import OidcStaffSignOn, is_strong, login_in
from otpward.core.secret import Secret
from otpward.ports.prover import Asked, Refusal, Refused
from otpward.ports.sign_on import SignedOn
from tests.adapters.identity.provider import GOOD_HEADER, Told, provider, signed

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
AT = int(NOW.timestamp())
NONCE = bytes(range(32))


@pytest.fixture
def there() -> Iterator[Told]:
    with provider() as told:
        yield told


def outcome(there: Told, http: httpx.Client, told: dict[str, Any], **how: Any) -> SignedOn | Refused:
    wishes = {key: how.pop(key) for key in ("max_age", "acr") if key in how}
    client = Client(issuer=there.base_url, client_id="us", secret=Secret(b"k"), scopes=("openid", "profile", "email"), **wishes)
    sign_on = OidcStaffSignOn(client, http, **({"claim": "preferred_username"} | how))
    asked = Asked(number="N", nonce=NONCE, return_url="https://otp.example/back", language="ko", now=NOW)
    begun = sign_on.begin(asked)
    claims = {"iss": there.base_url, "aud": "us", "sub": "42", "nonce": derived(NONCE, "nonce"), "iat": AT, "exp": AT + 300}
    there.grant(signed(GOOD_HEADER, claims | told))
    return sign_on.complete(begun.kept, {"state": derived(NONCE, "state"), "code": "c"}, now=NOW)


def test_who_it_is_for_good_is_the_provider_s_number_with_the_provider_s_name(there: Told, http: httpx.Client) -> None:
    found = outcome(there, http, {"preferred_username": "teller"})
    assert isinstance(found, SignedOn)
    assert (found.subject.reveal(), found.login.reveal(), found.strong) == (f"{there.base_url} 42", "teller", False)
    assert (found.at, len(found.raw_hash), len(found.number)) == (NOW, 32, 32)


def test_what_the_token_does_not_tell_is_asked_for_about_the_same_person(there: Told, http: httpx.Client) -> None:
    there.describe(userinfo_endpoint=f"{there.base_url}/userinfo")
    there.answers["/userinfo"] = (200, {"sub": "42", "preferred_username": "teller", "amr": ["mfa"]})
    found = outcome(there, http, {}, trusts_mfa=True)
    assert isinstance(found, SignedOn)
    assert (found.login.reveal(), found.strong) == ("teller", False), "how they signed in counts as signed only"
    there.answers["/userinfo"] = (200, {"sub": "43", "preferred_username": "admin"})
    assert outcome(there, http, {}) == Refused(why=Refusal.FORGED, detail="another person")


@pytest.mark.parametrize(
    ("claims", "claim", "login"),
    [
        ({"preferred_username": " teller "}, "preferred_username", "teller"),
        ({"email": "teller@x.example", "email_verified": True}, "email", "teller@x.example"),
        ({"email": "teller@x.example"}, "email", ""),
        ({"email": "teller@x.example", "email_verified": False}, "email", ""),
        ({"email": "teller@x.example", "email_verified": "true"}, "email", ""),
        ({"https://x.example/number": "1001"}, "https://x.example/number", "1001"),
        ({"upn": ["teller"]}, "upn", ""),
        ({"upn": 7}, "upn", ""),
        ({"upn": "x" * 201}, "upn", ""),
        ({}, "upn", ""),
    ],
    ids=str,
)
def test_a_login_is_a_text_that_the_provider_vouches_for(claims: dict[str, Any], claim: str, login: str) -> None:
    assert login_in(claims, claim).reveal() == login


@pytest.mark.parametrize(
    ("amr", "strong"),
    [
        (["mfa"], True),
        (["pwd", "otp"], True),
        (["hwk", "pin"], True),
        (["swk", "fpt"], True),
        (["pwd"], False),
        (["otp"], False),
        (["hwk"], False),
        (["pwd", "pin"], False),
        (["otp", "hwk"], False),
        (["pwd", "sms"], False),
        (["pwd", "kba"], False),
        ("mfa", False),
        (None, False),
        ([["mfa"], 1], False),
        ([], False),
    ],
    ids=str,
)
def test_two_factors_are_of_two_kinds(amr: object, strong: bool) -> None:
    assert is_strong(amr) is strong


@pytest.mark.parametrize(
    ("claims", "trust", "strong"),
    [
        ({"amr": ["mfa"]}, {}, False),
        ({"amr": ["mfa"]}, {"trusts_mfa": True}, True),
        ({"acr": "gold"}, {"trusts_mfa": True}, False),
        ({"acr": "gold"}, {"trusts_mfa": True, "mfa_acr": frozenset({"gold"})}, True),
        ({"acr": "silver"}, {"trusts_mfa": True, "mfa_acr": frozenset({"gold"})}, False),
        ({"acr": ["gold"]}, {"trusts_mfa": True, "mfa_acr": frozenset({"gold"})}, False),
        ({"acr": "gold"}, {"mfa_acr": frozenset({"gold"})}, False),
    ],
    ids=str,
)
def test_the_provider_s_word_for_it_counts_where_it_is_trusted(
    there: Told, http: httpx.Client, claims: dict[str, Any], trust: dict[str, Any], strong: bool
) -> None:
    found = outcome(there, http, {"preferred_username": "teller"} | claims, **trust)
    assert isinstance(found, SignedOn)
    assert found.strong is strong


def test_a_sign_in_that_is_not_as_was_asked_is_not_accepted(there: Told, http: httpx.Client) -> None:
    old = outcome(there, http, {"auth_time": AT - 3600}, max_age=timedelta(minutes=10))
    assert old == Refused(why=Refusal.NOT_ACCEPTED, detail="claim: auth_time")
    weak = outcome(there, http, {"acr": "silver"}, acr=frozenset({"gold"}))
    assert weak == Refused(why=Refusal.NOT_ACCEPTED, detail="claim: acr")
