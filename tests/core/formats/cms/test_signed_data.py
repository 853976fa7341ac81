"""CMS in both directions: what OpenSSL and the library sign is read here, and what we sign for tests OpenSSL verifies."""

import subprocess
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha1, sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs7
from hypothesis import given
from hypothesis import strategies as st

from otpward.core.errors import Invalid
from otpward.core.formats.cms.signed_data import read_signed_data
from otpward.core.formats.cms.verify import check_signed
from otpward.core.formats.der import NotDer, encode_der
from otpward.core.formats.x509.flaws import Flaw, Flawed
from tests.fakes import authority
from tests.fakes.authority import Holder, certify, named, person, person_extensions, person_of_curve, rsa_key
from tests.fakes.signed import attribute, moment, oid, sequence, set_of, signed_data, signer_info, usual_attributes
from tests.fakes.surroundings import NOON

TEXT = "otpward proof of identity\n기관: 시험 은행\nnonce: 00ff\n".encode()
HOLDERS = {"rsa": person, "p-256": person_of_curve}


def check(octets: bytes, text: bytes = TEXT) -> bytes:
    signer, _ = check_signed(read_signed_data(octets), text=text, now=NOON)
    return signer.der


def flaw_of(octets: bytes, text: bytes = TEXT) -> Flaw | str:
    with pytest.raises(Invalid) as caught:
        check(octets, text)
    assert isinstance(caught.value, Flawed | NotDer)
    return caught.value.flaw if isinstance(caught.value, Flawed) else caught.value.code


def files(folder: Path, holder: Holder) -> tuple[str, str]:
    certificate, key = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(holder.pem)
    plain = serialization.NoEncryption()
    key.write_bytes(holder.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return str(certificate), str(key)


def openssl(*arguments: str, given: bytes = b"") -> bytes:
    done = subprocess.run(["openssl", *arguments], input=given, capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.parametrize("holder", HOLDERS.values(), ids=HOLDERS)
def test_what_openssl_signs_is_believed(holder: Callable[[], Holder], tmp_path: Path) -> None:
    certificate, key = files(tmp_path, holder())
    options = ["-sign", "-nodetach", "-binary", "-md", "sha256", "-signer", certificate, "-inkey", key, "-outform", "DER"]
    # OpenSSL writes the machine's own time, so the check is made at that time.
    signed = read_signed_data(openssl("cms", *options, given=TEXT))
    signer, others = check_signed(signed, text=TEXT, now=signed.signing_time)
    assert (signer.der, others) == (holder().der, ())


@pytest.mark.parametrize("holder", HOLDERS.values(), ids=HOLDERS)
def test_what_is_signed_here_openssl_believes(holder: Callable[[], Holder], tmp_path: Path) -> None:
    octets = signed_data(TEXT, signer=holder(), certificates=[holder().der, authority.authority().der])
    assert check(octets) == holder().der
    roots = tmp_path / "roots.pem"
    roots.write_bytes(authority.root().pem)
    options = ["-inform", "DER", "-binary", "-purpose", "any", "-attime", str(int(NOON.timestamp()))]
    assert openssl("cms", "-verify", *options, "-CAfile", str(roots), given=octets) == TEXT


def test_what_the_library_signs_is_believed() -> None:
    builder = pkcs7.PKCS7SignatureBuilder().set_data(TEXT)
    key = person().key
    builder = builder.add_signer(person().certificate, key, hashes.SHA256())
    signed = read_signed_data(builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary]))
    assert check_signed(signed, text=TEXT, now=signed.signing_time)[0].der == person().der


def test_a_pkcs7_that_openssl_writes_in_pieces_is_refused(tmp_path: Path) -> None:
    certificate, key = files(tmp_path, person())
    options = ["-nodetach", "-binary", "-stream", "-signer", certificate, "-inkey", key, "-outform", "DER"]
    assert flaw_of(openssl("cms", "-sign", *options, given=TEXT)) == NotDer.code


def test_detached_content_is_refused() -> None:
    assert flaw_of(signed_data(TEXT, attached=False)) is Flaw.DETACHED


@pytest.mark.parametrize("text", [TEXT[:-1], TEXT + b"\n", TEXT.replace(b"\n", b"\r\n"), b""])
def test_a_signature_over_another_text_is_refused(text: bytes) -> None:
    assert flaw_of(signed_data(text)) is Flaw.OTHER_TEXT


def test_our_text_under_another_text_s_signature_is_refused() -> None:
    assert flaw_of(signed_data(TEXT, signer_info(b"pay 1,000,000", person()))) is Flaw.DIGEST


def test_a_signature_of_somebody_else_is_refused() -> None:
    other = Holder(person().certificate, rsa_key("other"))
    assert flaw_of(signed_data(TEXT, signer=other)) is Flaw.SIGNATURE


def test_attributes_that_were_changed_are_refused() -> None:
    octets = signed_data(TEXT)
    assert flaw_of(octets.replace(b"261123030000Z", b"261123030001Z")) is Flaw.SIGNATURE


def test_a_content_signed_without_attributes_is_refused() -> None:
    attributes = set_of(*usual_attributes(TEXT), tag=0xA0)
    info = signer_info(TEXT, person())
    assert attributes in info
    body = info[4:].replace(attributes, b"")
    assert flaw_of(signed_data(TEXT, encode_der(0x30, body))) is Flaw.STRUCTURE


@pytest.mark.parametrize("count", [0, 2, 3])
def test_other_than_one_signer_is_refused(count: int) -> None:
    infos = [signer_info(TEXT, person()), signer_info(TEXT, person_of_curve()), signer_info(TEXT, authority.authority())]
    octets = signed_data(TEXT, *infos[:count])
    if count == 0:
        full, empty = set_of(infos[0]), set_of()
        octets = rewrapped(signed_data(TEXT), full, empty)
    assert flaw_of(octets) is Flaw.SIGNERS


def rewrapped(octets: bytes, old: bytes, new: bytes) -> bytes:
    """The same with a piece of SignedData's own level exchanged, and the lengths around it put right."""
    assert old in octets
    inside = octets[octets.index(oid("signed")) + len(oid("signed")) :]
    body = inside[8:]
    return sequence(oid("signed"), encode_der(0xA0, encode_der(0x30, body.replace(old, new))))


def test_what_follows_is_refused() -> None:
    assert flaw_of(signed_data(TEXT) + b"\0") == NotDer.code


def test_an_indefinite_length_is_refused() -> None:
    octets = signed_data(TEXT)
    assert flaw_of(b"\x30\x80" + octets[4:] + b"\0\0") == NotDer.code


def test_sha1_is_refused() -> None:
    held = usual_attributes(TEXT, hashed=sha1)
    assert flaw_of(signed_data(TEXT, digest="sha1", attributes=held)) is Flaw.ALGORITHM
    info = signer_info(TEXT, person(), digest="sha1", attributes=held)
    assert flaw_of(signed_data(TEXT, info)) is Flaw.ALGORITHM


def test_a_short_key_is_refused() -> None:
    short = certify(named("short"), rsa_key("short", 1024), authority.authority(), *person_extensions())
    assert flaw_of(signed_data(TEXT, signer=short)) is Flaw.WEAK_KEY


def test_an_algorithm_of_another_kind_of_key_is_refused() -> None:
    assert flaw_of(signed_data(TEXT, algorithm="ecdsa")) is Flaw.ALGORITHM
    assert flaw_of(signed_data(TEXT, signer=person_of_curve(), algorithm="rsa")) in (Flaw.ALGORITHM, Flaw.SIGNATURE)


def test_without_its_certificate_nobody_signed() -> None:
    assert flaw_of(signed_data(TEXT, certificates=())) is Flaw.NO_CERTIFICATE
    assert flaw_of(signed_data(TEXT, certificates=[authority.authority().der])) is Flaw.NO_CERTIFICATE


def test_a_certificate_that_cannot_be_read_is_refused() -> None:
    assert flaw_of(signed_data(TEXT, certificates=[sequence(b"\x05\x00")])) is Flaw.STRUCTURE
    assert flaw_of(signed_data(TEXT, certificates=[person().der] * 7)) is Flaw.STRUCTURE


@pytest.mark.parametrize("days", [-2, 2])
def test_a_signature_of_another_day_is_refused(days: int) -> None:
    assert flaw_of(signed_data(TEXT, at=NOON + timedelta(days=days))) is Flaw.SIGNING_TIME


def test_a_clock_in_another_time_zone_does_no_harm() -> None:
    check(signed_data(TEXT, at=NOON + timedelta(hours=9)))


DIGEST = attribute("digest", encode_der(0x04, sha256(TEXT).digest()))
KIND = attribute("type", oid("data"))
TIME = attribute("time", moment(NOON))


@pytest.mark.parametrize(
    "attributes",
    [
        [DIGEST, KIND],
        [DIGEST, TIME],
        [KIND, TIME],
        [DIGEST, KIND, TIME, attribute("time", moment(NOON + timedelta(1)))],
        [DIGEST, KIND, attribute("time", moment(NOON), moment(NOON + timedelta(1)))],
        [DIGEST, attribute("type", oid("signed")), TIME],
        [DIGEST, KIND, TIME, attribute("rsa")],
    ],
    ids=["no time", "no type", "no digest", "a time twice", "two times in one", "another type", "an attribute of nothing"],
)
def test_attributes_are_there_once(attributes: list[bytes]) -> None:
    assert flaw_of(signed_data(TEXT, attributes=attributes)) is Flaw.STRUCTURE


def test_another_attribute_beside_does_no_harm() -> None:
    check(signed_data(TEXT, attributes=[DIGEST, KIND, TIME, attribute("rsa", b"\x05\x00")]))


def test_unsigned_attributes_are_refused() -> None:
    more = encode_der(0xA1, attribute("time", moment(NOON)))
    assert flaw_of(signed_data(TEXT, more=more)) == NotDer.code


def test_another_kind_of_cms_is_refused() -> None:
    assert flaw_of(sequence(oid("data"), encode_der(0xA0, encode_der(0x04, TEXT)))) is Flaw.STRUCTURE
    assert flaw_of(person().der) == NotDer.code


def test_a_large_or_deep_one_costs_nothing() -> None:
    assert flaw_of(signed_data(bytes(1024 * 1024))) == NotDer.code
    deep = b""
    for _ in range(8000):
        deep = encode_der(0xA0, deep)
    assert flaw_of(sequence(oid("signed"), deep[:30000])) == NotDer.code
    assert flaw_of(sequence(oid("signed"), encode_der(0xA0, sequence(*[b"\x05\x00"] * 10000)))) == NotDer.code


@given(st.integers(0, 10**9), st.binary(max_size=3), st.integers(0, 3))
def test_a_changed_one_is_never_believed_and_never_a_fault(place: int, put: bytes, cut: int) -> None:
    octets = signed_data(TEXT)
    at = place % len(octets)
    changed = octets[:at] + put + octets[at + cut :]
    if changed != octets:
        try:
            signer = check(changed)
        except (Flawed, NotDer):
            return
        # Only what is under no signature can have changed: the certificate's own, which its issuer answers for.
        assert signer != person().der or unsigned_part(octets, at)


def unsigned_part(octets: bytes, at: int) -> bool:
    """Versions, and the choice between two names of the same algorithm."""
    return at < octets.index(TEXT) or at > octets.index(person().der) + len(person().der)
