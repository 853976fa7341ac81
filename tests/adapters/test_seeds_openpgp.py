"""Seed files inside an OpenPGP message: opened with what they ask for, and refused in one sentence otherwise."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pysequoia
import pytest

from otpward.adapters.seeds import openpgp
from otpward.adapters.seeds.apart import open_apart
from otpward.adapters.seeds.openpgp import open_any
from otpward.core.errors import NotFound
from otpward.core.formats.faults import (
    BrokenSeedFile,
    SeedFileDeclined,
    SeedFileFault,
    SeedFileKeyNeeded,
    SeedFileNotAuthentic,
    SeedFileNotReadYet,
    UnknownSeedFile,
)
from otpward.core.formats.reading import Row, collected
from otpward.core.formats.records import SeedFormat, SeedRecord, SignatureState
from otpward.core.formats.unlock import Unlock
from otpward.core.secret import Secret
from tests.vectors.keys import private_key_pem
from tests.vectors.rows import VECTORS

HERE = VECTORS / "openpgp"
PASSWORD = b"sample-password"
NONE = Unlock()


def octets(name: str) -> bytes:
    return (HERE / name).read_bytes()


def with_password(password: bytes = PASSWORD, *, unverified: bool = False) -> Unlock:
    return Unlock(password=Secret(password), unverified=unverified)


def with_key(password: bytes | None = PASSWORD, *, unverified: bool = False, key: bytes = b"") -> Unlock:
    return Unlock(
        private_key=Secret(key or octets("receiver.key")),
        password=None if password is None else Secret(password),
        unverified=unverified,
    )


def serials(rows: list[Row]) -> list[str | None]:
    return [row.serial for row in rows if isinstance(row, SeedRecord)]


@pytest.mark.parametrize(
    ("name", "unlock", "signature"),
    [
        ("password.gpg", with_password(), SignatureState.NONE),
        ("password.asc", with_password(), SignatureState.NONE),
        ("for-a-key.gpg", with_key(), SignatureState.NONE),
        ("signed-for-a-key.gpg", with_key(unverified=True), SignatureState.NOT_VERIFIED),
        ("signed-only.gpg", Unlock(unverified=True), SignatureState.NOT_VERIFIED),
    ],
    ids=["password", "armoured", "key", "signed", "signed-only"],
)
def test_what_is_inside_is_read_as_if_it_came_alone(name: str, unlock: Unlock, signature: SignatureState) -> None:
    found = collected(open_any([octets(name)], unlock))
    assert (found.format, found.signature) == (SeedFormat.OATH_CSV, signature)
    assert serials([*found.records]) == ["PG-1", "PG-2"]
    assert found.records[0].seed == Secret(b"12345678901234567890")


def test_a_protected_file_inside_is_opened_too() -> None:
    assert serials(list(open_any([octets("pskc.gpg")], with_password(b"qwerty")).rows)) == ["987654321"]


def test_a_large_file_is_read_so_by_the_reading_process_as_well() -> None:
    assert serials(list(open_apart(HERE / "password.gpg", with_password()).rows)) == ["PG-1", "PG-2"]


@pytest.mark.parametrize(
    ("name", "unlock", "fault", "field", "said"),
    [
        ("password.gpg", NONE, SeedFileKeyNeeded, "password", "its password is needed"),
        ("password.asc", NONE, SeedFileKeyNeeded, "password", "its password is needed"),
        ("password.gpg", with_password(b"wrong"), SeedFileNotAuthentic, "file", "another password"),
        ("for-a-key.gpg", NONE, SeedFileKeyNeeded, "private_key", "an OpenPGP one"),
        ("for-a-key.gpg", with_password(), SeedFileKeyNeeded, "private_key", "an OpenPGP one"),
        ("for-a-key.gpg", with_key(key=private_key_pem()), SeedFileKeyNeeded, "private_key", "an OpenPGP one"),
        ("for-a-key.gpg", with_key(None), SeedFileKeyNeeded, "password", "has a password"),
        ("for-a-key.gpg", with_key(b"wrong"), SeedFileKeyNeeded, "password", "another password"),
        ("for-a-key.gpg", with_key(key=b"\xc5nonsense"), SeedFileKeyNeeded, "private_key", "no OpenPGP private key"),
        ("signed-for-a-key.gpg", with_key(), SeedFileNotReadYet, "unverified", "nobody verified that"),
        ("signed-only.gpg", NONE, SeedFileNotReadYet, "unverified", "nobody verified that"),
        ("signed-text.asc", NONE, SeedFileDeclined, "file", "a text signed with OpenPGP"),
        ("no-mdc.gpg", with_password(), SeedFileDeclined, "file", "no integrity protection"),
        ("twice.gpg", with_password(), SeedFileDeclined, "file", "with OpenPGP twice"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.endswith((".gpg", ".asc")) else "",
)
def test_what_is_missing_or_wrong_is_one_sentence(
    name: str, unlock: Unlock, fault: type[SeedFileFault], field: str, said: str
) -> None:
    with pytest.raises(fault, match=said) as caught:
        list(open_any([octets(name)], unlock).rows)
    assert type(caught.value) is fault
    assert caught.value.field == field


def changed(data: bytes) -> bytes:
    return data[:-5] + bytes([data[-5] ^ 1]) + data[-4:]


@pytest.mark.parametrize(
    ("change", "fault"),
    [(changed, SeedFileNotAuthentic), (lambda data: data[:-10], BrokenSeedFile), (lambda data: data[:60], BrokenSeedFile)],
    ids=["changed", "cut off", "cut off early"],
)
def test_a_message_that_was_damaged_gives_nothing(change: Callable[[bytes], bytes], fault: type[SeedFileFault]) -> None:
    with pytest.raises(fault):
        open_any([change(octets("password.gpg"))], with_password())


def made(data: bytes) -> bytes:
    """A message with this inside. What the library writes is not compressed."""
    return bytes(pysequoia.encrypt(passwords=[PASSWORD.decode()], bytes=data, armor=False))


def test_a_message_that_unpacks_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openpgp, "_FREE_OCTETS", 1_000)
    monkeypatch.setattr(openpgp, "_TIMES_LARGER", 0.5)
    with pytest.raises(BrokenSeedFile, match="times its size"):
        open_any([made(b"#" * 100_000)], with_password())


def test_what_is_too_long_for_memory_is_opened_each_time_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openpgp, "_KEPT_OCTETS", 100)
    assert serials(list(open_any([octets("password.gpg")], with_password()).rows)) == ["PG-1", "PG-2"]


def test_a_wrapped_file_of_no_kind_is_told_like_any_other() -> None:
    with pytest.raises(UnknownSeedFile):
        open_any([made(b"what is this?")], with_password())


def test_a_fault_of_who_keeps_the_file_is_not_called_damage() -> None:
    class Gone:
        def __iter__(self) -> "Gone":
            self.first = True
            return self

        def __next__(self) -> bytes:
            if self.first:
                self.first = False
                return octets("password.gpg")[:40].ljust(70_000, b"\xff")
            raise NotFound("gone")

    with pytest.raises(NotFound):
        open_any(Gone(), with_password())


def test_without_the_library_it_is_said_how_to_open_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openpgp, "is_installed", lambda: False)
    with pytest.raises(SeedFileDeclined, match="gpg --decrypt FILE"):
        open_any([octets("password.gpg")], with_password())


def test_the_server_itself_never_loads_the_library() -> None:
    said = subprocess.run(
        [sys.executable, "-c", "import otpward.adapters.seeds.openpgp, sys; sys.exit('pysequoia' in sys.modules)"],
        env={"PYTHONPATH": ":".join(sys.path), "PATH": ""},
        check=False,
    )
    assert said.returncode == 0


def test_nothing_of_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    list(open_any([octets("password.gpg")], with_password()).rows)
    assert not list(tmp_path.iterdir())
