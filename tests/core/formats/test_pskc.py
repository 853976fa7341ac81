from datetime import UTC, datetime
from typing import Any

import pytest

from otpward.core.formats.faults import (
    BrokenSeedFile,
    SeedFileFault,
    SeedFileKeyNeeded,
    SeedFileNotAuthentic,
    SeedFileNotReadYet,
    UnknownSeedFile,
)
from otpward.core.formats.pskc import open_pskc, read_pskc
from otpward.core.formats.reading import collected
from otpward.core.formats.records import KeyKind, RowFault, SeedRecord, SignatureState, Unusable
from otpward.core.formats.unlock import Unlock
from otpward.core.oath.model import Algorithm, TokenKind
from otpward.core.secret import Secret
from tests.vectors.keys import private_key_pem
from tests.vectors.rows import octets, rows

KEYS = rows("rfc6030/keys.json")
NEGATIVES = rows("invalid/pskc.json")
NOW = datetime(2026, 11, 23, tzinfo=UTC)
FIGURE_6_KEY = Secret(bytes.fromhex("12345678901234567890123456789012"))
FIGURE_6 = octets("rfc6030/rfc6030-fig06-aes128-preshared.xml").decode()
PLAIN = octets("rfc6030/rfc6030-fig03-supplementary.xml").decode()
CERTIFICATE = octets("rfc6030/test-cert.crt")
CLOSED = sorted({row["file"] for row in KEYS if any(name.startswith("unlock") for name in row)})
SIGNED = ("own-signed.xml", "own-signed-rsa-sha256.xml", "rfc6030-fig09-as-printed.xml", "rfc6030-fig09-errata3418.xml")
SUITES = {None: Algorithm.SHA1, "HMAC-SHA256": Algorithm.SHA256, "HMAC-SHA512": Algorithm.SHA512}


def by_file(row: dict[str, Any]) -> str:
    return f"{row['file']}-{row.get('index', row.get('reason', ''))}"


def written(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def test_the_tables_are_whole() -> None:
    assert (len(KEYS), len(NEGATIVES)) == (30, 23)


def unlock_of(row: dict[str, Any]) -> Unlock:
    return Unlock(
        key=Secret(bytes.fromhex(row["unlock_key_hex"])) if "unlock_key_hex" in row else None,
        password=Secret(row["unlock_password"].encode()) if "unlock_password" in row else None,
        private_key=Secret(private_key_pem()) if "unlock_private_key" in row else None,
        unverified=row["file"] in SIGNED,
    )


@pytest.mark.parametrize("row", KEYS, ids=by_file)
def test_each_key_decodes_as_listed(row: dict[str, Any]) -> None:
    result = collected(open_pskc([octets(f"rfc6030/{row['file']}")], unlock_of(row)))
    expected_signature = SignatureState.NOT_VERIFIED if row["file"] in SIGNED else SignatureState.NONE
    assert result.signature is expected_signature
    number = row["index"] + 1
    if row["expect"] == "not-a-token":
        [refused] = [error for error in result.refused if error.row == number]
        assert refused.reason is RowFault.NOT_A_TOKEN
        return
    [record] = [record for record in result.records if record.row == number]
    check_record(record, row)


def check_record(record: SeedRecord, row: dict[str, Any]) -> None:
    assert record.serial == row.get("serial")
    assert record.key_id == row["key_id"]
    assert record.manufacturer == row.get("manufacturer")
    assert record.model == row.get("model")
    assert record.issuer == row["issuer"]
    assert record.key_user == row.get("key_user")
    assert record.device_user == row.get("device_user")
    assert record.kind == row["algorithm"].rpartition(":")[2]
    assert record.digits == row.get("digits", 6)
    assert record.suite == row.get("suite")
    assert record.period_s == row.get("period")
    assert record.drift_steps == row.get("time_drift", 0)
    assert written(record.valid_from) == row.get("start")
    assert written(record.valid_until) == row.get("expiry")
    if record.kind is KeyKind.OCRA:
        assert record.algorithm is Algorithm.SHA512
        assert record.parameters.kind is TokenKind.OCRA
    else:
        assert record.algorithm is SUITES[row.get("suite")]
        assert record.parameters.digits == record.digits
    if record.kind is not KeyKind.TOTP:
        assert record.counter == row.get("counter", 0)
    if row["expect"] == "import-without-secret":
        assert record.seed is None
        assert record.unusable_because is Unusable.NO_SECRET
    else:
        assert record.seed == Secret(bytes.fromhex(row["secret_hex"]))
        assert record.usable
    if "in the past" in row.get("note", ""):
        assert not record.valid_at(NOW)


@pytest.mark.parametrize("name", CLOSED)
def test_an_encrypted_file_says_what_it_needs(name: str) -> None:
    with pytest.raises(SeedFileKeyNeeded, match=r"is needed|needs") as caught:
        read_pskc(octets(f"rfc6030/{name}"))
    assert caught.value.where is not None
    assert caught.value.node is None


@pytest.mark.parametrize("name", CLOSED)
def test_with_another_key_nothing_is_read(name: str) -> None:
    wrong = Unlock(key=Secret(bytes(16)), password=Secret(b"qwertz"), private_key=Secret(private_key_pem(other=True)))
    with pytest.raises((SeedFileNotAuthentic, SeedFileKeyNeeded)):
        collected(open_pskc([octets(f"rfc6030/{name}")], wrong))


@pytest.mark.parametrize("name", ["own-signed.xml", "own-signed-rsa-sha256.xml"])
def test_a_signature_of_the_known_signer_is_verified(name: str) -> None:
    result = collected(open_pskc([octets(f"rfc6030/{name}")], Unlock(signer=CERTIFICATE)))
    assert result.signature is SignatureState.VERIFIED
    assert result.records


@pytest.mark.parametrize(
    "name",
    [
        "invalid/neg-signed-tampered.xml",
        "invalid/neg-signed-untrusted.xml",
        "rfc6030/rfc6030-fig09-errata3418.xml",
        "rfc6030/rfc6030-fig09-as-printed.xml",
        "rfc6030/rfc6030-fig03-supplementary.xml",
    ],
)
def test_where_a_signer_is_named_nobody_elses_file_is_taken(name: str) -> None:
    with pytest.raises(SeedFileFault) as caught:
        collected(open_pskc([octets(name)], Unlock(signer=CERTIFICATE, unverified=True)))
    assert isinstance(caught.value, SeedFileNotAuthentic | SeedFileNotReadYet)


@pytest.mark.parametrize(
    "old_new", [(b"TT000001", b"TT000009"), (b"<pskc:Model>T-100", b"<pskc:Model >T-101"), (b" Id=", b" id=")]
)
def test_a_change_anywhere_breaks_the_signature(old_new: tuple[bytes, bytes]) -> None:
    data = octets("rfc6030/own-signed-rsa-sha256.xml")
    assert old_new[0] in data
    with pytest.raises(SeedFileNotAuthentic):
        collected(open_pskc([data.replace(*old_new, 1)], Unlock(signer=CERTIFICATE)))


def test_white_space_inside_a_tag_is_no_change() -> None:
    data = octets("rfc6030/own-signed-rsa-sha256.xml").replace(b"<pskc:SerialNo>", b"<pskc:SerialNo  >")
    assert collected(open_pskc([data], Unlock(signer=CERTIFICATE))).signature is SignatureState.VERIFIED


@pytest.mark.parametrize("name", SIGNED)
def test_a_signed_file_is_not_taken_unverified_by_default(name: str) -> None:
    with pytest.raises(SeedFileNotReadYet, match="signature"):
        read_pskc(octets(f"rfc6030/{name}"))


def taken(data: bytes, key: Secret | None) -> tuple[SeedRecord, ...]:
    """The records of a file, none if it was refused as a whole; then the fault says where."""
    try:
        result = read_pskc(data, key=key)
    except SeedFileFault as fault:
        if fault.where is None and "signature" not in fault.message:
            raise
        return ()
    assert len(result.records) + len(result.refused) == 1
    return result.records


@pytest.mark.parametrize("row", NEGATIVES, ids=by_file)
def test_each_bad_file_gets_its_verdict(row: dict[str, Any]) -> None:
    name, reason = row["file"], row["reason"]
    data = octets(f"{'invalid' if name.startswith('neg-') else 'rfc6030'}/{name}")
    key = FIGURE_6_KEY if "fig06" in name else None
    if "no key" in reason:
        key = None
    elif "wrong key" in reason:
        key = Secret(bytes.fromhex(reason.rpartition(" ")[2]))
    match row["expect"]:
        case "refuse":
            assert taken(data, key) == ()
        case "refuse-second":
            result = read_pskc(data)
            assert [record.row for record in result.records] == [1]
            assert [(error.row, error.reason) for error in result.refused] == [(2, RowFault.DUPLICATE)]
        case "import-not-usable":
            [record] = read_pskc(data).records
            assert not record.usable
        case "import-expired":
            [record] = read_pskc(data).records
            assert not record.valid_at(NOW)
        case other:
            pytest.fail(other)


@pytest.mark.parametrize(
    ("name", "fault", "where"),
    [
        ("neg-bad-base64.xml", BrokenSeedFile, "key 1 (987654321), line 14"),
        ("neg-counter-not-a-number.xml", BrokenSeedFile, "key 1 (987654321), line 16"),
        ("neg-entity-expansion.xml", BrokenSeedFile, "line 2"),
        ("neg-external-entity.xml", BrokenSeedFile, "line 2"),
        ("neg-no-version.xml", BrokenSeedFile, "line 2"),
        ("neg-version-2.xml", BrokenSeedFile, "line 2"),
        ("neg-not-xml.xml", BrokenSeedFile, "line 1"),
        ("neg-truncated.xml", BrokenSeedFile, "line 12"),
        ("neg-wrong-root.xml", UnknownSeedFile, "line 2"),
    ],
)
def test_a_fault_names_the_line_or_the_key(name: str, fault: type[SeedFileFault], where: str) -> None:
    with pytest.raises(fault) as caught:
        read_pskc(octets(f"invalid/{name}"))
    assert caught.value.where == where
    assert str(caught.value).startswith(f"{where}: ")


def test_an_encrypted_file_asks_for_its_key() -> None:
    with pytest.raises(SeedFileKeyNeeded) as caught:
        read_pskc(FIGURE_6.encode())
    assert caught.value.field == "key"


def test_a_key_of_the_wrong_length_is_told_which_is_needed() -> None:
    with pytest.raises(SeedFileKeyNeeded, match="32 octets, this file needs one of 16"):
        read_pskc(FIGURE_6.encode(), key=Secret(bytes(32)))


@pytest.mark.parametrize("name", ["neg-fig06-mac-tampered.xml", "neg-fig06-value-tampered.xml"])
def test_a_changed_value_is_found_before_anything_is_returned(name: str) -> None:
    with pytest.raises(SeedFileNotAuthentic, match="ValueMAC"):
        read_pskc(octets(f"invalid/{name}"), key=FIGURE_6_KEY)


def test_the_transport_key_checks_where_there_is_no_mac_key() -> None:
    """RFC 6030 §6.1.1. The check value was computed with `openssl dgst -sha1 -mac HMAC` over vector and value."""
    start, end = FIGURE_6.index("<MACKey>"), FIGURE_6.index("</MACKey>") + len("</MACKey>")
    without = FIGURE_6[:start] + FIGURE_6[end:]
    with pytest.raises(SeedFileNotAuthentic):
        read_pskc(without.encode(), key=FIGURE_6_KEY)
    changed = without.replace("Su+NvtQfmvfJzF6bmQiJqoLRExc=", "N8Agsfe5A7WQFswmdvL/MHdd3y0=")
    [record] = read_pskc(changed.encode(), key=FIGURE_6_KEY).records
    assert record.seed == Secret(b"12345678901234567890")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("<ValueMAC>Su+NvtQfmvfJzF6bmQiJqoLRExc=\n          </ValueMAC>", "", BrokenSeedFile),
        ("<ValueMAC>Su+NvtQfmvfJzF6bmQiJqoLRExc=", "<ValueMAC>", SeedFileNotAuthentic),
        ("xmldsig#hmac-sha1", "xmldsig#hmac-md5", SeedFileNotReadYet),
        ("xmlenc#aes128-cbc", "xmlenc#tripledes-cbc", SeedFileNotAuthentic),
        ("xmlenc#aes128-cbc", "xmlenc#aes192-cbc", SeedFileKeyNeeded),
        ("ESIzRFVmd4iZABEiM0RVZgKn6WjLaTC1sbeBMSvIhRejN9vJa2BOlSaMrR7I5wSX", "ESIzRFVmd4iZABEiM0RVZg==", SeedFileNotAuthentic),
        ("<EncryptionKey><ds:KeyName>Pre-shared-key</ds:KeyName></EncryptionKey>", "", None),
        ("<EncryptionKey>", "<EncryptionKey><ds:KeyValue/>", SeedFileNotReadYet),
        ("<Secret>", "<Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue>", BrokenSeedFile),
    ],
    ids=[
        "no-mac",
        "empty-mac",
        "other-mac",
        "3des",
        "aes192",
        "short-mac-key",
        "no-key-name",
        "key-value",
        "plain-and-encrypted",
    ],
)
def test_protection_is_all_there_or_the_file_is_refused(old: str, new: str, fault: type[SeedFileFault] | None) -> None:
    assert old in FIGURE_6
    data = FIGURE_6.replace(old, new).encode()
    if fault is None:
        assert len(read_pskc(data, key=FIGURE_6_KEY).records) == 1
        return
    with pytest.raises(fault):
        read_pskc(data, key=FIGURE_6_KEY)


def test_an_encrypted_value_without_a_mac_method_is_refused() -> None:
    start, end = FIGURE_6.index("<MACMethod"), FIGURE_6.index("</MACMethod>") + len("</MACMethod>")
    with pytest.raises(BrokenSeedFile, match="MACMethod"):
        read_pskc((FIGURE_6[:start] + FIGURE_6[end:]).encode(), key=FIGURE_6_KEY)


def test_how_it_is_protected_must_stand_before_the_keys() -> None:
    start, end = FIGURE_6.index("<MACMethod"), FIGURE_6.index("</MACMethod>") + len("</MACMethod>")
    method = FIGURE_6[start:end]
    moved = FIGURE_6.replace(method, "").replace("</KeyContainer>", f"{method}</KeyContainer>")
    with pytest.raises(BrokenSeedFile):
        read_pskc(moved.encode(), key=FIGURE_6_KEY)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('Length="8"', 'Length="5"', RowFault.DIGITS),
        ('Length="8"', 'Length="11"', RowFault.DIGITS),
        ('Encoding="DECIMAL"', 'Encoding="HEXADECIMAL"', RowFault.RESPONSE_FORMAT),
        ('Encoding="DECIMAL"', 'Encoding="DECIMAL" CheckDigits="true"', RowFault.RESPONSE_FORMAT),
        ("<AlgorithmParameters>", "<AlgorithmParameters><Suite>HMAC-MD5</Suite>", RowFault.UNKNOWN_HASH),
        ("<PlainValue>0<", "<PlainValue>-1<", RowFault.COUNTER),
        ("<PlainValue>0<", "<PlainValue>9223372036854775808<", RowFault.COUNTER),
        ("pskc:hotp", "pskc:HOTP", RowFault.UNKNOWN_ALGORITHM),
        ("<SerialNo>987654321<", f"<SerialNo>{'9' * 200}<", RowFault.BAD_SERIAL),
    ],
)
def test_a_key_that_cannot_be_a_token_is_accounted_for(old: str, new: str, reason: RowFault) -> None:
    assert old in PLAIN
    result = read_pskc(PLAIN.replace(old, new).encode())
    assert result.records == ()
    assert [(error.row, error.reason) for error in result.refused] == [(1, reason)]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("<Time><PlainValue>1</PlainValue></Time>", RowFault.TIME_OFFSET),
        ("<TimeInterval><PlainValue>10</PlainValue></TimeInterval>", RowFault.PERIOD),
        ("<TimeDrift><PlainValue>-2881</PlainValue></TimeDrift>", RowFault.TIME_OFFSET),
    ],
)
def test_a_time_key_out_of_range_is_refused(data: str, reason: RowFault) -> None:
    changed = PLAIN.replace("pskc:hotp", "pskc:totp").replace("</Data>", f"{data}</Data>")
    assert [error.reason for error in read_pskc(changed.encode()).refused] == [reason]


@pytest.mark.parametrize(
    ("policy", "unusable"),
    [
        ("<KeyUsage>OTP</KeyUsage><KeyUsage>CR</KeyUsage>", None),
        ("<KeyUsage>CR</KeyUsage>", Unusable.USAGE_NOT_OTP),
        ('<PINPolicy PINUsageMode="Local"/>', None),
        ('<PINPolicy MinLength="4"/>', None),
        ('<PINPolicy PINUsageMode="Append"/>', Unusable.PIN_AT_SERVER),
        ('<PINPolicy PINUsageMode="Local"><x:More xmlns:x="urn:x"/></PINPolicy>', Unusable.UNKNOWN_POLICY),
        ("<OnlyOnTuesdays/>", Unusable.UNKNOWN_POLICY),
    ],
)
def test_what_a_policy_does_not_allow_clearly_is_forbidden(policy: str, unusable: Unusable | None) -> None:
    [record] = read_pskc(PLAIN.replace("</Data>", f"</Data><Policy>{policy}</Policy>").encode()).records
    assert record.unusable_because is unusable


def test_the_narrower_dates_of_key_and_device_hold() -> None:
    device = "<StartDate>2026-01-01T00:00:00</StartDate><ExpiryDate>2031-01-01T09:00:00+09:00</ExpiryDate></DeviceInfo>"
    policy = "<Policy><StartDate>2025-01-01T00:00:00Z</StartDate><ExpiryDate>2032-01-01T00:00:00Z</ExpiryDate></Policy></Key>"
    [record] = read_pskc(PLAIN.replace("</DeviceInfo>", device).replace("</Key>", policy).encode()).records
    assert record.valid_from == datetime(2026, 1, 1, tzinfo=UTC)
    assert record.valid_until == datetime(2031, 1, 1, tzinfo=UTC)
    assert record.valid_at(NOW)
    assert not record.valid_at(datetime(2025, 6, 1, tzinfo=UTC))
    assert not record.valid_at(datetime(2031, 6, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "date", ["2026-13-01T00:00:00Z", "2026-01-01", "20260101T000000Z", "soon", "0001-01-01T00:00:00+14:00"]
)
def test_a_date_that_is_none_breaks_the_file(date: str) -> None:
    policy = f"<Policy><StartDate>{date}</StartDate></Policy></Key>"
    with pytest.raises(BrokenSeedFile, match="StartDate"):
        read_pskc(PLAIN.replace("</Key>", policy).encode())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<Data>", "<Data><Secret><PlainValue>MTIzNDU2Nzg5MDEy</PlainValue></Secret>"),
        ("<PlainValue>0</PlainValue>", "<PlainValue>0</PlainValue><PlainValue>1</PlainValue>"),
        ("<PlainValue>0</PlainValue>", ""),
        ("<PlainValue>0</PlainValue>", "<PlainValue><x>0</x></PlainValue>"),
        ("<Issuer>Issuer", "<Issuer>" + "x" * 256),
        ("</KeyPackage>", "</KeyPackage>text"),
        ("</KeyPackage>", "</KeyPackage><KeyPackages/>"),
        ('Length="8"', 'Length="eight"'),
        ('Length="8"', ""),
    ],
)
def test_a_file_that_breaks_the_format_is_refused(old: str, new: str) -> None:
    assert old in PLAIN
    with pytest.raises(BrokenSeedFile):
        read_pskc(PLAIN.replace(old, new).encode())


def test_an_unknown_element_beside_a_value_changes_nothing() -> None:
    assert read_pskc(PLAIN.replace("<Secret>", "<Secret><x/>").encode()) == read_pskc(PLAIN.encode())


@pytest.mark.parametrize(
    "inner",
    ["<x>" * 40 + "</x>" * 40, "<x/>" * 3000, "x" * 300_000],
    ids=["deep", "wide", "long"],
)
def test_a_key_out_of_bounds_is_refused(inner: str) -> None:
    with pytest.raises(BrokenSeedFile):
        read_pskc(PLAIN.replace("<Data>", f"<Extensions>{inner}</Extensions><Data>").encode())


def test_a_container_without_keys_is_refused() -> None:
    with pytest.raises(UnknownSeedFile, match="no key"):
        read_pskc(b'<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc"/>')


def test_many_keys_are_read_in_their_order() -> None:
    start, end = PLAIN.index("<KeyPackage>"), PLAIN.index("</KeyContainer>")
    package = PLAIN[start:end]
    many = "".join(package.replace("987654321", f"SN{number:06}") for number in range(1, 1001))
    result = read_pskc((PLAIN[:start] + many + PLAIN[end:]).encode())
    assert [record.serial for record in result.records] == [f"SN{number:06}" for number in range(1, 1001)]
    assert [record.row for record in result.records] == list(range(1, 1001))


def test_a_key_without_serial_is_named_by_its_id() -> None:
    [record] = read_pskc(octets("rfc6030/rfc6030-fig02-plain.xml")).records
    assert record.serial is None
    assert record.name == "12345678"
    assert record.weak_secret


def test_a_key_with_neither_serial_nor_id_is_refused() -> None:
    nameless = PLAIN.replace("<SerialNo>987654321</SerialNo>", "").replace('Id="12345678"', "")
    assert [error.reason for error in read_pskc(nameless.encode()).refused] == [RowFault.NO_NAME]
