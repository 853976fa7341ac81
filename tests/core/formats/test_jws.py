"""Signed tokens: the RFC's own examples open, and whatever is bent about them does not."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from otpward.core.formats.jws import Algorithm, Flaw, Key, Opened, open_token, pack, read_keys, unpack

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
KEYS = (
    Key(kid="r", algorithm=Algorithm.RS256, public=RSA_KEY.public_key()),
    Key(kid="o", algorithm=Algorithm.RS256, public=OTHER_RSA.public_key()),
    Key(kid="e", algorithm=Algorithm.ES256, public=EC_KEY.public_key()),
)

# RFC 7515 A.2 and A.3.
CLAIMS = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
A2_KEY = {
    "kty": "RSA",
    "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs"
    "D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxv"
    "b3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
    "e": "AQAB",
}
A2 = (
    f"eyJhbGciOiJSUzI1NiJ9.{CLAIMS}."
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKB"
    "YNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6Bf"
    "I7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
)
A3_KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
A3 = f"eyJhbGciOiJFUzI1NiJ9.{CLAIMS}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"


def part(members: object) -> str:
    return pack(json.dumps(members).encode())


def signed(header: dict[str, Any], claims: object = None, *, key: Any = RSA_KEY) -> str:
    text = f"{part(header)}.{part({'sub': 'x'} if claims is None else claims)}"
    if isinstance(key, bytes):
        return f"{text}.{pack(hmac.digest(key, text.encode(), 'sha256'))}"
    if isinstance(key, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(key.sign(text.encode(), ec.ECDSA(SHA256())))
        return f"{text}.{pack(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
    return f"{text}.{pack(key.sign(text.encode(), padding.PKCS1v15(), SHA256()))}"


def keys_of(*jwks: dict[str, Any]) -> tuple[Key, ...]:
    found = read_keys(json.dumps({"keys": jwks}).encode())
    assert found is not None
    return found


@pytest.mark.parametrize(("jwk", "token"), [(A2_KEY, A2), (A3_KEY, A3)], ids=["A.2 RS256", "A.3 ES256"])
def test_the_examples_of_rfc_7515_open(jwk: dict[str, str], token: str) -> None:
    opened = open_token(token, keys_of(jwk))
    assert isinstance(opened, Opened)
    assert opened.claims == {"iss": "joe", "exp": 1300819380, "http://example.com/is_root": True}


@pytest.mark.parametrize(("kid", "alg", "key"), [("r", "RS256", RSA_KEY), ("o", "RS256", OTHER_RSA), ("e", "ES256", EC_KEY)])
def test_a_token_opens_with_the_key_it_names(kid: str, alg: str, key: Any) -> None:
    assert isinstance(open_token(signed({"alg": alg, "kid": kid, "typ": "JWT"}, key=key), KEYS), Opened)


PUBLIC = [
    RSA_KEY.public_key().public_bytes(encoding, form)
    for encoding, form in (
        (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        (Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        (Encoding.PEM, PublicFormat.PKCS1),
    )
]
GOOD = signed({"alg": "RS256", "kid": "r"})


@pytest.mark.parametrize(
    ("token", "flaw"),
    [
        (f"{part({'alg': 'none', 'kid': 'r'})}.{part({'sub': 'x'})}.", Flaw.ALGORITHM),
        (f"{part({'alg': 'None'})}.{part({'sub': 'x'})}.", Flaw.ALGORITHM),
        (f"{part({'kid': 'r'})}.{part({'sub': 'x'})}.", Flaw.ALGORITHM),
        (signed({"alg": ["RS256"], "kid": "r"}), Flaw.ALGORITHM),
        *((signed({"alg": "HS256", "kid": "r"}, key=public), Flaw.ALGORITHM) for public in PUBLIC),
        (signed({"alg": "PS256", "kid": "r"}), Flaw.ALGORITHM),
        (signed({"alg": "RS512", "kid": "r"}), Flaw.ALGORITHM),
        (signed({"alg": "ES256", "kid": "r"}), Flaw.UNKNOWN_KEY),
        (signed({"alg": "RS256", "kid": "e"}), Flaw.UNKNOWN_KEY),
        (signed({"alg": "RS256", "kid": "gone"}), Flaw.UNKNOWN_KEY),
        (signed({"alg": "RS256", "kid": 7}), Flaw.UNKNOWN_KEY),
        (signed({"alg": "RS256"}), Flaw.UNKNOWN_KEY),
        (signed({"alg": "RS256", "kid": "o"}), Flaw.SIGNATURE),
        (signed({"alg": "RS256", "kid": "r", "jwk": {"kty": "RSA"}}, key=OTHER_RSA), Flaw.SIGNATURE),
        (signed({"alg": "RS256", "kid": "r", "crit": ["b64"], "b64": False}), Flaw.MALFORMED),
        (signed({"alg": "RS256", "kid": "r", "typ": "at+jwt"}), Flaw.MALFORMED),
        (signed({"alg": "RS256", "kid": "r", "typ": "logout+jwt"}), Flaw.MALFORMED),
        (signed({"alg": "RS256", "kid": "r"}, ["sub"]), Flaw.MALFORMED),
        (GOOD + ".", Flaw.MALFORMED),
        (GOOD + "=", Flaw.MALFORMED),
        (GOOD.replace(".", ". ", 1), Flaw.MALFORMED),
        (GOOD.rpartition(".")[0] + ".", Flaw.SIGNATURE),
        (GOOD.rpartition(".")[0], Flaw.MALFORMED),
        (f"{part({'alg': 'RS256', 'kid': 'r'})}.{part({'sub': 'y'})}.{GOOD.rpartition('.')[2]}", Flaw.SIGNATURE),
        (signed({"alg": "ES256", "kid": "e"}, key=EC_KEY)[:-2], Flaw.SIGNATURE),
        (f"{signed({'alg': 'ES256', 'kid': 'e'}, key=EC_KEY).rpartition('.')[0]}.{pack(bytes(64))}", Flaw.SIGNATURE),
        ("a" * 20_000, Flaw.MALFORMED),
        ("", Flaw.MALFORMED),
        ("..", Flaw.MALFORMED),
    ],
    ids=lambda value: value if isinstance(value, Flaw) else "",
)
def test_a_bent_token_does_not_open(token: str, flaw: Flaw) -> None:
    assert open_token(token, KEYS) is flaw


def test_the_signature_of_ecdsa_is_not_taken_in_der() -> None:
    text = f"{part({'alg': 'ES256', 'kid': 'e'})}.{part({'sub': 'x'})}"
    der = EC_KEY.sign(text.encode(), ec.ECDSA(SHA256()))
    assert open_token(f"{text}.{pack(der)}", KEYS) is Flaw.SIGNATURE


def weak(bits: int) -> dict[str, str]:
    modulus = int.from_bytes(b"\xff" * (bits // 8), "big")
    return {"kty": "RSA", "n": pack(modulus.to_bytes(bits // 8, "big")), "e": "AQAB"}


@pytest.mark.parametrize(
    "jwk",
    [
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
        A2_KEY | {"use": "enc"},
        A2_KEY | {"alg": "PS256"},
        A2_KEY | {"alg": "HS256"},
        A2_KEY | {"key_ops": ["encrypt"]},
        A2_KEY | {"n": "!"},
        A2_KEY | {"n": ""},
        A2_KEY | {"e": "Ag"},
        A2_KEY | {"kid": 7},
        weak(1024),
        weak(16384),
        A3_KEY | {"crv": "P-384"},
        A3_KEY | {"alg": "RS256"},
        A3_KEY | {"y": A3_KEY["x"]},
        {},
    ],
    ids=str,
)
def test_a_key_that_cannot_be_for_us_is_left_out(jwk: dict[str, Any]) -> None:
    assert keys_of(jwk, A3_KEY | {"kid": "good"}) == keys_of(A3_KEY | {"kid": "good"})


@pytest.mark.parametrize("document", [b"", b"[]", b'{"keys":{}}', b'{"keys":[1', b"\xff", b"[" * 100_000])
def test_what_is_no_key_set_is_none(document: bytes) -> None:
    assert read_keys(document) is None


def test_a_key_set_is_read_to_a_limit() -> None:
    assert len(keys_of(*[A3_KEY | {"kid": str(number)} for number in range(100)])) == 32


@given(octets=st.binary(max_size=80))
def test_base64url_is_written_in_one_way(octets: bytes) -> None:
    written = base64.urlsafe_b64encode(octets).decode().rstrip("=")
    assert (pack(octets), unpack(written)) == (written, octets)


@pytest.mark.parametrize("text", ["A", "AB", "AA==", "A+/A", "한글", "AAA\n", "AAB"])
def test_base64url_written_otherwise_is_refused(text: str) -> None:
    assert unpack(text) is None


@given(text=st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    assert isinstance(open_token(text, KEYS), Flaw)


@given(place=st.integers(min_value=0, max_value=len(GOOD) - 1), sign=st.sampled_from("AQgw5_-."))
def test_a_token_with_one_sign_changed_is_not_the_same(place: int, sign: str) -> None:
    changed = GOOD[:place] + sign + GOOD[place + 1 :]
    assert isinstance(open_token(changed, KEYS), Opened) == (changed == GOOD)


def test_rs256_is_what_it_is_by_other_means() -> None:
    """The arithmetic of PKCS #1 v1.5 by hand (RFC 8017 §8.2.2), over the RFC's example."""
    text, _, signature = A2.rpartition(".")
    n, e = (int.from_bytes(unpack(A2_KEY[name]) or b"", "big") for name in ("n", "e"))
    found = pow(int.from_bytes(unpack(signature) or b"", "big"), e, n).to_bytes(256, "big")
    prefix = bytes.fromhex("3031300d060960864801650304020105000420")
    digest = hashlib.sha256(text.encode()).digest()
    assert found == b"\x00\x01" + b"\xff" * (256 - 3 - len(prefix) - 32) + b"\x00" + prefix + digest
