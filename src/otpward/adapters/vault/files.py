"""The default provider: a master key in a file that only its owner can read."""

import hmac
import os
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import ClassVar, Final
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from otpward.adapters.vault.envelope import (
    KEY_OCTETS,
    MASTER,
    NONCE_OCTETS,
    OWN_KEY,
    close_envelope,
    close_envelopes,
    key_number,
    open_envelope,
)
from otpward.core.errors import OtpwardError, SealBroken
from otpward.core.secret import Secret
from otpward.ports.surroundings import Entropy
from otpward.ports.vault import About, Print, WrappedKey

_NOBODY: Final = UUID(int=0)
_GROUP_AND_OTHERS: Final = 0o077
_PERSON_OCTETS: Final = 32


class KeyTrouble(OtpwardError):
    """The master key cannot be used: missing, readable by others, malformed, or not the one of this database."""

    code: ClassVar[str] = "key_trouble"


def make_master_key(path: Path, entropy: Entropy) -> None:
    """Write a new master key, whole or not at all; never over an old one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{entropy.octets(4).hex()}")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(entropy.octets(KEY_OCTETS).hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(unfinished, path)
    finally:
        unfinished.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read_master_key(path: Path) -> Secret:
    """The master key from its file; raises `KeyTrouble`."""
    try:
        if path.stat().st_mode & _GROUP_AND_OTHERS:
            raise KeyTrouble(f"{path} can be read by others; make it readable for its owner only (chmod 600)")
        octets = path.read_bytes()
    except OSError as error:
        raise KeyTrouble(f"the master key {path} cannot be read: {error.strerror}") from None
    try:
        key = bytes.fromhex(octets.decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != KEY_OCTETS:
        raise KeyTrouble(f"{path} does not hold a master key (64 hexadecimal digits)")
    return Secret(key)


def wrap_new_key(master: Secret, number: int, purpose: str, entropy: Entropy) -> WrappedKey:
    """A new data key under the master key."""
    about = About(_NOBODY, UUID(int=number), f"data_key.{purpose}")
    key, nonce = entropy.octets(KEY_OCTETS), entropy.octets(12)
    return WrappedKey(number, purpose, close_envelope(AESGCM(master.reveal()), MASTER, key, about=about, nonce=nonce))


class FileVault:
    """Seals under data keys that the master key of a file opens. Purposes: `seal` (the newest number seals) and `print`."""

    def __init__(self, master: Secret, keys: Sequence[WrappedKey], entropy: Entropy) -> None:
        self._entropy = entropy
        cipher = AESGCM(master.reveal())
        try:
            opened = {key.number: (key.purpose, self._unwrap(cipher, key)) for key in keys}
        except SealBroken:
            raise KeyTrouble("the master key does not open this database; it belongs to another one") from None
        self._ciphers: Mapping[int, AESGCM] = {
            n: AESGCM(key.reveal()) for n, (purpose, key) in opened.items() if purpose == "seal"
        }
        prints = [key for purpose, key in opened.values() if purpose == "print"]
        if not self._ciphers or not prints:
            raise KeyTrouble("the database holds no data keys; it was not set up by `otpward init`")
        self._print_key = prints[0]
        self._newest = max(self._ciphers)

    @staticmethod
    def _unwrap(cipher: AESGCM, key: WrappedKey) -> Secret:
        return open_envelope(cipher, key.wrapped, about=About(_NOBODY, UUID(int=key.number), f"data_key.{key.purpose}"))

    def seal(self, plain: bytes, *, about: About, under: bytes | None = None) -> bytes:
        """Seal under the newest data key, or under a person's own key."""
        nonce = self._entropy.octets(12)
        if under is None:
            return close_envelope(self._ciphers[self._newest], self._newest, plain, about=about, nonce=nonce)
        return close_envelope(self._own(under), OWN_KEY, plain, about=about, nonce=nonce)

    def seal_all(self, plains: Sequence[bytes], *, institution_id: UUID, row_ids: Sequence[UUID], field: str) -> list[bytes]:
        """Seal one field of many rows under the newest data key."""
        return close_envelopes(
            self._ciphers[self._newest],
            self._newest,
            plains,
            institution_id=institution_id,
            row_ids=row_ids,
            field=field,
            nonces=self._entropy.octets(NONCE_OCTETS * len(plains)),
        )

    def unseal(self, sealed: bytes, *, about: About, under: bytes | None = None) -> Secret:
        """Open what was sealed; raises `SealBroken`."""
        number = key_number(sealed)
        if (number == OWN_KEY) != (under is not None):
            raise SealBroken(f"{about.field}: sealed under a key of another kind")
        if under is not None:
            return open_envelope(self._own(under), sealed, about=about)
        if number not in self._ciphers:
            raise SealBroken(f"{about.field}: sealed under data key {number}, which is not here")
        return open_envelope(self._ciphers[number], sealed, about=about)

    def new_key(self, *, about: About) -> bytes:
        """A new key of a person's own: the row and field it belongs to, then the sealed key."""
        place = about.institution_id.bytes + about.row_id.bytes
        return place + self.seal(self._entropy.octets(KEY_OCTETS), about=about)

    def fingerprint(self, purpose: Print, *parts: str) -> bytes:
        """HMAC-SHA-256 over the purpose and the parts, each with its length."""
        text = b"".join(len(part.encode()).to_bytes(4) + part.encode() for part in (purpose.value, *parts))
        return hmac.digest(self._print_key.reveal(), text, sha256)

    def _own(self, wrapped: bytes) -> AESGCM:
        if len(wrapped) <= _PERSON_OCTETS:
            raise SealBroken("not a person's key")
        about = About(UUID(bytes=wrapped[:16]), UUID(bytes=wrapped[16:32]), "member.data_key")
        return AESGCM(self.unseal(wrapped[_PERSON_OCTETS:], about=about).reveal())
