"""A seed as letters that people and QR codes can carry (RFC 4648 §6)."""

import base64
import re
from typing import Final

from otpward.core.errors import Invalid
from otpward.core.secret import Secret

SEED_MAX_OCTETS: Final = 256
LETTERS: Final = re.compile(r"[A-Za-z2-7]+=*", re.ASCII)
WHOLE_OCTETS: Final = frozenset({0, 2, 4, 5, 7})  # letters beyond a multiple of eight that make whole octets


def encode_base32(seed: Secret) -> Secret:
    """The letters of `seed`, without padding, as ASCII octets."""
    return Secret(base64.b32encode(seed.reveal()).rstrip(b"="))


def grouped_key(seed: Secret) -> Secret:
    """The letters in groups of four with a space between, as they are shown for typing by hand."""
    letters = encode_base32(seed).reveal()
    return Secret(b" ".join(letters[start : start + 4] for start in range(0, len(letters), 4)))


def decode_base32(text: str) -> Secret:
    """The seed in `text`; either case, with or without padding, grouped by spaces or not.

    Raises:
        Invalid: not base32, not whole octets, empty or too long. The message never repeats the text.
    """
    joined = text.replace(" ", "")
    if not LETTERS.fullmatch(joined):
        raise Invalid("the secret is not base32", field="secret")
    letters = joined.rstrip("=").upper()
    if len(letters) % 8 not in WHOLE_OCTETS:
        raise Invalid("the secret has a number of letters that cannot be whole octets", field="secret")
    octets = base64.b32decode(letters + "=" * (-len(letters) % 8))
    if len(octets) > SEED_MAX_OCTETS:
        raise Invalid(f"the secret is longer than {SEED_MAX_OCTETS} octets", field="secret")
    return Secret(octets)
