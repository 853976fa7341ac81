"""One signature over our own text (RFC 5652 §5.4, §5.6)."""

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from otpward.core.formats.cms.signed_data import ECDSA_WITH_SHA256, SignedData
from otpward.core.formats.x509.certificate import RSA_MAX, RSA_MIN, Card, read_certificate
from otpward.core.formats.x509.flaws import Flaw, Flawed

CLOCK_OFF: Final = timedelta(days=1)
"""How far a member's clock may be from ours. The nonce is what makes a signature new; a wrong time zone shall pass."""


def check_signed(signed: SignedData, *, text: bytes, now: datetime) -> tuple[Card, tuple[Card, ...]]:
    """The signer's certificate, which signed exactly this text, and the others that came along. Nothing is said of whose it is.

    Raises:
        Flawed: another text, another digest, a signature that does not fit, an algorithm or key too weak.
    """
    if not hmac.compare_digest(signed.content, text):
        raise Flawed(Flaw.OTHER_TEXT)
    if not hmac.compare_digest(signed.message_digest, sha256(signed.content).digest()):
        raise Flawed(Flaw.DIGEST)
    if abs(signed.signing_time - now) > CLOCK_OFF:
        raise Flawed(Flaw.SIGNING_TIME)
    cards = tuple(read_certificate(one) for one in signed.certificates)
    signer = _signer(signed, cards)
    signer.check_key()
    _check_signature(signed, signer)
    return signer, tuple(card for card in cards if card is not signer)


def _signer(signed: SignedData, cards: Sequence[Card]) -> Card:
    for card in cards:
        if card.serial == signed.serial and card.issuer == signed.issuer:
            return card
    raise Flawed(Flaw.NO_CERTIFICATE)


def _check_signature(signed: SignedData, signer: Card) -> None:
    key = signer.certificate.public_key()
    try:
        match key:
            case rsa.RSAPublicKey() if signed.algorithm != ECDSA_WITH_SHA256 and RSA_MIN <= key.key_size <= RSA_MAX:
                key.verify(signed.signature, signed.attributes, PKCS1v15(), SHA256())
            case ec.EllipticCurvePublicKey(curve=ec.SECP256R1()) if signed.algorithm == ECDSA_WITH_SHA256:
                key.verify(signed.signature, signed.attributes, ec.ECDSA(SHA256()))
            case _:
                raise Flawed(Flaw.ALGORITHM)
    except InvalidSignature:
        raise Flawed(Flaw.SIGNATURE) from None
