import contextlib
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from otpward.core.errors import Invalid, OtpwardError
from otpward.core.oath.base32 import decode_base32, encode_base32, grouped_key
from otpward.core.oath.model import Algorithm, Parameters, TokenKind
from otpward.core.oath.uri import KeyUri, make_uri, parse_uri
from otpward.core.secret import Secret
from tests.vectors.rows import rows

ROWS = rows("otpauth/uris.json")
SEED = Secret(b"12345678901234567890")
TOTP = Parameters(kind=TokenKind.TOTP, period_s=30)
names = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=40).filter(
    lambda name: name.strip() == name and not set(name) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)


def by_id(row: dict[str, Any]) -> str:
    return str(row["id"])


def test_the_table_is_whole() -> None:
    assert len(ROWS) == 51


@pytest.mark.parametrize("row", [row for row in ROWS if row["valid"]], ids=by_id)
def test_a_good_uri_is_read_as_listed(row: dict[str, Any]) -> None:
    key = parse_uri(row["uri"])
    assert key.parameters.kind == row["type"]
    assert key.parameters.algorithm == row["algorithm"].lower()
    assert key.parameters.digits == row["digits"]
    assert key.parameters.period_s == row.get("period")
    assert key.counter == row.get("counter")
    assert (key.issuer, key.account) == (row["issuer"], row["account"])
    assert key.seed == Secret(bytes.fromhex(row["secret_hex"]))
    assert key.weak_secret == row.get("weak_secret", False)
    assert key.issuer_differs == row.get("warn", False)


@pytest.mark.parametrize("row", [row for row in ROWS if not row["valid"]], ids=by_id)
def test_a_bad_uri_is_refused_without_repeating_its_secret(row: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as caught:
        parse_uri(row["uri"])
    assert caught.value.field
    assert "JBSWY3DP" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize(
    ("uri", "field"),
    [
        ("otpauth://totp/a?secret=" + "A" * 4096, "uri"),
        ("otpauth://totp/?secret=JBSWY3DPEHPK3PXP", "account"),
        ("otpauth://totp/a%2?secret=JBSWY3DPEHPK3PXP", "account"),
        ("otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&period=10", "period_s"),
        ("otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&digits=%D9%A6", "digits"),
        ("otpauth://totp/a?secret=JBSWY3DPEHPK3PX%C5%BF", "secret"),
        ("otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&issuer=%E2%80%AEevil", "issuer"),
        ("otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&issuer=a&issuer=b", "issuer"),
        ("otpauth://totp/a?secret=" + "A" * 1000, "secret"),
        ("otpauth://user@totp/a?secret=JBSWY3DPEHPK3PXP", "type"),
    ],
)
def test_a_refusal_names_the_part(uri: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_uri(uri)
    assert caught.value.field == field


def test_a_uri_is_written_in_the_form_that_every_reader_understands() -> None:
    uri = make_uri(parameters=TOTP, seed=SEED, issuer="한빛 기관", account="kim+otp@example.org")
    assert uri.reveal().decode() == (
        "otpauth://totp/%ED%95%9C%EB%B9%9B%20%EA%B8%B0%EA%B4%80:kim%2Botp%40example.org"
        "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=%ED%95%9C%EB%B9%9B%20%EA%B8%B0%EA%B4%80"
        "&algorithm=SHA1&digits=6&period=30"
    )


def test_a_counter_token_carries_its_counter() -> None:
    parameters = Parameters(kind=TokenKind.HOTP, algorithm=Algorithm.SHA256, digits=8)
    uri = make_uri(parameters=parameters, seed=SEED, issuer="A", account="b", counter=0).reveal().decode()
    assert uri.endswith("&algorithm=SHA256&digits=8&counter=0")


@pytest.mark.parametrize(
    ("issuer", "account", "counter", "kind", "field"),
    [
        ("", "b", None, TokenKind.TOTP, "issuer"),
        ("A", " ", None, TokenKind.TOTP, "account"),
        ("A\n", "b", None, TokenKind.TOTP, "issuer"),
        ("A", "b", None, TokenKind.HOTP, "counter"),
        ("A", "b", 2**64, TokenKind.HOTP, "counter"),
    ],
)
def test_a_uri_that_nobody_could_read_is_not_made(
    issuer: str, account: str, counter: int | None, kind: TokenKind, field: str
) -> None:
    parameters = Parameters(kind=kind, period_s=30 if kind is TokenKind.TOTP else None)
    with pytest.raises(Invalid) as caught:
        make_uri(parameters=parameters, seed=SEED, issuer=issuer, account=account, counter=counter)
    assert caught.value.field == field


@given(
    kind=st.sampled_from([TokenKind.HOTP, TokenKind.TOTP]),
    algorithm=st.sampled_from(Algorithm),
    digits=st.integers(6, 10),
    period_s=st.integers(15, 300),
    counter=st.integers(0, 2**64 - 1),
    seed=st.binary(min_size=1, max_size=64),
    issuer=names,
    account=names,
)
@example(TokenKind.TOTP, Algorithm.SHA1, 6, 30, 0, b"1" * 20, "A:B", "c:d")
@example(TokenKind.TOTP, Algorithm.SHA1, 6, 30, 0, b"1" * 20, "100%", "a%41+b")
def test_what_is_written_is_read_back(
    kind: TokenKind,
    algorithm: Algorithm,
    digits: int,
    period_s: int,
    counter: int,
    seed: bytes,
    issuer: str,
    account: str,
) -> None:
    is_totp = kind is TokenKind.TOTP
    parameters = Parameters(kind=kind, algorithm=algorithm, digits=digits, period_s=period_s if is_totp else None)
    next_counter = None if is_totp else counter
    uri = make_uri(parameters=parameters, seed=Secret(seed), issuer=issuer, account=account, counter=next_counter)
    expected = KeyUri(
        parameters=parameters, seed=Secret(seed), issuer=issuer, account=account, counter=next_counter, issuer_differs=False
    )
    assert parse_uri(uri.reveal().decode("ascii")) == expected


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    for uri in (text, f"otpauth://totp/{text}", f"otpauth://hotp/a?secret=JBSWY3DPEHPK3PXP&{text}"):
        with contextlib.suppress(OtpwardError):
            parse_uri(uri)


@given(row=st.sampled_from(ROWS), at=st.integers(0, 200), put=st.text(max_size=3))
def test_a_changed_uri_is_read_or_refused(row: dict[str, Any], at: int, put: str) -> None:
    with contextlib.suppress(OtpwardError):
        parse_uri(row["uri"][:at] + put + row["uri"][at + 1 :])


def test_the_key_for_typing_is_grouped_by_four() -> None:
    assert grouped_key(SEED).reveal() == b"GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
    assert grouped_key(Secret(b"12345")).reveal() == b"GEZD GNBV"
    assert grouped_key(Secret(b"1234")).reveal() == b"GEZD GNA"


@given(st.binary(min_size=1, max_size=256))
def test_base32_goes_there_and_back(octets: bytes) -> None:
    seed = Secret(octets)
    assert decode_base32(encode_base32(seed).reveal().decode()) == seed
    assert decode_base32(grouped_key(seed).reveal().decode().lower()) == seed
