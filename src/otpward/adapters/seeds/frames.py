"""What the two processes say to each other: the length of a frame, then the frame. Seeds pass through the pipe alone."""

from typing import IO, Any, Final

import msgspec

from otpward.core.formats import faults
from otpward.core.formats.faults import BrokenSeedFile, SeedFileFault
from otpward.core.formats.reading import Row
from otpward.core.formats.records import KeyKind, RowError, RowFault, SeedRecord, Unusable
from otpward.core.oath.model import Algorithm
from otpward.core.secret import Secret

ROWS: Final = 1_000
_LENGTH_OCTETS: Final = 4
_pack: Final = msgspec.msgpack.Encoder().encode
_unpack: Final = msgspec.msgpack.Decoder().decode
_KINDS: Final = {str(kind): kind for kind in KeyKind}
_ALGORITHMS: Final = {str(algorithm): algorithm for algorithm in Algorithm}


def put(stream: IO[bytes], frame: Any) -> None:
    """Say it, and let it go out."""
    octets = _pack(frame)
    stream.write(len(octets).to_bytes(_LENGTH_OCTETS))
    stream.write(octets)
    stream.flush()


def take_octets(stream: IO[bytes]) -> bytes:
    """Hear one frame; empty where the other side ended."""
    length = int.from_bytes(stream.read(_LENGTH_OCTETS))
    octets = stream.read(length)
    return octets if len(octets) == length else b""


def opened(octets: bytes) -> Any:
    """The frame."""
    return _unpack(octets)


def row_as_list(row: Row) -> list[Any]:
    """A row, as it goes through the pipe."""
    if isinstance(row, RowError):
        return [row.row, row.serial, row.reason, row.message]
    seed, pin = row.seed, row.pin
    return [
        row.row, row.serial, row.kind, row.algorithm, row.digits, None if seed is None else seed.reveal(), row.period_s,
        row.counter, row.drift_steps, row.suite, row.key_id, row.manufacturer, row.model, row.issuer, row.key_user,
        row.device_user, row.valid_from, row.valid_until, row.uses_max, None if pin is None else pin.reveal(),
        row.pin_key_id, row.unusable_because,
    ]  # fmt: skip


def list_as_row(values: list[Any]) -> Row:
    """The row again."""
    if len(values) == 4:
        return RowError(row=values[0], serial=values[1], reason=RowFault(values[2]), message=values[3])
    seed, pin, unusable = values[5], values[19], values[21]
    return SeedRecord(
        row=values[0],
        serial=values[1],
        kind=_KINDS[values[2]],
        algorithm=_ALGORITHMS[values[3]],
        digits=values[4],
        seed=None if seed is None else Secret(seed),
        period_s=values[6],
        counter=values[7],
        drift_steps=values[8],
        suite=values[9],
        key_id=values[10],
        manufacturer=values[11],
        model=values[12],
        issuer=values[13],
        key_user=values[14],
        device_user=values[15],
        valid_from=values[16],
        valid_until=values[17],
        uses_max=values[18],
        pin=None if pin is None else Secret(pin),
        pin_key_id=values[20],
        unusable_because=None if unusable is None else Unusable(unusable),
    )


def fault_as_list(fault: SeedFileFault) -> list[Any]:
    """Why the file cannot be taken."""
    return [type(fault).__name__, fault.message, fault.where, fault.field]


def list_as_fault(values: list[Any]) -> SeedFileFault:
    """The fault again."""
    kind = getattr(faults, values[0], BrokenSeedFile)
    fault: SeedFileFault = kind.__new__(kind)
    SeedFileFault.__init__(fault, values[1], where=values[2], field=values[3])
    return fault
