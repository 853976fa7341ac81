"""The `otpauth://` URI in a QR code: made in the one form that all readers understand, read strictly.

The format has no RFC. Where it is silent or readers differ: a space is `%20` and never `+`, the issuer stands in the label
and in the parameter, base32 has no padding, and algorithm, digits and period are always written.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from otpward.core.errors import Invalid
from otpward.core.oath.base32 import decode_base32, encode_base32
from otpward.core.oath.model import COUNTER_MAX, SEED_STRONG_OCTETS, Algorithm, Parameters, TokenKind
from otpward.core.secret import Secret

URI_MAX: Final = 4096
NAME_MAX: Final = 255
SHAPE: Final = re.compile(r"otpauth://(?P<kind>[^/?#]*)/(?P<label>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#.*)?", re.IGNORECASE)
BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
KINDS: Final = {kind.value: kind for kind in (TokenKind.HOTP, TokenKind.TOTP)}
KNOWN: Final = frozenset({"secret", "issuer", "algorithm", "digits", "period", "counter", "encoder"})
CONTROLS: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
REORDERING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # would show one name for another


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUri:
    """What an `otpauth://` URI says. `counter` is the next one of a counter token and None for a time token."""

    parameters: Parameters
    seed: Secret
    account: str
    issuer: str | None = None
    counter: int | None = None
    issuer_differs: bool = False  # label and parameter named two issuers; the parameter was taken

    @property
    def weak_secret(self) -> bool:
        """Under 112 bits: policy may refuse it (SP 800-63B-4 §3.1.4.1)."""
        return len(self.seed) < SEED_STRONG_OCTETS


def make_uri(*, parameters: Parameters, seed: Secret, issuer: str, account: str, counter: int | None = None) -> Secret:
    """The URI as ASCII octets. It holds the seed, so it is as secret: reveal it only into the picture or the link shown.

    Raises:
        Invalid: a name is empty or holds a control character, a counter token has no counter, or the token answers challenges.
    """
    if parameters.kind not in KINDS.values():
        raise Invalid("the format knows no token that answers challenges", field="type")
    issuer, account = _name(issuer, "issuer"), _name(account, "account")
    if not issuer or not account:
        raise Invalid("a name is empty", field="account" if issuer else "issuer")
    if parameters.kind is TokenKind.HOTP:
        if counter is None or not 0 <= counter <= COUNTER_MAX:
            raise Invalid("a counter token needs its next counter", field="counter")
        moving = f"counter={counter}"
    else:
        moving = f"period={parameters.period_s}"
    label = f"{quote(issuer, safe='')}:{quote(account, safe='')}"
    letters = encode_base32(seed).reveal().decode("ascii")
    query = f"secret={letters}&issuer={quote(issuer, safe='')}&algorithm={parameters.algorithm.upper()}"
    return Secret(f"otpauth://{parameters.kind}/{label}?{query}&digits={parameters.digits}&{moving}".encode("ascii"))


def parse_uri(text: str) -> KeyUri:
    """Read a URI as it was scanned or pasted.

    Raises:
        Invalid: `field` says which part; the message never repeats the text.
    """
    text = text.strip()
    shape = SHAPE.fullmatch(text) if len(text) <= URI_MAX else None
    if shape is None:
        raise Invalid("not an otpauth URI", field="uri")
    kind = KINDS.get(shape["kind"].lower())
    if kind is None:
        raise Invalid("the type is neither hotp nor totp", field="type")
    values = _parameters(shape["query"] or "")
    if "encoder" in values:
        raise Invalid("an encoder that changes the code is not supported", field="encoder")
    parameters = Parameters(
        kind=kind,
        algorithm=_algorithm(values.get("algorithm", "SHA1")),
        digits=_number(values, "digits", 6),
        period_s=_number(values, "period", 30) if kind is TokenKind.TOTP else None,
    )
    prefix, account = _label(shape["label"])
    issuer = _name(values.get("issuer", ""), "issuer")
    return KeyUri(
        parameters=parameters,
        seed=decode_base32(values.get("secret", "")),
        account=account,
        issuer=issuer or prefix or None,
        counter=_number(values, "counter") if kind is TokenKind.HOTP else None,
        issuer_differs=bool(issuer and prefix and issuer != prefix),
    )


def _parameters(query: str) -> Mapping[str, str]:
    values: dict[str, str] = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name not in KNOWN:
            continue
        if name in values:
            raise Invalid("a parameter is there twice", field=name)
        values[name] = _decoded(value, name)
    return values


def _label(label: str) -> tuple[str, str]:
    """Issuer and account. The first plain colon separates; only where there is none, the first encoded one."""
    if ":" in label:
        prefix, _, rest = label.partition(":")
        issuer, account = _decoded(prefix, "issuer"), _decoded(rest, "account")
    else:
        issuer, colon, account = _decoded(label, "account").partition(":")
        if not colon:
            issuer, account = "", issuer
    account = _name(account, "account")
    if not account:
        raise Invalid("the label names no account", field="account")
    return _name(issuer, "issuer"), account


def _decoded(text: str, field: str) -> str:
    """Percent-decoded exactly once; `+` stays a plus."""
    if BAD_ESCAPE.search(text):
        raise Invalid("a percent sign is not followed by two hex digits", field=field)
    try:
        return unquote_to_bytes(text).decode("utf-8")
    except UnicodeError:
        raise Invalid("not UTF-8", field=field) from None


def _name(text: str, field: str) -> str:
    if len(text) > NAME_MAX:
        raise Invalid(f"longer than {NAME_MAX} characters", field=field)
    if any(unicodedata.category(char) in CONTROLS or char in REORDERING for char in text):
        raise Invalid("a control character in a name", field=field)
    return text.strip()


def _algorithm(text: str) -> Algorithm:
    try:
        return Algorithm(text.lower())
    except ValueError:
        raise Invalid("the algorithm is none of SHA1, SHA256, SHA512", field="algorithm") from None


def _number(values: Mapping[str, str], name: str, default: int | None = None) -> int:
    text = values.get(name)
    if text is None and default is not None:
        return default
    if text is None or not re.fullmatch(r"[0-9]{1,20}", text, re.ASCII) or int(text) > COUNTER_MAX:
        raise Invalid("not a whole number of at most 64 bits", field=name)
    return int(text)
