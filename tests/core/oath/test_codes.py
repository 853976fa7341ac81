import subprocess
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otpward.core.errors import Invalid
from otpward.core.oath.hotp import hotp
from otpward.core.oath.model import Algorithm, Parameters, TokenKind
from otpward.core.oath.totp import time_step, totp
from otpward.core.secret import Secret
from tests.vectors.rows import rows

SEED = Secret(b"12345678901234567890")


def by_id(row: dict[str, Any]) -> str:
    return str(row["id"])


@pytest.mark.parametrize("row", rows("rfc4226/hotp.json"), ids=by_id)
def test_hotp_is_that_of_rfc_4226(row: dict[str, Any]) -> None:
    seed = Secret(bytes.fromhex(row["secret_hex"]))
    assert hotp(seed, row["counter"], algorithm=Algorithm.SHA1, digits=row["digits"]) == row["otp"]


@pytest.mark.parametrize("row", rows("rfc6238/totp.json"), ids=by_id)
def test_totp_is_that_of_rfc_6238(row: dict[str, Any]) -> None:
    seed = Secret(bytes.fromhex(row["secret_hex"]))
    now = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=row["unix_time"])
    algorithm = Algorithm(row["algorithm"].lower())
    assert time_step(now, row["period"]) == row["step"]
    assert totp(seed, now, algorithm=algorithm, digits=row["digits"], period_s=row["period"]) == row["otp"]


@pytest.mark.parametrize(
    ("seed_octets", "counter", "digits"),
    [(20, 0, 6), (20, 2**32, 7), (14, 2**63, 8), (64, 1, 6), (65, 9, 8), (128, 3, 6)],
    ids=["short", "beyond-32-bits", "beyond-63-bits", "one-block", "longer-than-a-block", "two-blocks"],
)
def test_hotp_is_that_of_oathtool(seed_octets: int, counter: int, digits: int) -> None:
    seed = bytes(range(seed_octets))
    command = ["oathtool", "--hotp", f"--counter={counter}", f"--digits={digits}", seed.hex()]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert hotp(Secret(seed), counter, algorithm=Algorithm.SHA1, digits=digits) == printed


@pytest.mark.parametrize("algorithm", list(Algorithm))
@pytest.mark.parametrize("moment", ["2026-11-23 09:00:29 UTC", "2038-01-19 03:14:08 UTC", "2106-02-07 06:28:16 UTC"])
@pytest.mark.parametrize("period_s", [30, 60])
def test_totp_is_that_of_oathtool(algorithm: Algorithm, moment: str, period_s: int) -> None:
    seed = bytes(range(100, 140))
    command = ["oathtool", f"--totp={algorithm}", f"--time-step-size={period_s}s", f"--now={moment}", "--digits=8", seed.hex()]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    now = datetime.fromisoformat(moment.removesuffix(" UTC")).replace(tzinfo=UTC)
    assert totp(Secret(seed), now, algorithm=algorithm, digits=8, period_s=period_s) == printed


@given(counter=st.integers(0, 2**64 - 1), digits=st.integers(6, 10), algorithm=st.sampled_from(Algorithm))
def test_a_code_has_exactly_its_digits(counter: int, digits: int, algorithm: Algorithm) -> None:
    code = hotp(SEED, counter, algorithm=algorithm, digits=digits)
    assert len(code) == digits
    assert code.isascii()
    assert code.isdigit()


@pytest.mark.parametrize("counter", [-1, 2**64])
def test_a_counter_beyond_eight_octets_is_refused(counter: int) -> None:
    with pytest.raises(Invalid) as caught:
        hotp(SEED, counter)
    assert caught.value.field == "counter"


def test_a_step_counts_whole_periods_wherever_the_clock_hangs() -> None:
    seoul = datetime(2026, 11, 23, 18, 0, 29, 999_999, tzinfo=timezone(timedelta(hours=9)))
    utc = seoul.astimezone(UTC)
    assert time_step(seoul, 30) == time_step(utc, 30)
    assert time_step(utc + timedelta(microseconds=1), 30) == time_step(utc, 30) + 1


@pytest.mark.parametrize("now", [datetime(2026, 1, 1), datetime(1969, 12, 31, tzinfo=UTC)], ids=["naive", "before-1970"])  # noqa: DTZ001  the naive one is the point
def test_a_time_that_is_no_moment_after_1970_is_refused(now: datetime) -> None:
    with pytest.raises(Invalid) as caught:
        time_step(now, 30)
    assert caught.value.field == "now"


@pytest.mark.parametrize(
    ("kind", "digits", "period_s", "field"),
    [
        (TokenKind.HOTP, 5, None, "digits"),
        (TokenKind.HOTP, 11, None, "digits"),
        (TokenKind.HOTP, 6, 30, "period_s"),
        (TokenKind.TOTP, 6, None, "period_s"),
        (TokenKind.TOTP, 6, 14, "period_s"),
        (TokenKind.TOTP, 6, 301, "period_s"),
    ],
)
def test_parameters_out_of_range_are_refused_by_name(kind: TokenKind, digits: int, period_s: int | None, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        Parameters(kind=kind, digits=digits, period_s=period_s)
    assert caught.value.field == field


@pytest.mark.parametrize("digits", [6, 10])
@pytest.mark.parametrize(("kind", "period_s"), [(TokenKind.HOTP, None), (TokenKind.TOTP, 15), (TokenKind.TOTP, 300)])
def test_parameters_at_the_edge_are_good(kind: TokenKind, period_s: int | None, digits: int) -> None:
    assert Parameters(kind=kind, digits=digits, period_s=period_s).digits == digits
