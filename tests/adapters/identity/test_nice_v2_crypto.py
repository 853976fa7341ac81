"""NICE v2's keys against our own computed vector, and a result that opens only whole."""

import base64
import hmac

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from otpward.adapters.identity.nice_v2_crypto import derive_keys, is_whole, open_result
from otpward.core.secret import Secret
from otpward.sandbox.identity import nice_v2 as other_side

KEYS = derive_keys(ticket=Secret(b"TICKET-0001"), transaction_id="TX-0001", iterations=1000)
PLAIN = '{"name":"홍길동"}'.encode()


def sealed(plain: bytes = PLAIN) -> str:
    iv = bytes(range(16))
    octets = iv + AESGCM(KEYS.sealing.reveal()).encrypt(iv, plain, None)
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def mac(text: str) -> str:
    return base64.urlsafe_b64encode(hmac.digest(KEYS.signing.reveal(), text.encode(), "sha256")).decode()


def test_the_keys_are_the_two_stretches_of_the_86_characters() -> None:
    assert KEYS.sealing.reveal() == b"zEyMbcbjtYdYMCD60fU9v-QnqsQ40W0p"
    assert KEYS.signing.reveal() == b"SAQsKDB88H8BSW_uzq6Cu3giLbsPU4fa"
    whole = other_side.derive("TICKET-0001", "TX-0001", 1000)
    assert len(whole) == 86
    assert (whole[0:32], whole[48:80]) == (KEYS.sealing.reveal(), KEYS.signing.reveal())


@pytest.mark.parametrize(("ticket", "transaction"), [(b"TICKET-0002", "TX-0001"), (b"TICKET-0001", "TX-0002")])
def test_another_ticket_or_transaction_has_other_keys(ticket: bytes, transaction: str) -> None:
    other = derive_keys(ticket=Secret(ticket), transaction_id=transaction, iterations=1000)
    assert other.sealing != KEYS.sealing
    assert not is_whole(sealed(), mac(sealed()), key=other.signing)
    assert open_result(sealed(), key=other.sealing) is None


def test_a_result_opens_with_and_without_padding() -> None:
    text = sealed()
    padded = text + "=" * (-len(text) % 4)
    assert open_result(text, key=KEYS.sealing) == open_result(padded, key=KEYS.sealing) == PLAIN
    assert is_whole(text, mac(text), key=KEYS.signing)
    assert is_whole(text, mac(text).rstrip("="), key=KEYS.signing)


@pytest.mark.parametrize("text", ["", "a", "한글", "AAAA", "!!!!", "A" * 41, sealed()[:-4]])
def test_what_was_not_sealed_so_does_not_open(text: str) -> None:
    assert open_result(text, key=KEYS.sealing) is None


@pytest.mark.parametrize("value", ["", "한글", mac("other"), mac(sealed())[:-2], mac(sealed()).swapcase()])
def test_another_integrity_value_is_not_whole(value: str) -> None:
    assert not is_whole(sealed(), value, key=KEYS.signing)
