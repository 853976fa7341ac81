import pytest

from otpward.core.formats.faults import BrokenSeedFile, UnknownSeedFile
from otpward.core.formats.oath_csv import read_oath_csv
from otpward.core.formats.records import KeyKind, RowFault, SeedFormat
from otpward.core.oath.model import Algorithm
from otpward.core.secret import Secret

HEX = "3132333435363738393031323334353637383930"
SEED = Secret(b"12345678901234567890")


def test_a_list_with_everything_is_read() -> None:
    text = (
        "\ufeff# tokens of delivery 7\r\n"
        "Serial, Seed, Type, Digits, Period or counter, Hash\r\n"
        f"HB-0001, {HEX}, TOTP, 6, 30\r\n"
        "\r\n"
        f'"HB-0002","{HEX.upper()}","hotp","8","42","SHA1"\r\n'
        f"HB-0003,{HEX},Totp,8,60,sha-256\r\n"
        f"HB-0004,{HEX},totp,10,300,SHA512"
    )
    result = read_oath_csv(text.encode())
    assert result.format is SeedFormat.OATH_CSV
    assert result.refused == ()
    assert [(r.row, r.serial, r.kind, r.digits, r.period_s, r.counter, r.algorithm) for r in result.records] == [
        (3, "HB-0001", KeyKind.TOTP, 6, 30, None, Algorithm.SHA1),
        (5, "HB-0002", KeyKind.HOTP, 8, None, 42, Algorithm.SHA1),
        (6, "HB-0003", KeyKind.TOTP, 8, 60, None, Algorithm.SHA256),
        (7, "HB-0004", KeyKind.TOTP, 10, 300, None, Algorithm.SHA512),
    ]
    assert all(record.seed == SEED and record.usable for record in result.records)


@pytest.mark.parametrize(
    "heading", ["", "serial;seed;type;digits;period\n", "일련번호;키;종류;자리;주기\n", "Serial_No.;a;b;c;d\n"]
)
def test_semicolons_and_headings_are_known(heading: str) -> None:
    [record] = read_oath_csv(f"{heading}S1;{HEX};TOTP;6;30\n".encode()).records
    assert record.serial == "S1"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"S1,{HEX},TOTP,6", RowFault.COLUMNS),
        (f"S1,{HEX},TOTP,6,30,sha1,extra", RowFault.COLUMNS),
        (f",{HEX},TOTP,6,30", RowFault.NO_NAME),
        (f"{HEX},S1,TOTP,6,30", RowFault.BAD_SERIAL),
        (f"{'9' * 129},{HEX},TOTP,6,30", RowFault.BAD_SERIAL),
        (f"S\x07,{HEX},TOTP,6,30", RowFault.BAD_SERIAL),
        (f"S1,{HEX}0,TOTP,6,30", RowFault.BAD_SEED),
        (f"S1,0x{HEX},TOTP,6,30", RowFault.BAD_SEED),
        (f"S1,{HEX[:20]} {HEX[20:]},TOTP,6,30", RowFault.BAD_SEED),
        ("S1,,TOTP,6,30", RowFault.BAD_SEED),
        ("S1,313233,TOTP,6,30", RowFault.SEED_LENGTH),
        (f"S1,{'31' * 257},TOTP,6,30", RowFault.SEED_LENGTH),
        (f"S1,{HEX},OCRA,6,30", RowFault.UNKNOWN_ALGORITHM),
        (f"S1,TOTP,{HEX},6,30", RowFault.BAD_SEED),
        (f"S1,{HEX},TOTP,5,30", RowFault.DIGITS),
        (f"S1,{HEX},TOTP,11,30", RowFault.DIGITS),
        (f"S1,{HEX},TOTP,six,30", RowFault.DIGITS),
        (f"S1,{HEX},TOTP,６,30", RowFault.DIGITS),
        (f"S1,{HEX},TOTP,6,14", RowFault.PERIOD),
        (f"S1,{HEX},TOTP,6,301", RowFault.PERIOD),
        (f"S1,{HEX},TOTP,6,", RowFault.PERIOD),
        (f"S1,{HEX},HOTP,6,-1", RowFault.COUNTER),
        (f"S1,{HEX},HOTP,6,9223372036854775808", RowFault.COUNTER),
        (f"S1,{HEX},HOTP,6,soon", RowFault.COUNTER),
        (f"S1,{HEX},TOTP,6,30,MD5", RowFault.UNKNOWN_HASH),
        (f"S0,{HEX},TOTP,6,30", RowFault.DUPLICATE),
    ],
)
def test_a_bad_line_is_reported_by_number_and_the_others_are_taken(line: str, reason: RowFault) -> None:
    result = read_oath_csv(f"S0,{HEX},TOTP,6,30\n{line}\nS9,{HEX},HOTP,6,0\n".encode())
    assert [record.serial for record in result.records] == ["S0", "S9"]
    [error] = result.refused
    assert (error.row, error.reason) == (2, reason)
    assert error.message.startswith("line 2: ")
    assert HEX not in f"{error}"


def test_a_serial_whose_first_line_was_bad_may_come_again() -> None:
    result = read_oath_csv(f"S1,zz,TOTP,6,30\nS1,{HEX},TOTP,6,30\n".encode())
    assert [record.row for record in result.records] == [2]


def test_a_long_decimal_serial_is_no_seed() -> None:
    [record] = read_oath_csv(f"89820012345678901234,{HEX},TOTP,6,30\n".encode()).records
    assert record.serial == "89820012345678901234"


def test_a_file_in_another_encoding_is_told_what_to_do() -> None:
    with pytest.raises(BrokenSeedFile, match="UTF-8"):
        read_oath_csv("일련번호,키\n".encode("cp949"))


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "serial,seed,type,digits,period\n"])
def test_a_list_without_tokens_is_refused(text: str) -> None:
    with pytest.raises(UnknownSeedFile):
        read_oath_csv(text.encode())


def test_an_endless_line_is_refused_with_its_number() -> None:
    with pytest.raises(BrokenSeedFile) as caught:
        read_oath_csv(f"S1,{HEX},TOTP,6,30\nS2,{'3' * 5000}\n".encode())
    assert caught.value.where == "line 2"
