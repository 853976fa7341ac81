"""The two ceremonies, asked by an authenticator that is honest, and by one that is bent in each way the rules name."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otpward.core.formats.webauthn.ceremony import (
    ANSWER_LONGEST,
    Answer,
    Flaw,
    Made,
    Site,
    Used,
    check_made,
    check_used,
    read_answer,
)
from tests.fakes.authenticator import ORIGIN, SITE_ID, Authenticator, b64, cbor

SITE = Site(id=SITE_ID, origin=ORIGIN)
CHALLENGE = bytes(range(56))
KINDS = pytest.mark.parametrize("kind", ["ES256", "EdDSA", "RS256"])
BENT = [
    pytest.param({"origin": "https://otp.example.evil"}, Flaw.OTHER_ORIGIN, id="a page of another site"),
    pytest.param({"origin": "http://otp.example"}, Flaw.OTHER_ORIGIN, id="not over https"),
    pytest.param({"site_id": "evil.example"}, Flaw.OTHER_SITE, id="a passkey of another site"),
    pytest.param({"verified": False}, Flaw.NOT_VERIFIED, id="nobody was asked for finger or PIN"),
    pytest.param({"present": False}, Flaw.NOT_PRESENT, id="nobody was there"),
    pytest.param({"cross_origin": True}, Flaw.FRAMED, id="in a frame of another site"),
    pytest.param({"backed_up": True}, Flaw.MALFORMED, id="backed up though it cannot be"),
]


def read(text: str) -> Answer:
    answer = read_answer(text)
    assert answer is not None
    return answer


def made_by(key: Authenticator) -> Made:
    made = check_made(read(key.make(CHALLENGE)), CHALLENGE, SITE)
    assert isinstance(made, Made)
    return made


@KINDS
def test_what_was_made_here_can_be_used_here(kind: str) -> None:
    key = Authenticator(kind)
    made = made_by(key)
    used = check_used(read(key.use(CHALLENGE)), CHALLENGE, SITE, made.public_key)
    assert (made.sign_count, used) == (1, Used(sign_count=2, eligible=False, backed_up=False))


@pytest.mark.parametrize(("bend", "flaw"), BENT)
def test_a_bent_answer_makes_no_passkey(bend: dict[str, Any], flaw: Flaw) -> None:
    assert check_made(read(replace(Authenticator(), **bend).make(CHALLENGE)), CHALLENGE, SITE) is flaw


@pytest.mark.parametrize(("bend", "flaw"), BENT)
def test_a_bent_answer_opens_nothing(bend: dict[str, Any], flaw: Flaw) -> None:
    key = Authenticator(**bend)
    honest = Authenticator()
    honest.key = key.key
    assert check_used(read(key.use(CHALLENGE)), CHALLENGE, SITE, made_by(honest).public_key) is flaw


def test_an_answer_fits_its_own_challenge_and_its_own_ceremony() -> None:
    key = Authenticator()
    public = made_by(key).public_key
    assert check_used(read(key.use(CHALLENGE)), bytes(56), SITE, public) is Flaw.OTHER_CHALLENGE
    assert check_made(read(key.make(CHALLENGE)), bytes(56), SITE) is Flaw.OTHER_CHALLENGE
    crossed = json.loads(key.use(CHALLENGE))
    crossed["response"]["clientDataJSON"] = json.loads(key.make(CHALLENGE))["response"]["clientDataJSON"]
    assert check_used(read(json.dumps(crossed)), CHALLENGE, SITE, public) is Flaw.OTHER_CEREMONY
    assert check_made(read(key.use(CHALLENGE)), CHALLENGE, SITE) is Flaw.OTHER_CEREMONY


@KINDS
def test_the_signature_is_over_just_this_by_just_this_key(kind: str) -> None:
    key, other = Authenticator(kind), Authenticator(kind)
    public = made_by(key).public_key
    assert check_used(read(other.use(CHALLENGE)), CHALLENGE, SITE, public) is Flaw.SIGNATURE
    answer = read(key.use(CHALLENGE))
    later = bytearray(answer.authenticator_data)
    later[36] ^= 1
    assert check_used(replace(answer, authenticator_data=bytes(later)), CHALLENGE, SITE, public) is Flaw.SIGNATURE
    assert check_used(replace(answer, signature=b""), CHALLENGE, SITE, public) is Flaw.SIGNATURE


BAD_KEYS = {
    "algorithm none": {1: 2, 3: 0, -1: 1, -2: bytes(32), -3: bytes(32)},
    "HMAC": {1: 4, 3: 5, -1: bytes(32)},
    "a point off the curve": {1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)},
    "an RSA key of 1024 bits": {1: 3, 3: -257, -1: b"\xff" * 128, -2: b"\x01\x00\x01"},
    "an RSA key of 16384 bits": {1: 3, 3: -257, -1: b"\xff" * 2048, -2: b"\x01\x00\x01"},
    "ES256 over another curve": {1: 2, 3: -7, -1: 2, -2: bytes(48), -3: bytes(48)},
    "an EC key that says RS256": {1: 2, 3: -257, -1: 1, -2: bytes(32), -3: bytes(32)},
    "a short Edwards key": {1: 1, 3: -8, -1: 6, -2: bytes(31)},
    "nothing": {},
}


@pytest.mark.parametrize("cose", BAD_KEYS.values(), ids=BAD_KEYS)
def test_a_key_that_is_none_of_ours_is_not_kept(cose: dict[int, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Authenticator, "cose", property(lambda _self: cose))
    assert check_made(read(Authenticator().make(CHALLENGE)), CHALLENGE, SITE) is Flaw.ALGORITHM


@pytest.mark.parametrize("length", [0, 1024])
def test_a_credential_id_has_up_to_1023_octets(length: int) -> None:
    assert read_answer(Authenticator(credential_id=b"x" * length).make(CHALLENGE)) is None


def test_the_attested_credential_is_the_one_that_is_named() -> None:
    key = Authenticator()
    sent = json.loads(key.make(CHALLENGE))
    sent["id"] = b64(b"another")
    assert check_made(read(json.dumps(sent)), CHALLENGE, SITE) is Flaw.MALFORMED


NO_ANSWERS = {
    "nothing": "",
    "not an object": "[]",
    "no response": '{"id":"eA","type":"public-key"}',
    "not base64url": Authenticator().use(CHALLENGE).replace('"signature": "', '"signature": "=='),
    "client data that is no JSON": Authenticator().use(CHALLENGE, clientDataJSON=b64(b"{")),
    "numbers for text": Authenticator().use(CHALLENGE, signature=1),
    "another type": Authenticator().use(CHALLENGE).replace("public-key", "password"),
    "far too long": " " * (ANSWER_LONGEST + 1),
}


@pytest.mark.parametrize("text", NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_what_is_no_answer_is_not_read(text: str) -> None:
    assert read_answer(text) is None


def test_an_attestation_is_cbor_without_anything_behind_it() -> None:
    key = Authenticator()
    whole = cbor({"fmt": "none", "attStmt": {}, "authData": key._data(attested=True)})
    for octets in (whole + b"\x00", whole[:-1], b"\xbf\xff", b"\x9f", cbor({"authData": "text"}), b""):
        answer = read(key.make(CHALLENGE, attestationObject=b64(octets)))
        assert check_made(answer, CHALLENGE, SITE) is Flaw.MALFORMED


@given(st.binary(max_size=300), st.integers(0, 200), st.integers(0, 255))
def test_whatever_the_octets_are_the_answer_is_a_word(noise: bytes, at: int, octet: int) -> None:
    key = Authenticator()
    sent = json.loads(key.make(CHALLENGE))
    assert isinstance(check_made(read(key.make(CHALLENGE, attestationObject=b64(noise))), CHALLENGE, SITE), Flaw)
    whole = bytearray(read(json.dumps(sent)).made)
    whole[at % len(whole)] = octet
    assert isinstance(check_made(read(key.make(CHALLENGE, attestationObject=b64(bytes(whole)))), CHALLENGE, SITE), Flaw | Made)
    used = read(key.use(CHALLENGE, authenticatorData=b64(noise)))
    assert isinstance(check_used(used, CHALLENGE, SITE, cbor(key.cose)), Flaw)
