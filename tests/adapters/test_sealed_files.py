"""A waiting seed file: whole and in order, or refused; never in the clear on the disk."""

from pathlib import Path
from uuid import UUID

import pytest

from otpward.adapters.seeds.sealed import SealedFolder
from otpward.core.errors import Invalid, NotFound, SealBroken
from tests.fakes.house import test_vault as new_vault

OWNER, KEY, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
TEXT = b"SN-1,3132333435363738393031323334353637383930,totp,6,30\n" * 20_000


@pytest.fixture
def folder(tmp_path: Path) -> SealedFolder:
    return SealedFolder(tmp_path / "waiting", new_vault())


def put(folder: SealedFolder, key: UUID = KEY, text: bytes = TEXT) -> int:
    writer = folder.begin(OWNER, key)
    for start in range(0, len(text), 70_000):
        writer.write(text[start : start + 70_000])
    writer.finish()
    return writer.octets


def test_what_was_written_is_read_again_and_again(folder: SealedFolder, tmp_path: Path) -> None:
    waiting = folder.read(OWNER, KEY, put(folder))
    assert b"".join(waiting) == b"".join(waiting) == TEXT
    (path,) = (tmp_path / "waiting").iterdir()
    assert b"SN-1" not in path.read_bytes()
    assert b"31323334" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


def test_a_file_that_was_cut_off_changed_or_moved_is_not_read(folder: SealedFolder, tmp_path: Path) -> None:
    octets = put(folder)
    path = tmp_path / "waiting" / f"{KEY}.sealed"
    sealed = path.read_bytes()
    first = 4 + int.from_bytes(sealed[:4])
    damaged = [
        sealed[:first],
        sealed[:-9],
        sealed[first : 2 * first] + sealed[:first] + sealed[2 * first :],
        sealed[:100] + bytes([sealed[100] ^ 1]) + sealed[101:],
    ]
    for there in damaged:
        path.write_bytes(there)
        with pytest.raises(SealBroken):
            b"".join(folder.read(OWNER, KEY, octets))
    path.write_bytes(sealed)
    path.rename(tmp_path / "waiting" / f"{OTHER}.sealed")
    with pytest.raises(SealBroken):
        b"".join(folder.read(OWNER, OTHER, octets))


def test_one_that_is_gone_is_said_to_be(folder: SealedFolder) -> None:
    octets = put(folder)
    folder.drop(KEY)
    folder.drop(KEY)
    with pytest.raises(NotFound):
        b"".join(folder.read(OWNER, KEY, octets))


def test_what_nobody_keeps_is_swept_away(folder: SealedFolder, tmp_path: Path) -> None:
    put(folder, KEY, b"a")
    put(folder, OTHER, b"b")
    folder.sweep([KEY], older_than_s=3600)
    assert len(list((tmp_path / "waiting").iterdir())) == 2
    folder.sweep([KEY], older_than_s=-1)
    assert [path.stem for path in (tmp_path / "waiting").iterdir()] == [str(KEY)]


def test_a_file_beyond_every_bound_is_refused(folder: SealedFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("otpward.adapters.seeds.sealed.FILE_MAX_OCTETS", 10)
    writer = folder.begin(OWNER, KEY)
    with pytest.raises(Invalid):
        writer.write(b"eleven octets")
    writer.finish()
