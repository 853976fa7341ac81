"""Exports of authenticator apps and of Keycloak: each entry is a record or a refusal."""

import base64
import json
from hashlib import pbkdf2_hmac
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from otpward.core.formats.detect import open_seed_file
from otpward.core.formats.faults import (
    BrokenSeedFile,
    SeedFileFault,
    SeedFileKeyNeeded,
    SeedFileNotAuthentic,
    UnknownSeedFile,
)
from otpward.core.formats.reading import collected
from otpward.core.formats.records import KeyKind, ReadResult, RowFault, SeedFormat
from otpward.core.formats.unlock import Unlock
from otpward.core.oath.model import Algorithm
from otpward.core.secret import Secret

BASE32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
SEED = Secret(b"12345678901234567890")
PASSWORD = Secret(b"correct horse")


def read(value: Any, password: Secret | None = None) -> ReadResult:
    return collected(open_seed_file([json.dumps(value).encode()], Unlock(password=password)))


def faults(result: ReadResult) -> list[tuple[int, RowFault]]:
    return [(error.row, error.reason) for error in result.refused]


def aegis_entry(**changes: Any) -> dict[str, Any]:
    info = {"secret": BASE32, "algo": "SHA256", "digits": 8, "period": 60} | changes.pop("info", {})
    return {"type": "totp", "uuid": "u", "name": "kim", "issuer": "Example", "note": None, "info": info} | changes


def aegis(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "header": {"slots": None, "params": None}, "db": {"version": 2, "entries": list(entries)}}


def closed_aegis(*entries: dict[str, Any], **slot: Any) -> dict[str, Any]:
    """As the app writes it: the password opens a slot, its key the database."""
    key, nonce, salt = bytes(range(32)), bytes(range(12)), bytes(range(32, 64))
    wrapped = AESGCM(Scrypt(salt=salt, length=32, n=1024, r=8, p=1).derive(PASSWORD.reveal())).encrypt(nonce, key, None)
    database = AESGCM(key).encrypt(nonce, json.dumps({"version": 2, "entries": list(entries)}).encode(), None)
    made = {
        "type": 1, "uuid": "u", "key": wrapped[:-16].hex(), "n": 1024, "r": 8, "p": 1, "salt": salt.hex(),
        "key_params": {"nonce": nonce.hex(), "tag": wrapped[-16:].hex()},
    }  # fmt: skip
    parameters = {"nonce": nonce.hex(), "tag": database[-16:].hex()}
    sealed = base64.b64encode(database[:-16]).decode()
    return {"version": 1, "header": {"slots": [made | slot], "params": parameters}, "db": sealed}


@pytest.mark.parametrize("vault", [aegis(aegis_entry()), closed_aegis(aegis_entry())], ids=["plain", "encrypted"])
def test_aegis(vault: dict[str, Any]) -> None:
    result = read(vault, PASSWORD)
    [record] = result.records
    assert result.format is SeedFormat.AEGIS
    assert (record.name, record.kind, record.seed, record.issuer) == ("Example:kim", KeyKind.TOTP, SEED, "Example")
    assert (record.algorithm, record.digits, record.period_s, record.key_user) == (Algorithm.SHA256, 8, 60, "kim")


def test_an_aegis_counter_goes_on() -> None:
    [record] = read(aegis(aegis_entry(type="hotp", info={"counter": 7}))).records
    assert (record.kind, record.counter) == (KeyKind.HOTP, 7)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (aegis_entry(type="steam"), RowFault.UNKNOWN_ALGORITHM),
        (aegis_entry(info={"secret": "1"}), RowFault.BAD_SEED),
        (aegis_entry(info={"secret": None}), RowFault.BAD_SEED),
        (aegis_entry(info={"digits": "many"}), RowFault.DIGITS),
        (aegis_entry(info={"digits": True}), RowFault.DIGITS),
        (aegis_entry(info={"algo": "MD5"}), RowFault.UNKNOWN_HASH),
        (aegis_entry(info={"period": -30}), RowFault.PERIOD),
        (aegis_entry(name="", issuer=""), RowFault.NO_NAME),
        (aegis_entry(), RowFault.DUPLICATE),
        ({}, RowFault.UNKNOWN_ALGORITHM),
        ("entry", RowFault.UNKNOWN_ALGORITHM),
    ],
)
def test_a_bad_entry_is_refused_alone(entry: Any, reason: RowFault) -> None:
    result = read(aegis(aegis_entry(), entry, aegis_entry(name="lee")))
    assert faults(result) == [(2, reason)]
    assert len(result.records) == 2
    assert BASE32 not in repr(result)


def test_a_closed_vault_needs_its_password() -> None:
    vault = closed_aegis(aegis_entry())
    with pytest.raises(SeedFileKeyNeeded) as caught:
        read(vault)
    assert caught.value.field == "password"
    with pytest.raises(SeedFileNotAuthentic):
        read(vault, Secret(b"another"))
    with pytest.raises(SeedFileNotAuthentic):
        read(vault | {"db": "AAAA" + vault["db"][4:]}, PASSWORD)


@pytest.mark.parametrize(
    "slot",
    [{"n": 2**30}, {"n": 1000}, {"r": 0}, {"p": 100}, {"salt": "zz"}, {"n": None}, {"key_params": {}}, {"key_params": None}],
    ids=str,
)
def test_a_vault_that_asks_for_too_much_is_refused(slot: dict[str, Any]) -> None:
    with pytest.raises(BrokenSeedFile):
        read(closed_aegis(aegis_entry(), **slot), PASSWORD)


TWO_FAS = {
    "services": [
        {
            "name": "Example", "secret": BASE32, "order": {"position": 0},
            "otp": {"account": "kim", "issuer": "Example", "digits": 6, "period": 30, "algorithm": "SHA1", "tokenType": "TOTP"},
        },
        {"name": "Other", "secret": BASE32, "otp": {"account": "kim", "counter": 3, "tokenType": "HOTP"}},
        {"name": "Steam", "secret": BASE32, "otp": {"account": "kim", "tokenType": "STEAM"}},
    ],
    "schemaVersion": 4,
}  # fmt: skip


def closed_two_fas() -> dict[str, Any]:
    salt, nonce = bytes(range(256)), bytes(12)
    key = pbkdf2_hmac("sha256", PASSWORD.reveal(), salt, 10_000, 32)
    data = AESGCM(key).encrypt(nonce, json.dumps(TWO_FAS["services"]).encode(), None)
    sealed = ":".join(base64.b64encode(part).decode() for part in (data, salt, nonce))
    return {"services": [], "servicesEncrypted": sealed, "schemaVersion": 4}


@pytest.mark.parametrize("backup", [TWO_FAS, closed_two_fas()], ids=["plain", "encrypted"])
def test_two_fas(backup: dict[str, Any]) -> None:
    result = read(backup, PASSWORD)
    assert [(one.name, one.kind, one.counter) for one in result.records] == [
        ("Example:kim", KeyKind.TOTP, None),
        ("Other:kim", KeyKind.HOTP, 3),
    ]
    assert faults(result) == [(3, RowFault.UNKNOWN_ALGORITHM)]


def test_a_closed_backup_needs_its_password() -> None:
    with pytest.raises(SeedFileKeyNeeded):
        read(closed_two_fas())
    with pytest.raises(SeedFileNotAuthentic):
        read(closed_two_fas(), Secret(b"another"))
    with pytest.raises(BrokenSeedFile):
        read(closed_two_fas() | {"servicesEncrypted": "a:b"}, PASSWORD)


def free_otp(**changes: Any) -> dict[str, Any]:
    secret = [octet - 256 if octet > 127 else octet for octet in SEED.reveal()]
    return {
        "algo": "SHA1", "counter": 5, "digits": 6, "issuerExt": "Example", "label": "kim", "period": 30, "secret": secret,
        "type": "HOTP",
    } | changes  # fmt: skip


def test_free_otp_plus() -> None:
    secret = [-1, -128, 127, 0] * 5
    value = {
        "tokenOrder": [],
        "tokens": [free_otp(), free_otp(label="lee", type="TOTP", secret=secret), free_otp(secret=[300])],
    }
    result = read(value)
    assert result.format is SeedFormat.FREE_OTP
    assert [(one.name, one.counter) for one in result.records] == [("Example:kim", 5), ("Example:lee", None)]
    assert result.records[1].seed == Secret(bytes([255, 128, 127, 0] * 5))
    assert faults(result) == [(3, RowFault.BAD_SEED)]


def keycloak(value: str = BASE32, encoding: str | None = "BASE32", **changes: Any) -> dict[str, Any]:
    data = {"subType": "totp", "digits": 6, "counter": 0, "period": 30, "algorithm": "HmacSHA1"} | changes
    data |= {"secretEncoding": encoding} if encoding else {}
    return {"id": "1", "type": "otp", "secretData": json.dumps({"value": value}), "credentialData": json.dumps(data)}


@pytest.mark.parametrize(
    "wrap",
    [
        lambda one: {"realm": "r", "users": [{"username": "kim", "credentials": [{"type": "password"}, one]}]},
        lambda one: {"username": "kim", "credentials": [one]},
        lambda one: [{"username": "kim", "credentials": [one]}],
        lambda one: [one | {"userLabel": "kim"}],
        lambda one: one | {"userLabel": "kim"},
    ],
    ids=["realm", "user", "users", "credentials", "credential"],
)
def test_keycloak(wrap: Any) -> None:
    result = read(wrap(keycloak()))
    [record] = result.records
    assert result.format is SeedFormat.KEYCLOAK
    assert (record.seed, record.kind, record.algorithm) == (SEED, KeyKind.TOTP, Algorithm.SHA1)
    assert record.name.startswith("kim")


def test_a_keycloak_seed_without_encoding_is_the_text_itself() -> None:
    [record] = read(keycloak("12345678901234567890", None, algorithm="HmacSHA256")).records
    assert (record.seed, record.algorithm) == (SEED, Algorithm.SHA256)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"db":' * 2000,
        "[" * 100_000,
        '{"header": {}, "header": {}, "db": {}}',
        "[1]",
        '{"a": 1' + "0" * 5000 + "}",
        '{"header":{},"db":{}}',
    ],
    ids=["cut", "deep", "deeper", "twice", "nothing", "long-number", "no-entries"],
)
def test_json_that_is_none_is_one_sentence(text: str) -> None:
    with pytest.raises(SeedFileFault) as caught:
        collected(open_seed_file([text.encode()]))
    assert isinstance(caught.value, BrokenSeedFile | UnknownSeedFile)


def test_no_password_is_in_what_an_unlock_shows() -> None:
    assert "horse" not in repr(Unlock(password=PASSWORD))
