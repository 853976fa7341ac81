"""The drawer with all tokens that were sold with the seed file, and the list of who carries which."""

import functools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from otpward.core.errors import Invalid, NotFound
from otpward.core.formats.detect import read_seed_file
from otpward.core.oath.model import Algorithm, TokenKind
from otpward.core.secret import Secret

SEED_FILE: Final = "devices.pskc.xml"
KEY_FILE: Final = "transport.key"
HOLDERS_FILE: Final = "holders.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A token: what its maker put into it. `counter` is where a button token began, and its `period_s` is 0. One that answers
    questions has a suite, and perhaps the PIN that its owner was told."""

    serial: str
    maker: str
    model: str
    kind: TokenKind
    algorithm: Algorithm
    digits: int
    period_s: int
    counter: int
    seed: Secret
    suite: str = ""
    pin: Secret = field(default_factory=lambda: Secret(b""))


def devices(folder: Path) -> dict[str, Device]:
    """All tokens by serial, in the order of the file; none if there is no file yet.

    Raises:
        Invalid: the file cannot be read, or not with this key.
    """
    seed_file, key_file = folder / SEED_FILE, folder / KEY_FILE
    if not seed_file.exists():
        return {}
    return _read(seed_file, key_file, seed_file.stat().st_mtime_ns, key_file.stat().st_mtime_ns if key_file.exists() else 0)


def device(folder: Path, serial: str) -> Device:
    """One token.

    Raises:
        NotFound: no such serial was sold.
    """
    try:
        return devices(folder)[serial]
    except KeyError:
        raise NotFound("no device with this serial") from None


def holders(folder: Path) -> dict[str, str]:
    """Who carries which token, as the sample institution wrote it down; nobody if it wrote nothing."""
    try:
        return msgspec.json.decode((folder / HOLDERS_FILE).read_bytes(), type=dict[str, str])
    except FileNotFoundError:
        return {}
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Invalid(f"{HOLDERS_FILE} is not a JSON object of serial and name") from None


@functools.lru_cache(maxsize=2)
def _read(seed_file: Path, key_file: Path, _seed_stamp: int, key_stamp: int) -> dict[str, Device]:
    """Read once for each version of the two files: their times of change are part of the question."""
    try:
        key = Secret(bytes.fromhex(key_file.read_text("ascii").strip())) if key_stamp else None
    except ValueError:
        raise Invalid(f"{KEY_FILE} is not a key in hex") from None
    found = {}
    for record in read_seed_file(seed_file.read_bytes(), key=key).records:
        if record.seed is None or not record.usable:
            continue
        parameters = record.parameters
        found[record.name] = Device(
            serial=record.name,
            maker=record.manufacturer or "",
            model=record.model or "",
            kind=parameters.kind,
            algorithm=parameters.algorithm,
            digits=parameters.digits,
            period_s=parameters.period_s or 0,
            counter=record.counter or 0,
            seed=record.seed,
            suite=(record.suite or "") if parameters.kind is TokenKind.OCRA else "",
            pin=record.pin or Secret(b""),
        )
    return found
