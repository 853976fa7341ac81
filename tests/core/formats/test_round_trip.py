"""What we write, pskctool and python-pskc read; what they write, we read."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from otpward.core.formats.detect import open_seed_file
from otpward.core.formats.pskc.writing import Lock, write_pskc
from otpward.core.formats.reading import collected
from otpward.core.formats.records import KeyKind, SeedRecord
from otpward.core.formats.unlock import Unlock
from otpward.core.oath.model import Algorithm
from otpward.core.secret import Secret

KEY = Secret(bytes(range(32)))
PASSWORD = Secret(b"correct horse battery")
SEED = b"12345678901234567890"
THEIRS = Path(__file__).with_name("python_pskc.py")


def records() -> list[SeedRecord]:
    return [
        SeedRecord(
            row=n,
            serial=f"RT-{n} <&> {kind}",
            kind=kind,
            algorithm=algorithm,
            digits=digits,
            seed=Secret(SEED),
            period_s=60 if kind is KeyKind.TOTP else None,
            counter=7 if kind is KeyKind.HOTP else None,
            manufacturer="한빛 & Söhne",
        )
        for n, (kind, algorithm, digits) in enumerate(
            [(KeyKind.TOTP, Algorithm.SHA1, 6), (KeyKind.HOTP, Algorithm.SHA1, 8), (KeyKind.TOTP, Algorithm.SHA256, 8)], start=1
        )
    ]


def ours(tmp_path: Path, lock: Lock) -> Path:
    path = tmp_path / "ours.xml"
    path.write_bytes(b"".join(write_pskc(records(), lock, entropy=os.urandom)))
    return path


def python_pskc(*words: object) -> Any:
    """In a process of its own: it warns of things that are errors here."""
    done = subprocess.run([sys.executable, str(THEIRS), *map(str, words)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout or "null")


@pytest.mark.parametrize(
    ("lock", "opener"),
    [
        (Lock(), ""),
        (Lock(key=KEY), f"key={KEY.reveal().hex()}"),
        (Lock(password=PASSWORD), f"password={PASSWORD.reveal().decode()}"),
    ],
    ids=["clear", "key", "password"],
)
def test_python_pskc_reads_what_we_write(tmp_path: Path, lock: Lock, opener: str) -> None:
    read = python_pskc("read", ours(tmp_path, lock), opener)
    assert [one["serial"] for one in read] == [record.serial for record in records()]
    assert [bytes.fromhex(one["secret"]) for one in read] == [SEED] * 3
    assert [(one["counter"], one["interval"]) for one in read] == [(None, 60), (7, None), (None, 60)]
    assert [(one["suite"], one["digits"]) for one in read] == [(None, 6), (None, 8), ("HMAC-SHA256", 8)]


@pytest.mark.parametrize(
    ("opener", "unlock"),
    [
        ("", Unlock()),
        (f"key={KEY.reveal().hex()}", Unlock(key=KEY)),
        ("password=correct horse battery", Unlock(password=PASSWORD)),
    ],
    ids=["clear", "key", "password"],
)
def test_we_read_what_python_pskc_writes(tmp_path: Path, opener: str, unlock: Unlock) -> None:
    path = tmp_path / "theirs.xml"
    python_pskc("write", path, opener)
    [first, second] = collected(open_seed_file([path.read_bytes()], unlock)).records
    assert (first.serial, first.seed, first.kind, first.period_s) == ("PP-1", Secret(SEED), KeyKind.TOTP, 60)
    assert (second.serial, second.seed, second.kind, second.counter) == ("PP-2", Secret(SEED), KeyKind.HOTP, 42)


def pskctool(*words: object) -> str:
    done = subprocess.run(["pskctool", *map(str, words)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_pskctool_reads_what_we_write_and_finds_it_valid(tmp_path: Path) -> None:
    """It cannot decrypt; what lies open it shows, and the schema holds for both."""
    said = pskctool("--info", ours(tmp_path, Lock()))
    assert said.count(f"Key Secret (base64): {'MTIzNDU2Nzg5MDEyMzQ1Njc4OTA='}") == 3
    assert "Key Counter: 7" in said
    assert said.count("Key TimeInterval: 60") == 2
    for lock in (Lock(), Lock(key=KEY)):
        assert "OK" in pskctool("--validate", ours(tmp_path, lock))


def test_we_read_what_pskctool_signs(tmp_path: Path) -> None:
    """Its output is its own writing of the container, beside the signature."""
    key, certificate = tmp_path / "k.pem", tmp_path / "c.pem"
    words = [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        key,
        "-out",
        certificate,
        "-days",
        "2",
        "-subj",
        "/CN=t",
    ]
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, timeout=60)
    signed = tmp_path / "signed.xml"
    signed.write_text(pskctool("--sign", "--sign-key", key, "--sign-crt", certificate, ours(tmp_path, Lock())))
    result = collected(open_seed_file([signed.read_bytes()], Unlock(signer=certificate.read_bytes())))
    assert result.signature == "verified"
    assert [record.serial for record in result.records] == [record.serial for record in records()]
