"""What an ID token claims: about us, this request, this minute, and signed in freshly enough."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from otpward.core.formats.id_token import Expected, Untrue, half_hash, judge_claims

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
AT = int(NOW.timestamp())
EXPECTED = Expected(issuer="https://sso.example", client_id="us", nonce="n-0S6_WzA2Mj", access_token="token")
GOOD = {"iss": "https://sso.example", "aud": "us", "sub": "1", "nonce": "n-0S6_WzA2Mj", "iat": AT, "exp": AT + 300}
STRONG = Expected(
    issuer="https://sso.example", client_id="us", nonce="n-0S6_WzA2Mj", max_age=timedelta(minutes=5), acr=frozenset({"gold"})
)


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"aud": ["us"]},
        {"azp": "us"},
        {"aud": ["us", "them"], "azp": "us"},
        {"iat": AT + 59},
        {"iat": AT - 14 * 60, "exp": AT - 59},
        {"iat": AT - 0.5},
        {"nbf": AT},
        {"at_hash": half_hash("token")},
    ],
    ids=str,
)
def test_what_fits_is_believed(claims: dict[str, Any]) -> None:
    assert judge_claims(GOOD | claims, EXPECTED, now=NOW) is None


@pytest.mark.parametrize(
    ("claims", "untrue"),
    [
        ({"iss": "https://sso.example/"}, Untrue.ISSUER),
        ({"iss": "https://evil.example"}, Untrue.ISSUER),
        ({"iss": None}, Untrue.ISSUER),
        ({"aud": "them"}, Untrue.AUDIENCE),
        ({"aud": []}, Untrue.AUDIENCE),
        ({"aud": None}, Untrue.AUDIENCE),
        ({"aud": {"us": 1}}, Untrue.AUDIENCE),
        ({"aud": ["us", "them"]}, Untrue.AUDIENCE),
        ({"aud": ["us", "them"], "azp": "them"}, Untrue.AUDIENCE),
        ({"azp": "them"}, Untrue.AUDIENCE),
        ({"nonce": "another"}, Untrue.NONCE),
        ({"nonce": ""}, Untrue.NONCE),
        ({"nonce": None}, Untrue.NONCE),
        ({"nonce": ["n-0S6_WzA2Mj"]}, Untrue.NONCE),
        ({"exp": AT - 60}, Untrue.EXPIRED),
        ({"exp": None}, Untrue.TIME),
        ({"exp": "soon"}, Untrue.TIME),
        ({"exp": True}, Untrue.TIME),
        ({"exp": 1e300}, Untrue.TIME),
        ({"iat": None}, Untrue.TIME),
        ({"iat": AT + 61}, Untrue.TIME),
        ({"iat": AT - 15 * 60 - 1}, Untrue.TIME),
        ({"nbf": AT + 61}, Untrue.TIME),
        ({"nbf": "later"}, Untrue.TIME),
        ({"sub": ""}, Untrue.SUBJECT),
        ({"sub": 1}, Untrue.SUBJECT),
        ({"sub": "x" * 256}, Untrue.SUBJECT),
        ({"at_hash": half_hash("another")}, Untrue.ACCESS_TOKEN),
        ({"at_hash": 1}, Untrue.ACCESS_TOKEN),
    ],
    ids=str,
)
def test_what_does_not_fit_is_not(claims: dict[str, Any], untrue: Untrue) -> None:
    assert judge_claims(GOOD | claims, EXPECTED, now=NOW) is untrue


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "nonce", "iat", "exp"])
def test_nothing_may_be_missing(name: str) -> None:
    left = {key: value for key, value in GOOD.items() if key != name}
    assert judge_claims(left, EXPECTED, now=NOW) is not None


@pytest.mark.parametrize(
    ("claims", "untrue"),
    [
        ({"auth_time": AT - 300, "acr": "gold"}, None),
        ({"acr": "gold"}, Untrue.AUTH_TIME),
        ({"auth_time": AT - 601, "acr": "gold"}, Untrue.AUTH_TIME),
        ({"auth_time": AT + 301, "acr": "gold"}, Untrue.AUTH_TIME),
        ({"auth_time": AT}, Untrue.ACR),
        ({"auth_time": AT, "acr": "silver"}, Untrue.ACR),
        ({"auth_time": AT, "acr": ["gold"]}, Untrue.ACR),
    ],
    ids=str,
)
def test_a_sign_in_is_fresh_and_strong_where_that_was_asked(claims: dict[str, Any], untrue: Untrue | None) -> None:
    assert judge_claims(GOOD | claims, STRONG, now=NOW) is untrue


def test_a_token_that_lasts_for_ever_is_not_an_error_of_ours() -> None:
    assert judge_claims(GOOD | {"exp": 253402300799}, EXPECTED, now=NOW) is None
