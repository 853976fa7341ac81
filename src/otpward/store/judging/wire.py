"""Questions and answers as octets, between the server and the writer's process: MessagePack in frames with their length."""

from collections.abc import Iterator, Mapping
from typing import Final
from uuid import UUID

import msgspec

from otpward.core.errors import OtherRequest, OtpwardError, SealBroken, TooOften, Unavailable
from otpward.core.ids import InstitutionId
from otpward.core.policy.keys import NoKey, NotInScope
from otpward.core.policy.verification import Verdict
from otpward.ports.judging import Alone, Asked, Judged, Once, Result, Unconfirmed, Verification
from otpward.store.judging.rows import micros, moment

_LENGTH: Final = 4


class _Question(msgspec.Struct, array_like=True):
    number: int
    handle: str
    digest: bytes
    code: str
    login: str | None
    serial: str | None
    source: str
    client: str
    client_keys: tuple[bytes, ...]
    once: tuple[bytes, bytes] | None
    challenge: UUID | None


class _Answer(msgspec.Struct, array_like=True, omit_defaults=True):
    """`what` is a verdict, the code of an error, or "alone"; `keys` are the ids that go with it."""

    number: int
    what: str
    keys: tuple[bytes, ...] = ()
    reasons: bool = False
    tries_left: int = 0
    serial: str | None = None
    detail: str = ""
    until: int = 0
    age_s: int | None = None


_encode: Final = msgspec.msgpack.Encoder().encode
_decode_questions: Final = msgspec.msgpack.Decoder(list[_Question]).decode
_decode_answers: Final = msgspec.msgpack.Decoder(list[_Answer]).decode
_VERDICTS: Final[Mapping[str, Verdict]] = {one.value: one for one in Verdict}
_ERRORS: Final[Mapping[str, type[OtpwardError]]] = {
    kind.code: kind for kind in (NoKey, NotInScope, OtherRequest, SealBroken, Unavailable)
}
_ALONE: Final = "alone"
_UNCONFIRMED: Final = "unconfirmed"


class Fault(Exception):
    """Something went wrong in the writer that should not have; its log has the rest."""


def write_questions(questions: list[tuple[int, Asked]]) -> bytes:
    """A frame of numbered questions."""
    return _frame(
        [
            _Question(
                number,
                one.handle,
                one.digest,
                one.code,
                one.login,
                one.serial,
                one.source,
                one.client,
                one.client_keys,
                None if one.once is None else (one.once.key, one.once.request),
                one.challenge,
            )
            for number, one in questions
        ]
    )


def read_questions(frame: bytes) -> list[tuple[int, Asked]]:
    """The numbered questions of a frame."""
    return [
        (
            one.number,
            Asked(
                handle=one.handle,
                digest=one.digest,
                code=one.code,
                login=one.login,
                serial=one.serial,
                source=one.source,
                client=one.client,
                client_keys=one.client_keys,
                once=None if one.once is None else Once(key=one.once[0], request=one.once[1]),
                challenge=one.challenge,
            ),
        )
        for one in _decode_questions(frame)
    ]


def write_answers(answers: list[tuple[int, Result]]) -> bytes:
    """A frame of answers, each with the number of its question."""
    return _frame([_told(number, result) for number, result in answers])


def read_answers(frame: bytes) -> list[tuple[int, Result]]:
    """The numbered answers of a frame."""
    return [(one.number, _meant(one)) for one in _decode_answers(frame)]


def frames(kept: bytearray) -> Iterator[bytes]:
    """Take every whole frame out of what has arrived; what is not whole stays."""
    while len(kept) >= _LENGTH and len(kept) >= (end := _LENGTH + int.from_bytes(kept[:_LENGTH])):
        yield bytes(kept[_LENGTH:end])
        del kept[:end]


def _frame(values: list[_Question] | list[_Answer]) -> bytes:
    octets = _encode(values)
    return len(octets).to_bytes(_LENGTH) + octets


def _told(number: int, result: Result) -> _Answer:
    match result:
        case Judged(verification=said, reasons=reasons):
            return _Answer(
                number,
                said.verdict.value,
                (said.id.bytes,),
                reasons,
                said.tries_left,
                said.serial,
                until=0 if said.hold_until is None else micros(said.hold_until),
                age_s=said.age_s,
            )
        case Alone():
            return _Answer(number, _ALONE, (result.institution_id.bytes, result.key_id.bytes), result.reasons)
        case TooOften():
            return _Answer(number, result.code, until=micros(result.until))
        case Unconfirmed():
            return _Answer(number, _UNCONFIRMED)
        case OtpwardError():
            return _Answer(number, result.code, detail=str(result), serial=result.field)
        case _:
            return _Answer(number, "fault", detail=type(result).__name__)


def _meant(told: _Answer) -> Result:
    verdict = _VERDICTS.get(told.what)
    if verdict is not None:
        said = Verification(
            id=UUID(bytes=told.keys[0]),
            verdict=verdict,
            tries_left=told.tries_left,
            serial=told.serial,
            age_s=told.age_s,
            hold_until=moment(told.until) if told.until else None,
        )
        return Judged(verification=said, reasons=told.reasons)
    if told.what == _ALONE:
        institution_id, key_id = (UUID(bytes=one) for one in told.keys)
        return Alone(institution_id=InstitutionId(institution_id), key_id=key_id, reasons=told.reasons)
    if told.what == TooOften.code:
        until = moment(told.until)
        assert until is not None
        return TooOften(until)
    if told.what == _UNCONFIRMED:
        return Unconfirmed()
    kind = _ERRORS.get(told.what)
    return Fault(f"{told.what} {told.detail}".strip()) if kind is None else kind(told.detail, field=told.serial)
