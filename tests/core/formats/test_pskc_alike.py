"""Keys that are alike are judged once; one that differs in anything is read for itself, whatever stands before it."""

from dataclasses import replace

import pytest

from otpward.core.formats.faults import BrokenSeedFile, SeedFileFault, SeedFileNotAuthentic
from otpward.core.formats.pskc import read_pskc
from otpward.core.formats.records import RowError, RowFault, SeedRecord
from otpward.core.secret import Secret
from tests.vectors.rows import octets

KEY = Secret(bytes.fromhex("12345678901234567890123456789012"))
PLAIN = octets("rfc6030/rfc6030-fig03-supplementary.xml").decode()
CLOSED = octets("rfc6030/rfc6030-fig06-aes128-preshared.xml").decode()
POLICY = "<Policy><StartDate>2026-01-01T00:00:00Z</StartDate><KeyUsage>OTP</KeyUsage></Policy></Key>"
DATED = PLAIN.replace("</Key>", POLICY)


def package_of(text: str) -> str:
    return text[text.index("<KeyPackage>") : text.index("</KeyPackage>") + len("</KeyPackage>")]


def with_packages(text: str, *packages: str) -> str:
    return text.replace(package_of(text), "\n".join(packages))


def numbered(package: str, number: int) -> str:
    return package.replace("<SerialNo>987654321<", f"<SerialNo>SN{number}<").replace('Id="12345678"', f'Id="K{number}"')


def first_of(text: str) -> SeedRecord | RowError:
    return rows_of(text)[0]


def rows_of(text: str) -> list[SeedRecord | RowError]:
    result = read_pskc(text.encode(), key=KEY)
    return sorted([*result.records, *result.refused], key=lambda row: row.row)


CHANGES = {
    "digits": ('Length="8"', 'Length="6"'),
    "digits out of range": ('Length="8"', 'Length="11"'),
    "check digit": ('Encoding="DECIMAL"', 'Encoding="DECIMAL" CheckDigits="true"'),
    "hash": ("<AlgorithmParameters>", "<AlgorithmParameters><Suite>HMAC-SHA256</Suite>"),
    "counter": ("<PlainValue>0<", "<PlainValue>7<"),
    "counter out of range": ("<PlainValue>0<", "<PlainValue>9223372036854775808<"),
    "kind": ("pskc:hotp", "pskc:totp"),
    "unknown kind": ("pskc:hotp", "pskc:other"),
    "maker": ("<Manufacturer>Manufacturer<", "<Manufacturer>Another<"),
    "no maker": ("<Manufacturer>Manufacturer</Manufacturer>", ""),
    "issuer": ("<Issuer>Issuer<", "<Issuer>Another<"),
    "user": ("UID=jsmith", "UID=other"),
    "user of the device": ("<UserId>DC=example-bank", "<UserId>DC=other"),
    "begin": ("2026-01-01", "2027-01-01"),
    "usage": ("<KeyUsage>OTP<", "<KeyUsage>Encrypt<"),
    "unknown rule": ("<KeyUsage>OTP</KeyUsage>", "<KeyUsage>OTP</KeyUsage><Else/>"),
    "no secret": ("<Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=\n        </PlainValue></Secret>", ""),
    "seed": ("MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTE="),
    "seed of no length": ("MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=", "MTI="),
    "serial too long": ("<SerialNo>SN2<", f"<SerialNo>{'9' * 200}<"),
    "nothing but serial and id": ("", ""),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_after_others_a_key_says_what_it_says_alone(change: tuple[str, str]) -> None:
    packages = [numbered(package_of(DATED), number) for number in range(3)]
    changed = packages[2].replace(*change) if change[0] else packages[2]
    assert changed != packages[2] or not change[0]
    alone = first_of(with_packages(DATED, changed))
    rows = rows_of(with_packages(DATED, *packages[:2], changed, packages[2].replace("SN2", "SN4")))
    third, last = rows[2], rows[3]
    if isinstance(alone, SeedRecord):
        assert third == replace(alone, row=3)
    else:
        assert isinstance(third, RowError)
        assert (third.reason, third.serial) == (alone.reason, alone.serial)
    assert isinstance(last, SeedRecord)
    assert replace(last, row=1, serial="SN0", key_id="K0") == first_of(with_packages(DATED, packages[0]))


DAMAGE: dict[str, tuple[str, str, type[SeedFileFault]]] = {
    "a value twice": ("<Counter>", "<Counter><PlainValue>0</PlainValue></Counter><Counter>", BrokenSeedFile),
    "two secrets": ("<Data>", "<Data><Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ=</PlainValue></Secret>", BrokenSeedFile),
    "two serials": ("<DeviceInfo>", "<DeviceInfo><SerialNo>0</SerialNo>", BrokenSeedFile),
    "no base64": ("MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA", BrokenSeedFile),
    "an element in the seed": ("MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=", "<A/>", BrokenSeedFile),
    "no date": ("2026-01-01", "2026-13-01", BrokenSeedFile),
    "no number": ("<PlainValue>0<", "<PlainValue>x<", BrokenSeedFile),
}


@pytest.mark.parametrize(("old", "new", "fault"), DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_is_found_after_a_thousand_alike(old: str, new: str, fault: type[SeedFileFault]) -> None:
    packages = [numbered(package_of(DATED), number) for number in range(1000)]
    assert old in packages[-1]
    packages[-1] = packages[-1].replace(old, new)
    with pytest.raises(fault, match=r"key 1000"):
        read_pskc(with_packages(DATED, *packages).encode())


def test_each_check_value_is_compared() -> None:
    packages = [numbered(package_of(CLOSED), number) for number in range(5)]
    seeds = {
        record.seed.reveal() for record in read_pskc(with_packages(CLOSED, *packages).encode(), key=KEY).records if record.seed
    }
    assert seeds == {b"12345678901234567890"}
    packages[3] = packages[3].replace("<ValueMAC>Su", "<ValueMAC>Tu")
    with pytest.raises(SeedFileNotAuthentic, match="key 4"):
        read_pskc(with_packages(CLOSED, *packages).encode(), key=KEY)


def test_a_double_is_told_among_keys_that_are_alike() -> None:
    packages = [numbered(package_of(PLAIN), number) for number in (1, 2, 1, 3)]
    result = read_pskc(with_packages(PLAIN, *packages).encode())
    assert [record.serial for record in result.records] == ["SN1", "SN2", "SN3"]
    assert [(row.row, row.reason) for row in result.refused] == [(3, RowFault.DUPLICATE)]


def test_more_kinds_of_keys_than_are_remembered_are_all_read() -> None:
    packages = [numbered(package_of(PLAIN), n).replace("<PlainValue>0<", f"<PlainValue>{n}<") for n in range(200)]
    result = read_pskc(with_packages(PLAIN, *packages, *[one.replace("SN", "TN") for one in packages]).encode())
    assert [record.counter for record in result.records] == [*range(200), *range(200)]
