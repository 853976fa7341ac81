"""The process that opens one OpenPGP message: hears what opens it, then the message, and says what is inside.

It holds nothing else: whoever made the message meets neither the server nor its keys here. How it went is its exit code.
"""

import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, NoReturn

import msgspec
from pysequoia import Tsk, decrypt_file

from otpward.adapters.seeds.outcome import Outcome

_MEMORY_OCTETS: Final = 512 * 2**20
"""About 150 MB are used, whatever the file; a password that is to be hashed in more memory (Argon2) is refused so."""
_SECONDS: Final = 120
"""Four gigabytes take some forty."""
_LENGTH_OCTETS: Final = 4


_SAID: Final = (
    ("No key to decrypt message", Outcome.KEY_DOES_NOT_FIT),
    ("Policy rejected", Outcome.UNSAFE),
    ("Message has been manipulated", Outcome.CHANGED),
)
"""The library has one error for everything; its first words tell which."""


class _Known(Exception):
    """Whether it is signed is known: nothing more is asked."""


def _main() -> None:
    with suppress(ValueError, OSError):  # not every system can bound memory
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_OCTETS, _MEMORY_OCTETS))
    asked = _asked()
    opener = _opener(asked)
    if asked["look"]:
        _look(opener)
    _open(opener)
    sys.exit(Outcome.UNSIGNED)


def _asked() -> dict[str, Any]:
    """The first frame of standard input, and no octet more: the message comes after it."""
    with open(0, "rb", buffering=0, closefd=False) as line:

        def octets(length: int) -> bytes:
            found = b""
            while len(found) < length and (piece := line.read(length - len(found))):
                found += piece
            return found

        asked: dict[str, Any] = msgspec.msgpack.decode(octets(int.from_bytes(octets(_LENGTH_OCTETS))))
    return asked


def _opener(asked: dict[str, Any]) -> dict[str, Any]:
    """What the library is given to open the message with."""
    password = asked["password"].decode("utf-8", "replace") if asked["password"] else None
    opener: dict[str, Any] = {"passwords": [password or "no password was given"]}
    if asked["private_key"]:
        opener["decryptor"] = _decryptor(asked["private_key"], password)
    return opener


def _decryptor(octets: bytes, password: str | None) -> Any:
    try:
        key = Tsk.from_bytes(octets)
    except Exception:
        sys.exit(Outcome.NO_PRIVATE_KEY)
    try:
        return key.decryptor()
    except Exception as error:
        if "encrypted" not in str(error):
            sys.exit(Outcome.NO_PRIVATE_KEY)
    if password is None:
        sys.exit(Outcome.LOCKED_KEY)
    try:
        return key.decryptor(password)
    except Exception:
        sys.exit(Outcome.KEY_PASSWORD)


def _look(opener: dict[str, Any]) -> NoReturn:
    """Say whether it is signed. What is inside is said too, where it is long: whoever hears it counts it."""
    signed: list[bool] = []

    def store(issuers: list[str]) -> list[Any]:
        signed.append(bool(issuers))
        raise _Known

    _open(opener, store=store, known=lambda: bool(signed))
    sys.exit(Outcome.SIGNED if any(signed) else Outcome.UNSIGNED)


def _open(opener: dict[str, Any], *, known: Callable[[], bool] = lambda: False, **more: Any) -> None:
    try:
        decrypt_file("/dev/fd/0", "/dev/fd/1", **opener, **more)
    except Exception as error:
        if not known():
            words = str(error)
            sys.exit(next((outcome for said, outcome in _SAID if words.startswith(said)), Outcome.DAMAGED))


if __name__ == "__main__":
    _main()
