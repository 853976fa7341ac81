"""Ways to encrypt one value (RFC 6030 §6, XML Encryption). A new method is a new entry in a table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha1
from hmac import compare_digest
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.decrepit.ciphers.algorithms import Camellia, TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_unwrap_with_padding

XENC_URI: Final = "http://www.w3.org/2001/04/xmlenc#"
XENC11_URI: Final = "http://www.w3.org/2009/xmlenc11#"
MORE_URI: Final = "http://www.w3.org/2001/04/xmldsig-more#"
GCM_NONCE_OCTETS: Final = 12
GCM_TAG_OCTETS: Final = 16
TRIPLE_DES_WRAP_IV: Final = bytes.fromhex("4adda22c79e82105")  # RFC 3217 §3
DES_BLOCK_OCTETS: Final = 8

Opens = Callable[[bytes, bytes], bytes | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """`opens` takes key and octets and gives None where they do not fit. One that cannot tell by itself `needs_mac`."""

    name: str
    key_octets: tuple[int, ...]
    needs_mac: bool
    opens: Opens


def _cbc(cipher: Callable[[bytes], Any], block: int) -> Opens:
    """CBC with the vector in front and the length of the padding at the end (XML Encryption §5.2)."""

    def opens(key: bytes, sealed: bytes) -> bytes | None:
        if len(sealed) < 2 * block or len(sealed) % block:
            return None
        padded = _plain_cbc(cipher(key), sealed[:block], sealed[block:])
        padding = padded[-1]
        return padded[:-padding] if 1 <= padding <= block else None

    return opens


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
        aes = Method(name=f"AES-{bits}-CBC", key_octets=octets, needs_mac=True, opens=_cbc(algorithms.AES, 16))
        camellia = Method(name=f"Camellia-{bits}-CBC", key_octets=octets, needs_mac=True, opens=_cbc(Camellia, 16))
        wrap = Method(name=f"AES-{bits} key wrap", key_octets=octets, needs_mac=False, opens=_aes_wrap)
        padded = Method(name=f"AES-{bits} key wrap with padding", key_octets=octets, needs_mac=False, opens=_aes_wrap_padded)
        gcm = Method(name=f"AES-{bits}-GCM", key_octets=octets, needs_mac=False, opens=_gcm)
        found |= {
            f"{XENC_URI}aes{bits}-cbc": aes,
            f"{MORE_URI}camellia{bits}-cbc": camellia,
            f"{XENC_URI}kw-aes{bits}": wrap,
            f"{XENC11_URI}kw-aes-{bits}-pad": padded,
            f"{XENC11_URI}aes{bits}-gcm": gcm,
        }
    both = (16, 24)
    cbc = _cbc(_triple_des, DES_BLOCK_OCTETS)
    found[f"{XENC_URI}tripledes-cbc"] = Method(name="3DES-CBC", key_octets=both, needs_mac=True, opens=cbc)
    found[f"{XENC_URI}kw-tripledes"] = Method(name="3DES key wrap", key_octets=both, needs_mac=False, opens=_triple_des_wrap)
    return found


METHODS: Final[Mapping[str, Method]] = _table()
METHODS_NOT_READ: Final[Mapping[str, str]] = {
    f"{MORE_URI}kw-camellia{bits}": f"Camellia-{bits} key wrap" for bits in (128, 192, 256)
}
