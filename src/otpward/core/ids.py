"""Keys we make ourselves, and the numbers that people read aloud.

A key is a UUID of version 8 (RFC 9562 §5.8): 48 bits of milliseconds, the bucket in the next ten bits, then chance. So keys
rise with time within a bucket, no database has to hand them out, and a row's bucket can be read off its key.
"""

import hashlib
import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NewType
from uuid import UUID

InstitutionId = NewType("InstitutionId", UUID)
BranchId = NewType("BranchId", UUID)
MemberId = NewType("MemberId", UUID)
TokenId = NewType("TokenId", UUID)
CaseId = NewType("CaseId", UUID)
ReportId = NewType("ReportId", UUID)
ProofId = NewType("ProofId", UUID)

BUCKETS: Final = 1024
"""So many shards the same schema can be spread over; fixed for ever, since it is part of every key."""

LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without 0 O, 1 I L and U: read over the telephone, none is taken for another and no word appears."""

_CHANCE_OCTETS: Final = 8
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def home_bucket(*parts: str) -> int:
    """The bucket of what is found by these texts (an institution and a serial, say): stable over versions and machines."""
    told = b"".join([len(text).to_bytes(4) + text for text in [part.encode() for part in parts]])
    return int.from_bytes(hashlib.blake2b(told, digest_size=4).digest()) % BUCKETS


def home_buckets(first: str, seconds: Sequence[str]) -> list[int]:
    """The `home_bucket` of `first` and each of `seconds`; what they share is hashed once."""
    shared = hashlib.blake2b(digest_size=4)
    shared.update(len(first.encode()).to_bytes(4) + first.encode())
    found = []
    for second in seconds:
        told, octets = shared.copy(), second.encode()
        told.update(len(octets).to_bytes(4) + octets)
        found.append(int.from_bytes(told.digest()) % BUCKETS)
    return found


def bucket_of(key: UUID) -> int:
    """The bucket that a key carries."""
    return (key.int >> 66) % BUCKETS


def make_id(now: datetime, chance: bytes, bucket: int | None = None) -> UUID:
    """A new key from the time and `chance` (16 octets of entropy); a random bucket unless one is given."""
    ms = (now - _EPOCH) // _MILLISECOND
    drawn = int.from_bytes(chance[_CHANCE_OCTETS : _CHANCE_OCTETS + 2]) % BUCKETS if bucket is None else bucket
    tail = int.from_bytes(chance[:_CHANCE_OCTETS]) & ((1 << 62) - 1)
    return UUID(int=(ms << 80) | (8 << 76) | (drawn << 66) | (0b10 << 62) | tail)


def make_ids(now: datetime, chance: bytes, buckets: Sequence[int]) -> list[UUID]:
    """A new key for each of these buckets, as `make_id` makes it, from eight octets of `chance` each."""
    head = ((now - _EPOCH) // _MILLISECOND << 80) | (8 << 76) | (0b10 << 62)
    tails = struct.unpack(f">{len(buckets)}Q", chance)
    mask = (1 << 62) - 1
    return [UUID(int=head | (bucket << 66) | (tail & mask)) for bucket, tail in zip(buckets, tails, strict=True)]


def spell(chance: bytes, letters: int) -> str:
    """`letters` unmistakable letters and digits drawn from `chance` (one octet each; the bias of 256 mod 30 is under 0.3
    bit)."""
    return "".join(LETTERS[octet % len(LETTERS)] for octet in chance[:letters])


def public_number(prefix: str, now: datetime, chance: bytes) -> str:
    """A number for people, such as `L-261123-7KQ4M2P`: what it is, the day (UTC), and enough chance not to be guessed."""
    return f"{prefix}-{now:%y%m%d}-{spell(chance, 7)}"
