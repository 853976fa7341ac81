"""What is fuzzed: each takes octets, and a refusal is no finding."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from otpward.core.errors import Invalid
from otpward.core.formats.detect import open_seed_file
from otpward.core.formats.faults import SeedFileFault
from otpward.core.formats.migration import account_record, parse_migration
from otpward.core.formats.oath_csv import open_oath_csv
from otpward.core.formats.pskc import open_pskc
from otpward.core.formats.reading import collected
from otpward.core.formats.records import ReadResult, RefusedRow
from otpward.core.formats.unlock import Unlock
from otpward.core.oath.uri import parse_uri
from otpward.core.secret import Secret

KEY: Final = Unlock(key=Secret(bytes.fromhex("12345678901234567890123456789012")), password=Secret(b"qwerty"), unverified=True)
PIECE: Final = 1000
SEEDS: Final = ("3132333435363738393031323334353637383930", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")


def _pieces(octets: bytes) -> list[bytes]:
    return [octets[start : start + PIECE] for start in range(0, len(octets), PIECE)] or [b""]


def _any_file(octets: bytes) -> None:
    with suppress(SeedFileFault):
        _without_seeds(collected(open_seed_file(_pieces(octets), KEY)))


def _pskc(octets: bytes) -> None:
    with suppress(SeedFileFault):
        _without_seeds(collected(open_pskc(_pieces(octets), KEY)))


def _oath_csv(octets: bytes) -> None:
    with suppress(SeedFileFault):
        _without_seeds(collected(open_oath_csv(_pieces(octets))))


def _without_seeds(result: ReadResult) -> None:
    """No message of a row repeats a seed of the samples."""
    for row in result.refused:
        assert not any(seed in row.message for seed in SEEDS), "a seed in a message"


def _uri(octets: bytes) -> None:
    with suppress(Invalid):
        parse_uri(octets.decode("utf-8", "replace"))


def _migration(octets: bytes) -> None:
    with suppress(Invalid):
        for key in parse_migration(octets.decode("utf-8", "replace")).keys:
            with suppress(RefusedRow):
                account_record(key, 1)


READERS: Final[Mapping[str, Callable[[bytes], None]]] = {
    "pskc": _pskc,
    "lists": _any_file,
    "apps": _any_file,
    "oath_csv": _oath_csv,
    "uri": _uri,
    "migration": _migration,
}
