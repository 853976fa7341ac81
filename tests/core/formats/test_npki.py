import pytest
from cryptography import x509
from cryptography.x509.oid import ObjectIdentifier

from otpward.core.formats.der import encode_der
from otpward.core.formats.npki import (
    GENERAL_PERSONAL,
    IDENTIFY_DATA,
    POLICIES,
    SHA1,
    Holder,
    Identity,
    Scope,
    check_company,
    read_identity,
    virtual_id,
)
from otpward.core.formats.x509.flaws import Flaw, Flawed
from otpward.core.secret import Personal, Secret
from tests.fakes.authority import COMPANY, RANDOM, REAL_NAME, identify_data, person


def other(value: bytes, type_id: str = IDENTIFY_DATA) -> x509.OtherName:
    return x509.OtherName(ObjectIdentifier(type_id), value)


def test_the_virtual_id_is_the_computed_one() -> None:
    """KOREA.md §2.5: H(H(3026130D…)) of a number that no person has."""
    random = Secret(bytes.fromhex("79EA7568A2D3776604E18BCD3A1B1B85B7DA0872"))
    vid = virtual_id(Personal("1234561234567"), random)
    assert vid.hex() == "17692c8dd00ead33791de0a64a937c60799634c64ac56fa57570c0e05252ab35"
    assert len(virtual_id(Personal("1234561234567"), random, vid_hash=SHA1)) == 20


def test_the_real_name_and_the_virtual_id_are_read() -> None:
    identity = read_identity(person().card.names)
    assert identity.real_name.reveal() == REAL_NAME
    assert identity.vid == virtual_id(COMPANY, RANDOM)
    assert REAL_NAME not in repr(identity)


def test_a_name_alone_is_enough() -> None:
    identity = read_identity([other(encode_der(0x30, encode_der(0x0C, "홍길동".encode())))])
    assert (identity.real_name.reveal(), identity.vid) == ("홍길동", b"")


@pytest.mark.parametrize(
    "names",
    [
        [],
        [x509.DNSName("hong.example")],
        [other(b"\x30\x00", "1.2.3.4")],
        [identify_data(), identify_data()],
        [other(b"")],
        [other(b"\x30\x00")],
        [other(encode_der(0x30, encode_der(0x0C, b" ")))],
        [other(encode_der(0x30, encode_der(0x0C, b"a\nb")))],
        [other(encode_der(0x30, encode_der(0x0C, b"a" * 101)))],
        [other(encode_der(0x30, encode_der(0x0C, b"\xff")))],
        [other(encode_der(0x30, encode_der(0x13, b"Hong")))],
        [other(encode_der(0x30, encode_der(0x0C, b"a") + b"\x05\x00"))],
        [other(identify_data().value + b"\0")],
        [other(encode_der(0x30, bytes(2000)))],
    ],
    ids=[
        "none", "another kind", "another type", "two", "empty", "nameless", "blank", "line break", "long", "not UTF-8",
        "not a UTF8String", "something after", "octets after", "large",
    ],
)  # fmt: skip
def test_a_certificate_without_one_real_name_is_refused(names: list[x509.GeneralName]) -> None:
    with pytest.raises(Flawed) as caught:
        read_identity(names)
    assert caught.value.flaw is Flaw.NO_NAME


def test_a_company_is_known_by_its_number() -> None:
    check_company(read_identity([identify_data()]), COMPANY, RANDOM)


@pytest.mark.parametrize(
    ("number", "random"),
    [
        ("1234567890", RANDOM),
        ("1234567891", Secret(bytes(20))),
        ("1234567891", Secret(b"")),
        ("1234561234567", RANDOM),
        ("１２３４５６７８９１", RANDOM),
        ("", RANDOM),
    ],
    ids=["other number", "other R", "no R", "a person's number", "wide digits", "no number"],
)
def test_another_number_is_refused(number: str, random: Secret) -> None:
    with pytest.raises(Flawed) as caught:
        check_company(read_identity([identify_data()]), Personal(number), random)
    assert caught.value.flaw is Flaw.VID


def test_a_person_s_number_is_not_tried_even_where_it_would_fit() -> None:
    number = Personal("1234561234567")
    identity = read_identity([identify_data(number=number)])
    with pytest.raises(Flawed):
        check_company(identity, number, RANDOM)


def test_without_a_virtual_id_no_number_fits() -> None:
    with pytest.raises(Flawed):
        check_company(Identity(real_name=Personal("홍길동")), COMPANY, RANDOM)


def test_every_authority_has_its_kinds() -> None:
    authorities = {kind.authority for kind in POLICIES.values()}
    assert authorities == {"yessign", "KICA", "KOSCOM", "CrossCert", "TradeSign", "NCA", "Inipass", "GPKI"}
    for oid in GENERAL_PERSONAL:
        assert POLICIES[oid].holder is Holder.PERSON
        assert POLICIES[oid].scope is Scope.GENERAL
    assert "1.2.410.200005.1.1.4" not in GENERAL_PERSONAL
