"""Keys in a file: who may read it, what it opens, and what it refuses."""

import os
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otpward.adapters.vault import files
from otpward.adapters.vault.envelope import FORMAT, associated_data, key_number
from otpward.adapters.vault.files import FileVault, KeyTrouble, make_master_key, read_master_key, wrap_new_key
from otpward.core.errors import SealBroken
from otpward.core.secret import Secret
from otpward.ports.vault import About, Print, WrappedKey
from tests.fakes.surroundings import RealEntropy

ENTROPY = RealEntropy()
HERE = About(UUID(int=1), UUID(int=2), "token.seed")
MASTER = Secret(b"m" * 32)
KEYS = [wrap_new_key(MASTER, 1, "seal", ENTROPY), wrap_new_key(MASTER, 2, "print", ENTROPY)]


@pytest.fixture(scope="module")
def vault() -> FileVault:
    return FileVault(MASTER, KEYS, ENTROPY)


def test_a_new_master_key_is_its_owners_alone_and_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "master.key"
    old = os.umask(0)
    try:
        make_master_key(path, ENTROPY)
    finally:
        os.umask(old)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    first = read_master_key(path)
    assert len(first) == 32
    with pytest.raises(FileExistsError):
        make_master_key(path, ENTROPY)
    assert read_master_key(path) == first


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o620, 0o610], ids=oct)
def test_a_master_key_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "master.key"
    make_master_key(path, ENTROPY)
    path.chmod(mode)
    with pytest.raises(KeyTrouble, match="chmod 600"):
        read_master_key(path)


@pytest.mark.parametrize(
    "octets",
    [b"", b"zz" * 32, b"ab" * 31, b"ab" * 33, b"\xff\xfe" * 32, b"\0" * 64],
    ids=["empty", "letters", "short", "long", "not text", "nul"],
)
def test_a_file_that_holds_no_key_is_said_to(tmp_path: Path, octets: bytes) -> None:
    path = tmp_path / "master.key"
    path.touch(mode=0o600)
    path.write_bytes(octets)
    with pytest.raises(KeyTrouble, match="does not hold a master key") as caught:
        read_master_key(path)
    assert "zz" not in str(caught.value)


@pytest.mark.parametrize("there", ["nothing", "folder"])
def test_a_key_that_cannot_be_read_is_named(tmp_path: Path, there: str) -> None:
    path = tmp_path / "master.key"
    if there == "folder":
        path.mkdir(mode=0o700)
    with pytest.raises(KeyTrouble, match="cannot be read"):
        read_master_key(path)


def test_another_master_key_does_not_open_the_database() -> None:
    with pytest.raises(KeyTrouble, match="does not open this database"):
        FileVault(Secret(b"n" * 32), KEYS, ENTROPY)


@pytest.mark.parametrize("keys", [[], KEYS[:1], KEYS[1:]], ids=["none", "no print key", "no seal key"])
def test_a_database_without_its_keys_was_not_set_up(keys: list[WrappedKey]) -> None:
    with pytest.raises(KeyTrouble, match="otpward init"):
        FileVault(MASTER, keys, ENTROPY)


def test_a_data_key_is_bound_to_its_number_and_purpose() -> None:
    for changed in (WrappedKey(7, "seal", KEYS[0].wrapped), WrappedKey(1, "print", KEYS[0].wrapped)):
        with pytest.raises(KeyTrouble):
            FileVault(MASTER, [changed, *KEYS], ENTROPY)


@given(plain=st.binary(max_size=300))
def test_what_is_sealed_opens_again(vault: FileVault, plain: bytes) -> None:
    sealed = vault.seal(plain, about=HERE)
    assert vault.unseal(sealed, about=HERE).reveal() == plain
    assert len(sealed) == 1 + 4 + 12 + len(plain) + 16
    assert sealed != vault.seal(plain, about=HERE)


@pytest.mark.parametrize(
    "about",
    [
        About(UUID(int=9), UUID(int=2), "token.seed"),
        About(UUID(int=1), UUID(int=9), "token.seed"),
        About(UUID(int=1), UUID(int=2), "token.see"),
        About(UUID(int=1), UUID(int=2), "member.name"),
    ],
    ids=["institution", "row", "field", "other field"],
)
def test_moved_it_does_not_open(vault: FileVault, about: About) -> None:
    sealed = vault.seal(b"seed", about=HERE)
    with pytest.raises(SealBroken) as caught:
        vault.unseal(sealed, about=about)
    assert "seed" not in str(caught.value).replace("token.seed", "").replace("token.see", "")


def test_many_are_sealed_each_for_its_own_row(vault: FileVault) -> None:
    rows = [UUID(int=n) for n in range(3)]
    sealed = vault.seal_all([b"a", b"", b"c" * 64], institution_id=UUID(int=1), row_ids=rows, field="token.seed")
    opened = [vault.unseal(one, about=About(UUID(int=1), row, "token.seed")) for one, row in zip(sealed, rows, strict=True)]
    assert [one.reveal() for one in opened] == [b"a", b"", b"c" * 64]
    assert len({one[5:17] for one in sealed}) == 3
    with pytest.raises(SealBroken):
        vault.unseal(sealed[0], about=About(UUID(int=1), rows[1], "token.seed"))


@given(st.data())
def test_any_changed_bit_is_noticed(vault: FileVault, data: st.DataObject) -> None:
    sealed = bytearray(vault.seal(b"twenty octets of seed", about=HERE))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(SealBroken):
        vault.unseal(bytes(sealed), about=HERE)


@given(octets=st.binary(max_size=80))
def test_octets_of_a_stranger_do_not_open(vault: FileVault, octets: bytes) -> None:
    for try_ in (octets, FORMAT + octets, FORMAT + (1).to_bytes(4) + octets, FORMAT + (0xFFFFFFFF).to_bytes(4) + octets):
        with pytest.raises(SealBroken):
            vault.unseal(try_, about=HERE)


def test_a_persons_own_key_seals_for_nobody_else(vault: FileVault) -> None:
    person = About(UUID(int=1), UUID(int=5), "member.data_key")
    mine, theirs = vault.new_key(about=person), vault.new_key(about=About(UUID(int=1), UUID(int=6), "member.data_key"))
    about = About(UUID(int=1), UUID(int=5), "member.name")
    sealed = vault.seal("홍길동".encode(), about=about, under=mine)
    assert vault.unseal(sealed, about=about, under=mine).reveal().decode() == "홍길동"
    for under in (theirs, None, mine[:32] + theirs[32:], theirs[:32] + mine[32:], mine[:40], b""):
        with pytest.raises(SealBroken):
            vault.unseal(sealed, about=about, under=under)
    plain = vault.seal(b"x", about=about)
    with pytest.raises(SealBroken):
        vault.unseal(plain, about=about, under=mine)


def test_the_newest_key_seals_and_older_ones_still_open(vault: FileVault) -> None:
    old = vault.seal(b"seed", about=HERE)
    rotated = FileVault(MASTER, [*KEYS, wrap_new_key(MASTER, 3, "seal", ENTROPY)], ENTROPY)
    new = rotated.seal(b"seed", about=HERE)
    assert (key_number(old), key_number(new)) == (1, 3)
    assert rotated.unseal(old, about=HERE) == rotated.unseal(new, about=HERE)
    with pytest.raises(SealBroken, match="data key 3, which is not here"):
        vault.unseal(new, about=HERE)


def test_prints_are_equal_for_equal_words_and_for_nothing_else(vault: FileVault) -> None:
    base = vault.fingerprint(Print.PHONE, "ab", "c")
    assert base == vault.fingerprint(Print.PHONE, "ab", "c")
    others = [
        vault.fingerprint(Print.PHONE, "a", "bc"),
        vault.fingerprint(Print.PHONE, "abc"),
        vault.fingerprint(Print.PHONE, "ab", "c", ""),
        vault.fingerprint(Print.CSRF, "ab", "c"),
        FileVault(
            MASTER, [wrap_new_key(MASTER, 1, "seal", ENTROPY), wrap_new_key(MASTER, 2, "print", ENTROPY)], ENTROPY
        ).fingerprint(Print.PHONE, "ab", "c"),
    ]
    assert len({base, *others}) == 1 + len(others)


def test_the_associated_data_of_two_places_never_meet() -> None:
    seen = {
        associated_data(n, About(UUID(int=i), UUID(int=r), f))
        for n in (1, 2)
        for i in (1, 2)
        for r in (1, 2)
        for f in ("a", "ab")
    }
    assert len(seen) == 16


def test_no_key_shows_itself(vault: FileVault) -> None:
    assert "mmmm" not in repr(MASTER) + repr(vault) + str(vars(files))
