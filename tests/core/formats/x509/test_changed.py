"""Octets that somebody changed are refused by word, never by a fault of the library."""

import contextlib

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from otpward.core.formats.npki import read_identity
from otpward.core.formats.x509.certificate import read_certificate
from otpward.core.formats.x509.crl import check_listed, read_list
from otpward.core.formats.x509.flaws import Flawed
from otpward.core.formats.x509.ocsp import make_question, read_answer
from otpward.core.formats.x509.path import check_signer, find_path, sort_pinned
from tests.fakes.authority import PERSONAL, authority, crl, ocsp_answer, person, person_of_curve, root
from tests.fakes.surroundings import NOON

NONCE = bytes(16)
QUESTION = make_question(person().card, authority().card, NONCE)
ANSWER = ocsp_answer(QUESTION)
SCOPE = x509.IssuingDistributionPoint(
    full_name=None,
    relative_name=None,
    only_contains_user_certs=True,
    only_contains_ca_certs=False,
    only_some_reasons=None,
    indirect_crl=False,
    only_contains_attribute_certs=False,
)
LIST = crl(person_of_curve(), scope=SCOPE)
TAKEN = frozenset({PERSONAL})
CHANGES = st.tuples(st.integers(0, 10**9), st.binary(max_size=3), st.integers(0, 3))


def changed(octets: bytes, change: tuple[int, bytes, int]) -> bytes:
    place, put, cut = change
    at = place % len(octets)
    return octets[:at] + put + octets[at + cut :]


@given(CHANGES)
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_a_changed_certificate_leads_nowhere(change: tuple[int, bytes, int]) -> None:
    octets = changed(person().der, change)
    if octets == person().der:
        return
    with contextlib.suppress(Flawed):
        card = read_certificate(octets)
        with contextlib.suppress(Flawed):
            check_signer(card, now=NOON, policies=TAKEN)
        with contextlib.suppress(Flawed):
            read_identity(card.names)
        with pytest.raises(Flawed):
            find_path(card, [authority().card], sort_pinned([root().card]), now=NOON, policies=TAKEN)


@given(CHANGES)
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_a_changed_ocsp_answer_is_not_believed(change: tuple[int, bytes, int]) -> None:
    octets = changed(ANSWER, change)
    with contextlib.suppress(Flawed):
        said = read_answer(octets, card=person().card, issuer=authority().card, nonce=NONCE, now=NOON)
        assert said is None or octets == ANSWER


@given(CHANGES)
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_a_changed_list_is_not_believed(change: tuple[int, bytes, int]) -> None:
    octets = changed(LIST, change)
    with contextlib.suppress(Flawed):
        check_listed(read_list(octets, issuer=authority().card, now=NOON), person().card, frozenset())
        assert octets == LIST


def test_unchanged_they_are() -> None:
    assert read_answer(ANSWER, card=person().card, issuer=authority().card, nonce=NONCE, now=NOON) is not None
    check_listed(read_list(LIST, issuer=authority().card, now=NOON), person().card, frozenset())
