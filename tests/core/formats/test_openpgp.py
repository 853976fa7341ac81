"""An OpenPGP message is told by its first octets, and so is what opens it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otpward.core.formats.openpgp import Wrapping, is_private_key, wrapping_of
from tests.vectors.keys import private_key_pem
from tests.vectors.rows import VECTORS

HERE = VECTORS / "openpgp"


@pytest.mark.parametrize(
    ("name", "wrapping"),
    [
        ("password.gpg", Wrapping.PASSWORD),
        ("password.asc", Wrapping.PASSWORD),
        ("no-mdc.gpg", Wrapping.PASSWORD),
        ("for-a-key.gpg", Wrapping.PRIVATE_KEY),
        ("signed-for-a-key.gpg", Wrapping.PRIVATE_KEY),
        ("signed-only.gpg", Wrapping.NOTHING),
        ("signed-text.asc", None),
        ("README.md", None),
        ("../rfc6030/rfc6030-fig02-plain.xml", None),
    ],
)
def test_a_message_says_what_opens_it(name: str, wrapping: Wrapping | None) -> None:
    assert wrapping_of((HERE / name).read_bytes()) is wrapping


def test_a_private_key_of_openpgp_is_no_pem() -> None:
    assert is_private_key((HERE / "receiver.key").read_bytes())
    assert is_private_key(b"\n-----BEGIN PGP PRIVATE KEY BLOCK-----\n")
    assert not is_private_key((HERE / "receiver.pub").read_bytes())
    assert not is_private_key(private_key_pem())
    assert not is_private_key(b"")


@given(
    st.binary(max_size=80),
    st.sampled_from([b"", b"-----BEGIN PGP MESSAGE-----\n", b"-----BEGIN PGP MESSAGE-----\n\n", b"\xa3", b"\x85"]),
)
def test_any_octets_are_a_message_or_none(octets: bytes, start: bytes) -> None:
    found = wrapping_of(start + octets)
    assert found is None or found in Wrapping
    assert is_private_key(octets) in (True, False)
