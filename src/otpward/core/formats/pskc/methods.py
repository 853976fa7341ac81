"""Ways to encrypt one value (RFC 6030 §6, XML Encryption). A new method is a new entry in a table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha1
from hmac import compare_digest
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.decrepit.ciphers.algorithms import Camellia, TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_unwrap_with_padding

from otpward.core.formats.pskc.key_wrap import unwrap

XENC_URI: Final = "http://www.w3.org/2001/04/xmlenc#"
XENC11_URI: Final = "http://www.w3.org/2009/xmlenc11#"
MORE_URI: Final = "http://www.w3.org/2001/04/xmldsig-more#"
GCM_NONCE_OCTETS: Final = 12
GCM_TAG_OCTETS: Final = 16
TRIPLE_DES_WRAP_IV: Final = bytes.fromhex("4adda22c79e82105")  # RFC 3217 §3
DES_BLOCK_OCTETS: Final = 8

Opens = Callable[[bytes], bytes | None]
"""Gives the octets inside what is sealed, or None where the key does not fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """`opener` takes the key once, for all values under it. One that cannot tell by itself whether it fits `needs_mac`."""

    name: str
    key_octets: tuple[int, ...]
    needs_mac: bool
    opener: Callable[[bytes], Opens]


def _cbc(cipher: Callable[[bytes], Any], block: int) -> Callable[[bytes], Opens]:
    """CBC with the vector in front and the length of the padding at the end (XML Encryption §5.2).

    One decryption goes on through all values: a block needs nothing but the one before it, and the first of each value is its
    vector, whose own outcome is dropped. To begin anew for each takes ten times as long.
    """

    def opener(key: bytes) -> Opens:
        stream = Cipher(cipher(key), modes.CBC(bytes(block))).decryptor()

        def opens(sealed: bytes) -> bytes | None:
            if len(sealed) < 2 * block or len(sealed) % block:
                return None
            padded = stream.update(sealed)[block:]
            padding = padded[-1]
            return padded[:-padding] if 1 <= padding <= block else None

        return opens

    return opener


def _each(opens: Callable[[bytes, bytes], bytes | None]) -> Callable[[bytes], Opens]:
    """For a method that begins anew with each value."""
    return lambda key: partial(opens, key)


def _plain_cbc(cipher: Any, vector: bytes, sealed: bytes) -> bytes:
    opener = Cipher(cipher, modes.CBC(vector)).decryptor()
    return opener.update(sealed) + opener.finalize()


def _triple_des(key: bytes) -> TripleDES:
    return TripleDES(key if len(key) == 24 else key + key[:8])


def _aes_wrap(key: bytes, sealed: bytes) -> bytes | None:
    """RFC 3394."""
    try:
        return aes_key_unwrap(key, sealed)
    except (InvalidUnwrap, ValueError):
        return None


def _aes_wrap_padded(key: bytes, sealed: bytes) -> bytes | None:
    """RFC 5649."""
    try:
        return aes_key_unwrap_with_padding(key, sealed)
    except (InvalidUnwrap, ValueError):
        return None


def _camellia_wrap(key: bytes, sealed: bytes) -> bytes | None:
    """RFC 3657 §3."""
    return unwrap(Camellia, key, sealed)


def _triple_des_wrap(key: bytes, sealed: bytes) -> bytes | None:
    """RFC 3217 §3.2."""
    block = DES_BLOCK_OCTETS
    if len(sealed) < 3 * block or len(sealed) % block:
        return None
    turned = _plain_cbc(_triple_des(key), TRIPLE_DES_WRAP_IV, sealed)[::-1]
    checked = _plain_cbc(_triple_des(key), turned[:block], turned[block:])
    octets, check = checked[:-block], checked[-block:]
    return octets if compare_digest(sha1(octets).digest()[:block], check) else None  # noqa: S324 -- RFC 3217 says SHA-1


def _gcm(key: bytes, sealed: bytes) -> bytes | None:
    if len(sealed) < GCM_NONCE_OCTETS + GCM_TAG_OCTETS:
        return None
    try:
        return AESGCM(key).decrypt(sealed[:GCM_NONCE_OCTETS], sealed[GCM_NONCE_OCTETS:], None)
    except InvalidTag:
        return None


def _table() -> Mapping[str, Method]:
    found: dict[str, Method] = {}
    for bits in (128, 192, 256):
        octets = (bits // 8,)
        aes = Method(name=f"AES-{bits}-CBC", key_octets=octets, needs_mac=True, opener=_cbc(algorithms.AES, 16))
        camellia = Method(name=f"Camellia-{bits}-CBC", key_octets=octets, needs_mac=True, opener=_cbc(Camellia, 16))
        camellia_wrap = Method(
            name=f"Camellia-{bits} key wrap", key_octets=octets, needs_mac=False, opener=_each(_camellia_wrap)
        )
        wrap = Method(name=f"AES-{bits} key wrap", key_octets=octets, needs_mac=False, opener=_each(_aes_wrap))
        padded = Method(
            name=f"AES-{bits} key wrap with padding", key_octets=octets, needs_mac=False, opener=_each(_aes_wrap_padded)
        )
        gcm = Method(name=f"AES-{bits}-GCM", key_octets=octets, needs_mac=False, opener=_each(_gcm))
        found |= {
            f"{XENC_URI}aes{bits}-cbc": aes,
            f"{MORE_URI}camellia{bits}-cbc": camellia,
            f"{MORE_URI}kw-camellia{bits}": camellia_wrap,
            f"{XENC_URI}kw-aes{bits}": wrap,
            f"{XENC11_URI}kw-aes-{bits}-pad": padded,
            f"{XENC11_URI}aes{bits}-gcm": gcm,
        }
    both = (16, 24)
    cbc = _cbc(_triple_des, DES_BLOCK_OCTETS)
    found[f"{XENC_URI}tripledes-cbc"] = Method(name="3DES-CBC", key_octets=both, needs_mac=True, opener=cbc)
    found[f"{XENC_URI}kw-tripledes"] = Method(
        name="3DES key wrap", key_octets=both, needs_mac=False, opener=_each(_triple_des_wrap)
    )
    return found


METHODS: Final[Mapping[str, Method]] = _table()
