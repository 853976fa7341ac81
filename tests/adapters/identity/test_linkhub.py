"""Linkhub's signatures and sealed fields, each computed a second time here from its definition."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from otpward.adapters.identity.linkhub import (
    Linkhub,
    key_of,
    request_signature,
    sealed_field,
    stamp,
    token_signature,
)
from otpward.adapters.identity.visit import Visit
from otpward.core.errors import Invalid, Unavailable
from otpward.core.secret import Secret
from tests.adapters.conftest import Faulty

KEY = Secret(bytes(range(32)))
BODY = b'{"access_id":"","scope":["partner","401"]}'
DATE = "2026-11-23T09:00:00Z"
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def hmac_by_hand(key: bytes, text: str) -> str:
    """RFC 2104, with nothing but SHA-256."""
    block = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(octet ^ 0x36 for octet in block) + text.encode()).digest()
    return base64.b64encode(hashlib.sha256(bytes(octet ^ 0x5C for octet in block) + inner).digest()).decode()


def gcm_by_hand(key: bytes, iv: bytes, text: bytes) -> bytes:
    """NIST SP 800-38D from single blocks of AES and the multiplication of §6.3; text and tag."""

    def block(octets: bytes) -> bytes:
        return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(octets)

    def times(x: int, y: int) -> int:
        product = 0
        for place in range(127, -1, -1):
            if x >> place & 1:
                product ^= y
            y = y >> 1 ^ (0xE1 << 120 if y & 1 else 0)
        return product

    subkey = int.from_bytes(block(bytes(16)), "big")
    sealed = b"".join(
        bytes(a ^ b for a, b in zip(text[16 * n : 16 * n + 16], block(iv + (n + 2).to_bytes(4, "big")), strict=False))
        for n in range((len(text) + 15) // 16)
    )
    state = 0
    padded = sealed.ljust(-(-len(sealed) // 16) * 16, b"\0") + bytes(8) + (len(sealed) * 8).to_bytes(8, "big")
    for start in range(0, len(padded), 16):
        state = times(state ^ int.from_bytes(padded[start : start + 16], "big"), subkey)
    mask = block(iv + (1).to_bytes(4, "big"))
    return sealed + bytes(a ^ b for a, b in zip(state.to_bytes(16, "big"), mask, strict=True))


def test_a_token_is_asked_for_with_the_documented_signature() -> None:
    body_line = base64.b64encode(hashlib.sha256(BODY).digest()).decode()
    text = f"POST\n{body_line}\n{DATE}\n*\n2.0\n/BAROCERT/Token"
    assert token_signature(KEY, BODY, DATE, "*", "/BAROCERT/Token") == hmac_by_hand(KEY.reveal(), text)
    without = f"POST\n{body_line}\n{DATE}\n2.0\n/BAROCERT/Token"
    assert token_signature(KEY, BODY, DATE, "", "/BAROCERT/Token") == hmac_by_hand(KEY.reveal(), without)


def test_a_request_is_signed_with_and_without_a_body() -> None:
    path = "/KAKAO/Identity/023040000001"
    body_line = base64.b64encode(hashlib.sha256(BODY).digest()).decode()
    assert request_signature(KEY, BODY, DATE, path) == hmac_by_hand(KEY.reveal(), f"POST\n{body_line}\n{DATE}\n{path}\n")
    assert request_signature(KEY, b"", DATE, path) == hmac_by_hand(KEY.reveal(), f"POST\n{DATE}\n{path}\n")


def test_the_signatures_stay_what_they_are() -> None:
    assert token_signature(KEY, BODY, DATE, "*", "/BAROCERT/Token") == "yzqCDqu1JbaikO+ug+7hjG40tWFgVUsCROE4g9QWsvk="
    assert request_signature(KEY, BODY, DATE, "/KAKAO/Identity/023040000001") == "Yk6rmKTPvLeDkAttjUCsDjMqyYgtNcn3L0WyGCZiLAU="


@given(text=st.text(max_size=60), iv=st.binary(min_size=12, max_size=12))
def test_a_field_is_sealed_as_gcm_says(text: str, iv: bytes) -> None:
    whole = base64.b64decode(sealed_field(text, KEY, iv))
    assert (whole[:12], whole[12:]) == (iv, gcm_by_hand(KEY.reveal(), iv, text.encode()))


def test_the_second_way_is_right_by_nist_s_own_case() -> None:
    """Test case 14 of the GCM specification: key and IV of zeros, one block of zeros."""
    found = gcm_by_hand(bytes(32), bytes(12), bytes(16)).hex()
    assert found == "cea7403d4d606b6e074ec5d3baf39d18" + "d0d1c8a799996bf0265b98b5d48ab919"


@pytest.mark.parametrize("secret", [b"", b"short", b"A" * 44, base64.b64encode(bytes(31)), base64.b64encode(bytes(33))])
def test_a_secret_is_32_octets(secret: bytes) -> None:
    with pytest.raises(Invalid):
        key_of(Secret(secret))
    assert key_of(Secret(base64.b64encode(bytes(range(32))) + b"\n")) == KEY


def test_a_moment_is_written_in_utc() -> None:
    assert stamp(datetime.fromisoformat("2026-11-23T18:00:00.9+09:00")) == DATE


def account(faulty: Faulty, forwarded: str = "*") -> Linkhub:
    secret = Secret(base64.b64encode(KEY.reveal()))
    return Linkhub(
        token_url=faulty.base_url, api_url=faulty.base_url, link_id="L", secret=secret, scopes=("partner",), forwarded=forwarded
    )


def test_a_token_is_kept_until_shortly_before_its_end(faulty: Faulty, http: httpx.Client) -> None:
    faulty.body = json.dumps({"session_token": "t", "expiration": "2026-11-23T09:30:00Z"}).encode()
    there = account(faulty)
    for minutes in (0, 10, 28):
        there.look(Visit(http), "/x", now=NOW + timedelta(minutes=minutes))
    assert faulty.asked == ["/BAROCERT/Token", "/x", "/x", "/x"]
    there.look(Visit(http), "/x", now=NOW + timedelta(minutes=29, seconds=1))
    assert faulty.asked[4:] == ["/BAROCERT/Token", "/x"]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, b"{}"),
        (400, b"{}"),
        (200, b"{}"),
        (200, b'{"session_token":"t","expiration":"2026-11-23T09:30:00"}'),
        (200, b'{"session_token":"t","expiration":"soon"}'),
        (503, b""),
    ],
)
def test_without_a_token_nothing_is_asked(faulty: Faulty, http: httpx.Client, status: int, body: bytes) -> None:
    faulty.status, faulty.body = status, body
    with pytest.raises(Unavailable):
        account(faulty).post(Visit(http), "/x", {}, now=NOW)
    assert faulty.asked == ["/BAROCERT/Token"]


def test_a_token_that_is_not_taken_is_thrown_away(faulty: Faulty, http: httpx.Client) -> None:
    faulty.body = json.dumps({"session_token": "t", "expiration": "2026-11-23T09:30:00Z"}).encode()
    there = account(faulty)
    there.look(Visit(http), "/x", now=NOW)
    faulty.status = 401
    with pytest.raises(Unavailable):
        there.look(Visit(http), "/x", now=NOW)
    faulty.status = 200
    there.look(Visit(http), "/x", now=NOW)
    assert faulty.asked.count("/BAROCERT/Token") == 2
