"""Containers from before the RFC, and as makers write them, give the same records."""

import pytest

from otpward.core.formats.faults import SeedFileNotAuthentic, SeedFileNotReadYet
from otpward.core.formats.pskc import read_pskc
from otpward.core.formats.records import KeyKind, RowFault, SeedRecord
from otpward.core.secret import Secret
from tests.vectors.rows import octets

SEED = Secret(b"12345678901234567890")
KEY = Secret(bytes([0x0F]) * 16)


def read(name: str, **changes: tuple[str, str]) -> list[SeedRecord]:
    text = octets(f"drafts/{name}").decode()
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new)
    return list(read_pskc(text.encode(), key=KEY).records)


@pytest.mark.parametrize(
    ("name", "serial", "kind", "digits", "moving"),
    [
        ("pskc-1.0-totp.xml", "987654323", KeyKind.TOTP, 6, 60),
        ("pskc-1.0-ocra.xml", "987654322", KeyKind.OCRA, 8, 7),
        ("oath-2006-secret-container.xml", "98765432187", KeyKind.HOTP, 6, 12),
        ("actividentity-container-1.0.xml", "0950380269", KeyKind.HOTP, 8, 42),
        ("feitian-c200.xml", "2600215704919", KeyKind.TOTP, 6, 60),
        ("nagraid-ocra.xml", "306EUO4-00960", KeyKind.OCRA, 6, 0),
        ("yubico-aes-and-hotp.xml", "283600", KeyKind.HOTP, 6, 0),
    ],
)
def test_a_container_of_this_shape_is_read(name: str, serial: str, kind: KeyKind, digits: int, moving: int) -> None:
    [record] = read(name)
    assert (record.serial, record.kind, record.digits, record.seed) == (serial, kind, digits, SEED)
    assert (record.period_s if kind is KeyKind.TOTP else record.counter) == moving
    assert record.usable


def test_dates_and_drift_of_a_draft_are_kept() -> None:
    [record] = read("pskc-1.0-totp.xml")
    assert record.drift_steps == 4
    assert record.valid_from is not None
    assert record.valid_until is not None


def test_a_key_that_is_not_oath_is_accounted_for() -> None:
    [refused] = read_pskc(octets("drafts/yubico-aes-and-hotp.xml")).refused
    assert (refused.row, refused.serial, refused.reason) == (1, "283599", RowFault.UNKNOWN_ALGORITHM)


def test_a_usage_without_otp_is_not_usable() -> None:
    [record] = read("pskc-1.0-totp.xml", usage=('OTP="true"', 'Encrypt="true"'))
    assert not record.usable


def test_the_late_drafts_in_the_rfcs_own_namespace_are_read() -> None:
    [record] = read("pskc-1.0-totp.xml", namespace=("keyprov:pskc:1.0", "keyprov:pskc"))
    assert record.seed == SEED


@pytest.mark.parametrize(("old", "new"), [("AAAAAAAAACo=", "AAAAAAAAACs="), ("<ValueDigest>", "<ValueDigest>AAAA")])
def test_a_changed_check_value_is_found(old: str, new: str) -> None:
    if "Digest" not in old:
        assert read("actividentity-container-1.0.xml", change=(old, new))[0].counter == 43
        return
    with pytest.raises(SeedFileNotAuthentic):
        read("actividentity-container-1.0.xml", change=(old, new))


def test_another_key_is_found() -> None:
    with pytest.raises(SeedFileNotAuthentic):
        read_pskc(octets("drafts/actividentity-container-1.0.xml"), key=Secret(bytes(16)))


def test_the_password_encryption_of_the_first_drafts_is_named() -> None:
    with pytest.raises(SeedFileNotReadYet, match="PBE-3DES112"):
        read("oath-2006-secret-container.xml", method=('algorithm="NONE"', 'algorithm="PBE-3DES112-CBC"'))
