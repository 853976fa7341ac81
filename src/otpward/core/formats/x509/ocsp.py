"""Asking whether a certificate still holds (RFC 6960): the question's octets, and what an answer is worth."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha1
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, SignatureAlgorithmOID

from otpward.core.formats.x509.certificate import SIGNATURES, UNREADABLE, Card, read_certificate
from otpward.core.formats.x509.flaws import Flaw, Flawed
from otpward.core.formats.x509.path import issued_by

SKEW: Final = timedelta(minutes=5)
"""How far an authority's clock may be ahead of ours."""

FRESH: Final = timedelta(minutes=10)
"""How old an answer may be that does not say how long it holds."""

DELEGATES_MAX: Final = 4
_RSA: Final = frozenset(
    {SignatureAlgorithmOID.RSA_WITH_SHA256, SignatureAlgorithmOID.RSA_WITH_SHA384, SignatureAlgorithmOID.RSA_WITH_SHA512}
)
_TOLD_NOTHING: Final = frozenset(set(ocsp.OCSPResponseStatus) - {ocsp.OCSPResponseStatus.SUCCESSFUL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds:
    """The certificate holds, as of an answer that may be kept until `until`.

    `delegate` signed for the issuer and its own state must be asked for; None where the issuer signed itself, or has said that
    its delegate need not be checked (RFC 6960 §4.2.2.2.1).
    """

    until: datetime
    delegate: Card | None = None


def make_question(card: Card, issuer: Card, nonce: bytes) -> bytes:
    """The request for one certificate. SHA-1 only names the certificate here; many responders know no other."""
    builder = ocsp.OCSPRequestBuilder().add_certificate(card.certificate, issuer.certificate, hashes.SHA1())  # noqa: S303
    return builder.add_extension(x509.OCSPNonce(nonce), critical=False).build().public_bytes(Encoding.DER)


def read_answer(body: bytes, *, card: Card, issuer: Card, nonce: bytes, now: datetime) -> Holds | None:
    """What the responder says; None if it says that it cannot tell at present, which anybody might have written.

    Raises:
        Flawed: revoked; or an answer that is not to be believed.
    """
    try:
        response = ocsp.load_der_ocsp_response(body)
        if response.response_status in _TOLD_NOTHING:
            return None
        return _judge(response, card, issuer, nonce, now)
    except UNREADABLE:
        raise Flawed(Flaw.OCSP_UNREADABLE) from None


def _judge(response: ocsp.OCSPResponse, card: Card, issuer: Card, nonce: bytes, now: datetime) -> Holds:
    signer = _signer(response, issuer, now)
    if any(one.critical and not isinstance(one.value, x509.OCSPNonce) for one in response.extensions):
        raise Flawed(Flaw.OCSP_UNREADABLE)
    if [one.value.nonce for one in response.extensions if isinstance(one.value, x509.OCSPNonce)] != [nonce]:
        raise Flawed(Flaw.OCSP_NONCE)
    single = _about(response, card, issuer)
    until = single.next_update_utc or single.this_update_utc + FRESH
    if single.this_update_utc > now + SKEW or until <= now:
        raise Flawed(Flaw.OCSP_OLD)
    match single.certificate_status:
        case ocsp.OCSPCertStatus.GOOD:
            delegate = None if signer is issuer or signer.ocsp_no_check else signer
            return Holds(until=until, delegate=delegate)
        case ocsp.OCSPCertStatus.REVOKED:
            raise Flawed(Flaw.REVOKED)
        case _:
            raise Flawed(Flaw.OCSP_OTHER)


def _about(response: ocsp.OCSPResponse, card: Card, issuer: Card) -> ocsp.OCSPSingleResponse:
    """The one statement about this very certificate."""
    name_hash = sha1(issuer.subject, usedforsecurity=False).digest()
    key_hash = _key_hash(issuer)
    for single in response.responses:
        if (
            isinstance(single.hash_algorithm, hashes.SHA1)
            and single.issuer_name_hash == name_hash
            and single.issuer_key_hash == key_hash
            and single.serial_number == card.serial
        ):
            return single
    raise Flawed(Flaw.OCSP_OTHER)


def _signer(response: ocsp.OCSPResponse, issuer: Card, now: datetime) -> Card:
    """Whoever signed the answer and may: the issuer, or a delegate of the issuer (RFC 6960 §4.2.2.2)."""
    if response.signature_algorithm_oid not in SIGNATURES:
        raise Flawed(Flaw.OCSP_SIGNER)
    for candidate in _candidates(response, issuer, now):
        named = response.responder_key_hash == _key_hash(candidate) or response.responder_name == candidate.certificate.subject
        if named and _fits(response, candidate):
            return candidate
    raise Flawed(Flaw.OCSP_SIGNER)


def _candidates(response: ocsp.OCSPResponse, issuer: Card, now: datetime) -> Iterator[Card]:
    yield issuer
    for one in response.certificates[:DELEGATES_MAX]:
        delegate = read_certificate(one.public_bytes(Encoding.DER))
        may_sign = delegate.usage is None or delegate.usage.digital_signature
        if not may_sign or ExtendedKeyUsageOID.OCSP_SIGNING not in (delegate.uses or ()) or delegate.strange:
            continue
        if delegate.not_before <= now <= delegate.not_after and issued_by(delegate, issuer):
            delegate.check_key()
            yield delegate


def _fits(response: ocsp.OCSPResponse, signer: Card) -> bool:
    key = signer.certificate.public_key()
    hashed = response.signature_hash_algorithm
    is_rsa = response.signature_algorithm_oid in _RSA
    try:
        match key:
            case rsa.RSAPublicKey() if is_rsa and hashed is not None:
                key.verify(response.signature, response.tbs_response_bytes, PKCS1v15(), hashed)
            case ec.EllipticCurvePublicKey() if not is_rsa and hashed is not None:
                key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(hashed))
            case _:
                return False
    except InvalidSignature:
        return False
    return True


def _key_hash(card: Card) -> bytes:
    return x509.SubjectKeyIdentifier.from_public_key(card.certificate.public_key()).digest
