"""NICE v1's keys against our own computed vector, and a result that opens only whole."""

import base64

import pytest

from otpward.adapters.identity.nice_v1_crypto import derive_keys, is_whole, open_result, seal
from otpward.core.secret import Secret

VALUE = b"oz+D7pG45h0Svo5hLFz6Pq5JmllLA3kL6lXx0txsvlg="
KEYS = derive_keys(asked_at="20240101120000", request_number="REQ2024010100000001", token=Secret(b"TESTTOKENVALUE0001"))
PLAIN = '{"name":"홍길동"}'.encode("euc-kr")


def test_the_keys_are_stretches_of_the_44_characters() -> None:
    assert len(VALUE) == 44
    assert KEYS.sealing.reveal() == VALUE[:16]
    assert KEYS.iv == VALUE[-16:]
    assert KEYS.signing.reveal() == VALUE[:32]


def test_what_is_sealed_opens_again() -> None:
    enc_data, value = seal(PLAIN, keys=KEYS)
    assert is_whole(enc_data, value, key=KEYS.signing)
    assert open_result(enc_data, keys=KEYS) == PLAIN


@pytest.mark.parametrize(
    "text", ["", "한글", "AAAA", "!", base64.b64encode(bytes(16)).decode(), base64.b64encode(bytes(15)).decode()]
)
def test_what_was_not_sealed_so_does_not_open(text: str) -> None:
    assert open_result(text, keys=KEYS) is None


def test_every_changed_character_is_noticed() -> None:
    enc_data, value = seal(PLAIN, keys=KEYS)
    for place in range(len(enc_data)):
        changed = enc_data[:place] + ("B" if enc_data[place] == "A" else "A") + enc_data[place + 1 :]
        assert not is_whole(changed, value, key=KEYS.signing)
    for other in ("", "한글", value.swapcase(), value[:-1]):
        assert not is_whole(enc_data, other, key=KEYS.signing)
    assert not is_whole("한글", value, key=KEYS.signing)
