"""Lists of other makers and servers: each line is a record or a refusal."""

from typing import Any

import pytest

from otpward.core.formats.detect import open_seed_file, read_seed_file
from otpward.core.formats.faults import BrokenSeedFile, SeedFileDeclined, SeedFileFault
from otpward.core.formats.reading import collected
from otpward.core.formats.records import KeyKind, ReadResult, RowFault, SeedFormat
from otpward.core.oath.model import Algorithm
from otpward.core.secret import Secret
from tests.vectors.rows import rows

HEX = "3132333435363738393031323334353637383930"
BASE32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
SEED = Secret(b"12345678901234567890")
URIS = rows("otpauth/uris.json")
TRANSFERS = rows("otpauth/otpauth-migration.json")
ACCOUNTS = rows("otpauth/otpauth-migration-keys.json")


def read(text: str) -> ReadResult:
    return read_seed_file(text.encode())


def faults(result: ReadResult) -> list[tuple[int, RowFault]]:
    return [(error.row, error.reason) for error in result.refused]


@pytest.mark.parametrize(
    ("line", "serial", "user"),
    [
        (f"S1,{HEX},TOTP,6,60", "S1", None),
        (f"S1;{HEX};totp;6;60;SHA1", "S1", None),
        (f"kim,realm1,S1,{HEX},TOTP,6,60", "S1", "kim"),
        (f"kim;resolver1;realm1;S1;{HEX};totp;6;60;sha1", "S1", "kim"),
        (f'"kim","realm1","S1","{HEX}","TOTP","6","60"', "S1", "kim"),
    ],
    ids=["plain", "semicolons", "user-realm", "user-resolver-realm", "quoted"],
)
def test_a_user_and_a_realm_may_come_first(line: str, serial: str, user: str | None) -> None:
    [record] = read(line + "\n").records
    assert (record.serial, record.key_user, record.seed, record.period_s) == (serial, user, SEED, 60)


def test_a_heading_with_the_user_first_is_passed_over() -> None:
    result = read(f"user,realm,serial,seed,type,digits,period\nkim,r,S1,{HEX},totp,6,30\n")
    assert ([record.serial for record in result.records], result.refused) == (["S1"], ())


def test_all_lines_have_the_columns_of_the_first() -> None:
    result = read(f"kim,r,S1,{HEX},totp,6,30\nS2,{HEX},totp,6,30\n")
    assert [record.serial for record in result.records] == ["S1"]
    assert [(one.row, one.serial) for one in result.refused] == [(2, "totp")]
    assert HEX not in str(result.refused)


def test_an_ocra_line_has_its_suite() -> None:
    result = read(
        f"S1,{HEX},ocra,OCRA-1:HOTP-SHA1-6:QN08\nS2,{HEX},ocra,OCRA-1:HOTP-SHA1-6:QN08-PSHA1\nS3,{HEX},ocra,nonsense\n"
    )
    [record] = result.records
    assert (record.kind, record.suite) == (KeyKind.OCRA, "OCRA-1:HOTP-SHA1-6:QN08")
    assert faults(result) == [(2, RowFault.SUITE), (3, RowFault.SUITE)]


ENTRA = "upn,serial number,secret key,time interval,manufacturer,model\n"


def test_entra_id() -> None:
    result = read(
        ENTRA + f"kim@example.org,E-1,{BASE32},30,Contoso,HardwareKey\nlee@example.org,E-2,{BASE32.lower()},60,Contoso,K\n"
    )
    assert result.format is SeedFormat.ENTRA_CSV
    first, second = result.records
    assert (first.serial, first.key_user, first.seed, first.period_s) == ("E-1", "kim@example.org", SEED, 30)
    assert (first.manufacturer, first.model, second.period_s) == ("Contoso", "HardwareKey", 60)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"kim,,{BASE32},30,C,K", RowFault.NO_NAME),
        ("kim,E-1,,30,C,K", RowFault.BAD_SEED),
        ("kim,E-1,notbase32!,30,C,K", RowFault.BAD_SEED),
        (f"kim,E-1,{BASE32},soon,C,K", RowFault.PERIOD),
        (f"kim,E-1,{BASE32},3600,C,K", RowFault.PERIOD),
        (f"kim,{HEX},{BASE32},30,C,K", RowFault.BAD_SERIAL),
        ("kim,E-1", RowFault.COLUMNS),
    ],
)
def test_a_bad_line_of_entra_id_is_refused_alone(line: str, reason: RowFault) -> None:
    result = read(ENTRA + line + f"\nlee,E-9,{BASE32},30,C,K\n")
    assert faults(result) == [(2, reason)]
    assert [record.serial for record in result.records] == ["E-9"]
    assert HEX not in str(result.refused)
    assert BASE32 not in str(result.refused)


def test_yubico_traditional_with_and_without_public_id() -> None:
    result = read(
        "LOGGING START,11.12.13 18:55\n"
        f"OATH-HOTP,11.12.13 18:55,1,ubbc06230101,,{HEX},,,0,0,0,6,0,0,0,0,0,0\n"
        f"OATH-HOTP,11.12.13 18:56,1,,,{HEX},,,0,0,0,8,0,0,0,0,0,0\n"
        "Yubico OTP,12/11/2013 11:10,1,vvgutbiedkvi,ab86c04de6a3,31323334353637383930313233343536,,,0,0,0,0,0,0,0,0,0,0\n"
    )
    assert result.format is SeedFormat.YUBICO_CSV
    assert [(one.serial, one.digits, one.counter) for one in result.records] == [("ubbc06230101", 6, 0)]
    assert faults(result) == [(3, RowFault.NO_NAME), (4, RowFault.NOT_A_TOKEN)]


def test_yubicos_own_form_with_and_without_public_id() -> None:
    result = read(
        f"# OATH mode\n508326,,0,{HEX},,2013-12-12T08:41:07,\n1382042,cccccccccccc,0,{HEX},,2013-12-12T08:41:17,\n"
        "# Yubico mode\n508327,cccccccccccb,83cebdfb7b93,31323334353637383930313233343536,,2013-12-12T08:43:17,\n"
        "# static mode\n508328,,,31323334353637383930313233343536,,2013-12-12T08:44:34,\n"
    )
    assert result.format is SeedFormat.YUBICO_CSV
    assert [(one.serial, one.key_id, one.seed) for one in result.records] == [
        ("508326", None, SEED),
        ("1382042", "cccccccccccc", SEED),
    ]
    assert [reason for _, reason in faults(result)] == [RowFault.NOT_A_TOKEN] * 2


SAFENET = """<?xml version="1.0" encoding="utf-8"?>
<Tokens>
  <Token serial="00040008CFA5"><CaseModel>5</CaseModel><Model>101</Model><ProductName>eToken PASS</ProductName>
    <Applications>
      <Application ConnectorID="{{ab1397d2}}"><Seed>{seed}</Seed><MovingFactor>1</MovingFactor></Application>
    </Applications>
  </Token>
  <Token serial="00040008CFA6"><Applications><Application><Seed>{seed}{more}</Seed></Application></Applications></Token>
</Tokens>
"""


def test_safenet_xml() -> None:
    result = read(SAFENET.format(seed=HEX, more="3132333435363738393031 32".replace(" ", "")))
    assert result.format is SeedFormat.SAFENET_XML
    first, second = result.records
    assert (first.serial, first.counter, first.model, first.algorithm) == ("00040008CFA5", 1, "eToken PASS", Algorithm.SHA1)
    assert second.algorithm is Algorithm.SHA256


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("<Seed>{seed}{more}</Seed>", "", RowFault.BAD_SEED),
        ("{seed}{more}", "abc", RowFault.BAD_SEED),
        ('serial="00040008CFA6"', "", RowFault.NO_NAME),
        ("00040008CFA6", "00040008CFA5", RowFault.DUPLICATE),
        ("{more}</Seed>", "</Seed><MovingFactor>x</MovingFactor>", RowFault.COUNTER),
    ],
)
def test_a_bad_token_of_safenet_is_refused_alone(old: str, new: str, reason: RowFault) -> None:
    result = read(SAFENET.replace(old, new).format(seed=HEX, more=""))
    assert faults(result) == [(2, reason)]
    assert len(result.records) == 1
    assert HEX not in str(result.refused)


def test_a_document_type_in_safenets_xml_is_refused() -> None:
    with pytest.raises(BrokenSeedFile, match="document type"):
        read('<!DOCTYPE Tokens [<!ENTITY a "b">]>' + SAFENET.partition("?>")[2].format(seed=HEX, more=""))


SAFEWORD = f"""# ===== SafeWord Authenticator Records $Version: 100$ =====
dn: sccAuthenticatorId=RAINBOW00000001
objectclass: sccCustomAuthenticator
sccAuthenticatorId: RAINBOW00000001
sccTokenType: eToken-PASS-TS
sccTokenData: sccKey={HEX};sccMode=T;sccPwdLen=6;sccTick=30;sccPrTime=2013/03/12 00:00:00;
sccSignature: MC4CFQDju23MCRqmkWC7Z9sV

dn: sccAuthenticatorId=RAINBOW00000002
objectclass: sccCustomAuthenticator
sccAuthenticatorId: RAINBOW00000002
sccTokenData: sccKey={HEX};sccMode=E;sccPwdLen=8;sccVer=6.20;
"""


def test_safeword_records() -> None:
    result = read(SAFEWORD)
    assert result.format is SeedFormat.SAFEWORD_DAT
    first, second = result.records
    assert (first.serial, first.kind, first.period_s, first.model) == ("RAINBOW00000001", KeyKind.TOTP, 30, "eToken-PASS-TS")
    assert (second.serial, second.kind, second.digits, second.counter) == ("RAINBOW00000002", KeyKind.HOTP, 8, 0)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("sccMode=E", "sccMode=Q", RowFault.UNKNOWN_ALGORITHM),
        (f"sccKey={HEX};sccMode=E", "sccMode=E", RowFault.BAD_SEED),
        ("sccPwdLen=8", "sccPwdLen=x", RowFault.DIGITS),
        ("RAINBOW00000002", "RAINBOW00000001", RowFault.DUPLICATE),
    ],
)
def test_a_bad_record_of_safeword_is_refused_alone(old: str, new: str, reason: RowFault) -> None:
    result = read(SAFEWORD.replace(old, new))
    assert faults(result) == [(2, reason)]
    assert [record.serial for record in result.records] == ["RAINBOW00000001"]


@pytest.mark.parametrize("row", URIS, ids=lambda row: row["id"])
def test_a_list_of_uris_takes_what_the_uri_rules_take(row: dict[str, Any]) -> None:
    uri = row["uri"]
    if not uri.strip().lower().startswith("otpauth://") or "\n" in uri:
        return
    result = read(f"otpauth://totp/first?secret={BASE32}\n{uri}\n")
    assert len(result.records) + len(result.refused) == 2
    if not row["valid"]:
        assert [error.row for error in result.refused] == [2]
        return
    taken = [record for record in result.records if record.row == 2]
    if taken:
        assert taken[0].seed == Secret(bytes.fromhex(row["secret_hex"]))
        assert taken[0].key_user == row["account"]
    else:  # valid as a URI; as a token a counter beyond 63 bits or a seed of two octets is not
        assert result.refused[0].reason in {RowFault.COUNTER, RowFault.SEED_LENGTH}


@pytest.mark.parametrize("row", [row for row in TRANSFERS if row["valid"]], ids=lambda row: row["id"])
def test_a_transfer_gives_its_accounts(row: dict[str, Any]) -> None:
    size = row["batch_size"]
    batch = [one for one in TRANSFERS if one["valid"] and one["batch_id"] == row["batch_id"] and one["batch_size"] == size]
    here = batch if size > 1 else [row]
    wanted = [one for part in here for one in ACCOUNTS if one["migration_id"] == part["id"]]
    result = read("\n".join(part["uri"] for part in here))
    assert result.format is SeedFormat.URI_LIST
    assert [(one.seed, one.kind, one.algorithm, one.digits) for one in result.records] == [
        (Secret(bytes.fromhex(one["secret_hex"])), one["type"], one["algorithm"].lower(), one["digits"]) for one in wanted
    ]
    assert [one.counter for one in result.records] == [one.get("counter") for one in wanted]
    assert [one.issuer or "" for one in result.records] == [one["issuer"] for one in wanted]


@pytest.mark.parametrize("row", [row for row in TRANSFERS if not row["valid"]], ids=lambda row: row["id"])
def test_a_bad_transfer_is_a_refused_row(row: dict[str, Any]) -> None:
    result = read(f"otpauth://totp/first?secret={BASE32}\n{row['uri']}\n")
    assert [record.row for record in result.records] == [1]
    assert [error.row for error in result.refused] == [2]


def test_a_transfer_asks_for_all_its_parts() -> None:
    one, two = (next(row["uri"] for row in TRANSFERS if row["id"] == f"mig-batch-{n}-of-2") for n in (1, 2))
    with pytest.raises(BrokenSeedFile, match="of its 2 codes, number 2 is missing"):
        read(one)
    assert len(read(f"{two}\n{one}\n{one}").records) == 3


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"-----BEGIN PGP MESSAGE-----\n\nhQEMA", "gpg --decrypt"),
        (b"\x85\x02\x0c\x03" + bytes(range(128, 200)), "gpg --decrypt"),
        (b"\xc1\xc0\x4c\x03" + bytes(range(128, 200)), "gpg --decrypt"),
        (b'<?xml version="1.0"?><TKNBatch><TKNHeader/></TKNBatch>', "RSA SecurID"),
        (b"DIGIPASS GO 6 DPX 0123456789ABCDEF\n", "OneSpan"),
        (b"PK\x03\x04" + bytes(30), "ZIP"),
    ],
    ids=["pgp-armour", "pgp-old", "pgp-new", "sdtid", "dpx", "zip"],
)
def test_what_cannot_be_read_here_says_what_to_do(data: bytes, word: str) -> None:
    with pytest.raises(SeedFileDeclined, match=word):
        read_seed_file(data)


@pytest.mark.parametrize("size", [1, 7, 64])
def test_pieces_of_any_size_give_the_same(size: int) -> None:
    for text in (
        SAFEWORD,
        ENTRA + f"김,E-1,{BASE32},30,회사,K\r\nlee,E-2,{BASE32},30,,\r\n",
        SAFENET.format(seed=HEX, more=""),
    ):
        octets = text.encode()
        pieces = [octets[start : start + size] for start in range(0, len(octets), size)]
        assert collected(open_seed_file(pieces)) == read_seed_file(octets)


def test_no_reader_lets_a_seed_into_its_report() -> None:
    for text in (SAFEWORD, ENTRA + f"kim,E-1,{BASE32},30,C,K\n", SAFENET.format(seed=HEX, more="")):
        for cut in range(0, len(text), 37):
            try:
                said = repr(read(text[cut:]))
            except SeedFileFault as fault:
                said = f"{fault} {fault!r}"
            assert HEX not in said
            assert BASE32 not in said
