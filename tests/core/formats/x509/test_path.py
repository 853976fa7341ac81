from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from otpward.core.formats.der import encode_der
from otpward.core.formats.x509.certificate import read_certificate
from otpward.core.formats.x509.flaws import Flaw, Flawed
from otpward.core.formats.x509.path import TRIES_MAX, Anchors, check_signer, find_path, issued_by, sort_pinned
from tests.fakes.authority import (
    DAY,
    PERSONAL,
    Holder,
    authority,
    authority_extensions,
    certify,
    ec_key,
    named,
    person,
    person_extensions,
    person_of_curve,
    policies,
    root,
    rsa_key,
    usage,
)
from tests.fakes.signed import NULL, sequence
from tests.fakes.surroundings import NOON

TAKEN = frozenset({PERSONAL})
POLICY_MAPPINGS = ObjectIdentifier("2.5.29.33")


def anchors(*more: Holder) -> Anchors:
    return sort_pinned([root().card, *(one.card for one in more)])


def issued(issuer: Holder, name: str = "somebody", **how: object) -> Holder:
    return certify(named(name), rsa_key("person"), issuer, *person_extensions(**how))  # type: ignore[arg-type]


def below(
    *extensions: tuple[x509.ExtensionType, bool], of: Holder | None = None, name: str = "Sub CA", **how: object
) -> Holder:
    """Another authority, under the root unless said otherwise."""
    return certify(named(name, unit="AccreditedCA"), rsa_key(name), of or root(), *extensions, **how)  # type: ignore[arg-type]


def flaw_of_path(signer: Holder, *carried: Holder, pinned: tuple[Holder, ...] = ()) -> Flaw:
    with pytest.raises(Flawed) as caught:
        find_path(signer.card, [one.card for one in carried], anchors(*pinned), now=NOON, policies=TAKEN)
    return caught.value.flaw


def path_of(signer: Holder, *carried: Holder, pinned: tuple[Holder, ...] = ()) -> list[bytes]:
    found = find_path(signer.card, [one.card for one in carried], anchors(*pinned), now=NOON, policies=TAKEN)
    return [one.der for one in found]


def flaw_of_signer(signer: Holder, **how: object) -> Flaw:
    with pytest.raises(Flawed) as caught:
        check_signer(signer.card, now=NOON, policies=TAKEN)
    return caught.value.flaw


@pytest.mark.parametrize("holder", [person, person_of_curve], ids=["rsa", "p-256"])
def test_a_certificate_leads_to_the_root(holder: Callable[[], Holder]) -> None:
    check_signer(holder().card, now=NOON, policies=TAKEN)
    expected = [holder().der, authority().der, root().der]
    assert path_of(holder(), authority()) == expected
    assert path_of(holder(), pinned=(authority(),)) == expected
    assert path_of(holder(), root(), authority(), person(), pinned=(authority(),)) == expected


def test_another_root_is_not_trusted_even_under_the_same_name() -> None:
    false_root = certify(root().certificate.subject, rsa_key("false root"), None, *authority_extensions())
    false_ca = certify(authority().certificate.subject, rsa_key("false CA"), false_root, *authority_extensions())
    forged = issued(false_ca)
    assert flaw_of_path(forged, false_ca, false_root) is Flaw.UNTRUSTED
    assert flaw_of_path(forged, authority()) is Flaw.UNTRUSTED
    assert flaw_of_path(person()) is Flaw.UNTRUSTED


def test_a_certificate_of_a_person_issues_nothing() -> None:
    somebody = issued(root())
    assert flaw_of_path(issued(somebody, "a friend"), somebody) is Flaw.NOT_A_CA


def test_an_authority_may_be_named_one_and_not_be_for_issuing() -> None:
    extensions = ((x509.BasicConstraints(ca=True, path_length=0), True), (usage("digital_signature"), True))
    sub = below(*extensions)
    assert flaw_of_path(issued(sub), sub) is Flaw.NOT_A_CA


def test_a_path_is_no_longer_than_allowed() -> None:
    sub = below(*authority_extensions(), of=authority())
    assert flaw_of_path(issued(sub), sub, authority()) is Flaw.PATH_LENGTH


def test_a_very_long_path_is_not_walked() -> None:
    chain = [root()]
    for depth in range(5):
        chain.append(below(*authority_extensions(), of=chain[-1], name=f"CA {depth}"))
    assert flaw_of_path(issued(chain[-1]), *chain[1:]) is Flaw.UNTRUSTED
    assert len(path_of(issued(chain[3]), *chain[1:])) == 5


def test_authorities_in_a_ring_end(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [named(f"ring {number}", unit="CA") for number in range(6)]
    key = ec_key("ring")
    ring = [
        certify(
            subject,
            key,
            None if subject is issuer else Holder(certify(issuer, key, None).certificate, key),
            *authority_extensions(),
        )
        for subject in names
        for issuer in names
    ]
    leaf = issued(Holder(ring[0].certificate, key))
    assert len(ring) > TRIES_MAX
    assert flaw_of_path(leaf, *ring) is Flaw.UNTRUSTED


@pytest.mark.parametrize(
    ("since", "until", "flaw"),
    [(NOON - 3 * DAY, NOON - DAY, Flaw.EXPIRED), (NOON + DAY, NOON + 2 * DAY, Flaw.NOT_YET_VALID)],
)
def test_out_of_its_time_nothing_counts(since: datetime, until: datetime, flaw: Flaw) -> None:
    own = certify(named("x"), rsa_key("person"), authority(), *person_extensions(), since=since, until=until)
    assert flaw_of_signer(own) is flaw
    sub = below(*authority_extensions(0), since=since, until=until)
    assert flaw_of_path(issued(sub), sub) is flaw


def test_a_moment_before_the_end_counts_and_a_second_after_does_not() -> None:
    card = person().card
    card.check_time(card.not_after)
    with pytest.raises(Flawed):
        card.check_time(card.not_after + timedelta(seconds=1))


def test_an_expired_root_ends_all_below() -> None:
    with pytest.raises(Flawed) as caught:
        find_path(person().card, [authority().card], anchors(), now=NOON + 4000 * DAY, policies=TAKEN)
    assert caught.value.flaw is Flaw.EXPIRED


def tree(*pairs: tuple[ObjectIdentifier, str]) -> x509.DirectoryName:
    return x509.DirectoryName(x509.Name([x509.NameAttribute(oid, text) for oid, text in pairs]))


YESSIGN = tree((NameOID.COUNTRY_NAME, "kr"), (NameOID.ORGANIZATION_NAME, "YesSign"))
ELSEWHERE = tree((NameOID.COUNTRY_NAME, "KR"), (NameOID.ORGANIZATION_NAME, "elsewhere"))
A_SAN_OF_KIND = x509.OtherName(ObjectIdentifier("1.2.410.200004.10.1.1"), b"\x30\x00")


@pytest.mark.parametrize(
    ("permitted", "excluded"),
    [
        ([ELSEWHERE], None),
        (None, [YESSIGN]),
        ([YESSIGN], [tree((NameOID.COUNTRY_NAME, "KR"))]),
        ([A_SAN_OF_KIND], None),
        (None, [A_SAN_OF_KIND]),
    ],
    ids=["outside", "excluded", "both", "a form we cannot judge", "excluded in a form we cannot judge"],
)
def test_names_outside_an_authority_s_realm_are_refused(
    permitted: list[x509.GeneralName] | None, excluded: list[x509.GeneralName] | None
) -> None:
    sub = below(*authority_extensions(0), (x509.NameConstraints(permitted, excluded), True))
    assert flaw_of_path(issued(sub), sub) is Flaw.NAME_CONSTRAINT


def test_names_inside_an_authority_s_realm_are_taken() -> None:
    sub = below(*authority_extensions(0), (x509.NameConstraints([YESSIGN, ELSEWHERE], [x509.DNSName("bank.example")]), True))
    assert len(path_of(issued(sub), sub)) == 3


def test_a_constraint_high_up_binds_all_below() -> None:
    top = below(*authority_extensions(), (x509.NameConstraints([ELSEWHERE], None), True), name="Top CA")
    sub = below(*authority_extensions(), of=top)
    assert flaw_of_path(issued(sub), sub, top) is Flaw.NAME_CONSTRAINT


@pytest.mark.parametrize(
    ("replaced", "flaw"),
    [
        ({x509.KeyUsage: None}, Flaw.KEY_USAGE),
        ({x509.KeyUsage: (usage("digital_signature"), True)}, Flaw.KEY_USAGE),
        ({x509.KeyUsage: (usage("content_commitment"), True)}, Flaw.KEY_USAGE),
        ({x509.KeyUsage: (usage("key_encipherment"), True)}, Flaw.KEY_USAGE),
        ({x509.ExtendedKeyUsage: (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)}, Flaw.KEY_USAGE),
        ({x509.CertificatePolicies: None}, Flaw.POLICY),
        ({x509.CertificatePolicies: (policies("1.2.410.200005.1.1.4"), True)}, Flaw.POLICY),
        ({x509.CertificatePolicies: (policies("2.5.29.32.0"), True)}, Flaw.POLICY),
        ({x509.UnrecognizedExtension: (x509.UnrecognizedExtension(POLICY_MAPPINGS, b"\x30\x00"), True)}, Flaw.EXTENSION),
        ({x509.BasicConstraints: (x509.BasicConstraints(ca=True, path_length=None), True)}, Flaw.CA_AS_SIGNER),
        ({x509.KeyUsage: (usage("digital_signature", "content_commitment", "key_cert_sign"), True)}, Flaw.CA_AS_SIGNER),
    ],
)
def test_a_signer_of_the_wrong_kind_is_refused(
    replaced: dict[type, tuple[x509.ExtensionType, bool] | None], flaw: Flaw
) -> None:
    assert flaw_of_signer(issued(authority(), replaced=replaced)) is flaw


def test_an_authority_is_no_signer() -> None:
    assert flaw_of_signer(authority()) is Flaw.CA_AS_SIGNER


def test_a_signer_may_say_that_it_is_for_clients() -> None:
    uses = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), True)
    check_signer(issued(authority(), replaced={x509.ExtendedKeyUsage: uses}).card, now=NOON, policies=TAKEN)


def test_an_authority_grants_only_policies_of_its_own() -> None:
    ca, signs = (x509.BasicConstraints(ca=True, path_length=0), True), (usage("key_cert_sign"), True)
    other, none = below(ca, signs, (policies("1.2.3.4"), False)), below(ca, signs, name="Silent CA")
    own = below(ca, signs, (policies(PERSONAL), False), name="Own CA")
    assert flaw_of_path(issued(other), other) is Flaw.POLICY
    assert flaw_of_path(issued(other), pinned=(other,)) is Flaw.POLICY
    assert flaw_of_path(issued(none), none) is Flaw.POLICY
    assert len(path_of(issued(none), pinned=(none,))) == 3
    assert len(path_of(issued(own), own)) == 3


def test_any_policy_can_be_forbidden_further_down() -> None:
    top = below(*authority_extensions(), (x509.InhibitAnyPolicy(0), True), name="Strict CA")
    sub = below(*authority_extensions(), of=top)
    assert flaw_of_path(issued(sub), sub, top) is Flaw.POLICY


def test_weak_keys_are_refused_anywhere() -> None:
    short = certify(named("short"), rsa_key("short", 1024), authority(), *person_extensions())
    assert flaw_of_signer(short) is Flaw.WEAK_KEY
    sub = certify(named("short CA", unit="CA"), rsa_key("short", 1024), root(), *authority_extensions(0))
    assert flaw_of_path(issued(sub), sub) is Flaw.WEAK_KEY
    with pytest.raises(Flawed):
        sort_pinned([certify(named("short root"), rsa_key("short", 1024), None, *authority_extensions()).card])


def test_a_certificate_signed_with_sha1_is_refused() -> None:
    """The library signs none any more, so the name of the algorithm is exchanged and the signature made by hand."""
    sha256_oid, sha1_oid = bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d010105")
    signed = person().certificate.tbs_certificate_bytes.replace(sha256_oid, sha1_oid)
    key = authority().key
    assert isinstance(key, rsa.RSAPrivateKey)
    signature = key.sign(signed, PKCS1v15(), hashes.SHA1())
    algorithm = sequence(encode_der(0x06, sha1_oid), NULL)
    card = read_certificate(sequence(signed, algorithm, encode_der(0x03, b"\0" + signature)))
    with pytest.raises(Flawed) as caught:
        check_signer(card, now=NOON, policies=TAKEN)
    assert caught.value.flaw is Flaw.ALGORITHM
    assert not issued_by(card, authority().card)


def test_what_is_pinned_is_an_authority() -> None:
    with pytest.raises(Flawed):
        sort_pinned([root().card, person().card])
    with pytest.raises(Flawed):
        sort_pinned([authority().card])
    with pytest.raises(Flawed):
        sort_pinned([])


def test_a_pinned_root_signed_itself() -> None:
    false = certify(named("Root"), rsa_key("a root"), None, *authority_extensions(), signing_key=rsa_key("another"))
    with pytest.raises(Flawed):
        sort_pinned([false.card])


@pytest.mark.parametrize(
    "octets", [b"", b"\x30\x00", person().der[:-1], person().der + b"\0", b"\x30\x82\x40\x00" + bytes(16384)]
)
def test_what_is_no_certificate_is_refused(octets: bytes) -> None:
    with pytest.raises(Flawed) as caught:
        read_certificate(octets)
    assert caught.value.flaw is Flaw.STRUCTURE
