"""The whole of it: a text, a signature over it, and the authorities' word on the certificate."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from otpward.adapters.identity.certificate import CHALLENGE_LIFE, CertificateProver, read_field, read_pinned
from otpward.adapters.identity.revocation import LIST_LIMIT, Kept, Revocation
from otpward.core.errors import Invalid, Unavailable
from otpward.core.formats.der import NotDer
from otpward.core.formats.npki import GENERAL_PERSONAL
from otpward.core.formats.x509.flaws import Flaw
from otpward.core.formats.x509.path import sort_pinned
from otpward.core.model.evidence import Evidence
from otpward.core.model.proof import Act, Method
from otpward.core.secret import Secret
from otpward.ports.prover import Asked, Begun, Prover, Refusal, Refused
from tests.adapters.conftest import Faulty
from tests.fakes import authority
from tests.fakes.authority import (
    CORPORATE,
    CRL_URL,
    DAY,
    HOUR,
    LDAP_URL,
    OCSP_URL,
    PERSONAL,
    RANDOM,
    REAL_NAME,
    Holder,
    certify,
    crl,
    crl_at,
    named,
    ocsp_answer,
    ocsp_at,
    person,
    person_extensions,
    person_of_curve,
    policies,
    responder,
    rsa_key,
    usage,
)
from tests.fakes.signed import signed_data, signer_info
from tests.fakes.surroundings import NOON, FixedClock, RealEntropy

HOSTS = ("ocsp.authority.example", "crl.authority.example")


@dataclass
class Authorities:
    """Both services: OCSP answers as told, the list is as told, and what was asked is remembered."""

    ocsp: Callable[[bytes], bytes | int] = ocsp_answer
    crl: bytes | int = 503
    asked: list[str] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        if str(request.url).endswith(".crl"):
            said: bytes | int = self.crl
        else:
            assert request.headers["Content-Type"] == "application/ocsp-request"
            said = self.ocsp(request.content)
        return httpx.Response(said) if isinstance(said, int) else httpx.Response(200, content=said)


def say(**how: object) -> Callable[[bytes], bytes | int]:
    return lambda question: ocsp_answer(question, **how)  # type: ignore[arg-type]


class Desk:
    """A prover, its authorities and a clock."""

    def __init__(self, authorities: Authorities | None = None, *, hosts: tuple[str, ...] = HOSTS, **how: object) -> None:
        self.authorities = authorities or Authorities()
        self.clock = FixedClock()
        http = httpx.Client(transport=httpx.MockTransport(self.authorities))
        anchors = sort_pinned([authority.root().card, authority.authority().card])
        revocation = Revocation(http=http, hosts=hosts, entropy=RealEntropy())
        usual = {"institution": "시험 은행", "anchors": anchors, "policies": GENERAL_PERSONAL, "revocation": revocation}
        self.prover = CertificateProver("npki", **(usual | how))  # type: ignore[arg-type]

    def begin(self, number: str = "N1", nonce: bytes = bytes(32)) -> Begun:
        asked = Asked(
            number=number, nonce=nonce, return_url="https://otp.example/", language="ko", act=Act.UNLOCK, now=self.clock.at
        )
        return self.prover.begin(asked)

    def complete(
        self, octets: bytes | str, begun: Begun | None = None, more: Mapping[str, str] = MappingProxyType({})
    ) -> Evidence | Refused:
        text = octets if isinstance(octets, str) else base64.b64encode(octets).decode()
        return self.prover.complete((begun or self.begin()).kept, {"cms": text, **more}, now=self.clock.at)

    def sign(self, signer: Holder | None = None, **how: object) -> Evidence | Refused:
        return self.complete(signed_data(self.begin().challenge, signer=signer or person(), **how))  # type: ignore[arg-type]

    def flaw(self, signer: Holder | None = None, **how: object) -> str:
        said = self.sign(signer, **how)
        assert isinstance(said, Refused)
        return said.detail


def issued(**replaced: tuple[x509.ExtensionType, bool] | None) -> Holder:
    kinds = {getattr(x509, name): value for name, value in replaced.items()}
    return certify(named("someone else"), rsa_key("person"), authority.authority(), *person_extensions(replaced=kinds))


def test_it_is_a_prover() -> None:
    prover: Prover = Desk().prover
    assert prover.method is Method.CERTIFICATE


def test_the_text_says_who_asks_what_for_and_when() -> None:
    begun = Desk().begin(nonce=b"\xab" * 32)
    assert begun.challenge.decode() == (
        "otpward proof of identity\n"
        "institution: 시험 은행\n"
        "act: unlock\n"
        "number: N1\n"
        "time: 2026-11-23T03:00:00+00:00\n"
        f"nonce: {'ab' * 32}\n"
    )
    assert not begun.link
    assert not begun.push


def test_an_institution_s_name_cannot_add_a_line() -> None:
    begun = Desk(institution="Bank\nact: lift_loss").begin()
    assert b"\ninstitution: Bank act: lift_loss\nact: unlock\n" in begun.challenge


@pytest.mark.parametrize("holder", [person, person_of_curve], ids=["rsa", "p-256"])
def test_a_signature_over_our_text_proves_the_person(holder: Callable[[], Holder]) -> None:
    desk = Desk()
    said = desk.sign(holder())
    assert isinstance(said, Evidence)
    assert said.method is Method.CERTIFICATE
    assert said.provider == "npki"
    assert said.name.reveal() == REAL_NAME
    assert said.subject.reveal().split(";")[1] == holder().certificate.subject.rfc4514_string()
    assert not said.ci
    assert said.verified_at == NOON
    assert (len(said.provider_tx), len(said.raw_hash)) == (64, 32)
    assert desk.authorities.asked == [OCSP_URL]


def test_pem_and_broken_lines_are_taken() -> None:
    desk = Desk()
    coded = base64.encodebytes(signed_data(desk.begin().challenge)).decode().replace("\n", "\r\n")
    for text in (
        coded,
        f"-----BEGIN CMS-----\r\n{coded}-----END CMS-----\r\n",
        f"-----BEGIN PKCS7-----\n{coded}-----END PKCS7-----",
    ):
        assert isinstance(desk.complete(text), Evidence)


@pytest.mark.parametrize(
    "text", ["", "hello!", "-----BEGIN CMS-----\nAAAA\n-----END PKCS7-----", "é" * 8, "A" * 100_000, "QUFB"]
)
def test_what_is_no_signature_may_be_tried_again(text: str) -> None:
    assert Desk().complete(text) == Refused(why=Refusal.NOT_ACCEPTED, detail=NotDer.code)


def test_a_field_that_is_missing_is_no_fault() -> None:
    desk = Desk()
    assert desk.prover.complete(desk.begin().kept, {}, now=NOON) == Refused(why=Refusal.NOT_ACCEPTED, detail=NotDer.code)


def test_another_challenge_s_signature_is_refused() -> None:
    desk = Desk()
    octets = signed_data(desk.begin(nonce=b"1" * 32).challenge)
    said = desk.complete(octets, desk.begin(nonce=b"2" * 32))
    assert said == Refused(why=Refusal.FORGED, detail=Flaw.OTHER_TEXT)


def test_the_challenge_of_another_act_is_another() -> None:
    desk = Desk()
    asked = Asked(number="N1", nonce=bytes(32), return_url="", language="ko", act=Act.APPLY, now=NOON)
    assert desk.prover.begin(asked).challenge != desk.begin().challenge


def test_a_challenge_grows_old() -> None:
    desk = Desk()
    begun = desk.begin()
    octets = signed_data(begun.challenge)
    desk.clock.at += CHALLENGE_LIFE + timedelta(seconds=1)
    assert desk.complete(octets, begun) == Refused(why=Refusal.EXPIRED)


@pytest.mark.parametrize(
    ("signer", "flaw", "why"),
    [
        (
            lambda: certify(named("x"), rsa_key("person"), authority.authority(), *person_extensions(), until=NOON - HOUR),
            Flaw.EXPIRED,
            Refusal.NOT_ACCEPTED,
        ),
        (lambda: issued(CertificatePolicies=(policies("1.2.410.200005.1.1.4"), True)), Flaw.POLICY, Refusal.NOT_ACCEPTED),
        (lambda: issued(KeyUsage=(usage("key_encipherment"), True)), Flaw.KEY_USAGE, Refusal.NOT_ACCEPTED),
        (lambda: issued(SubjectAlternativeName=None), Flaw.NO_NAME, Refusal.NOT_ACCEPTED),
        (authority.authority, Flaw.CA_AS_SIGNER, Refusal.NOT_ACCEPTED),
        (
            lambda: certify(named("x"), rsa_key("person"), None, *person_extensions()),
            Flaw.UNTRUSTED,
            Refusal.NOT_ACCEPTED,
        ),
        (lambda: Holder(person().certificate, rsa_key("thief")), Flaw.SIGNATURE, Refusal.FORGED),
    ],
    ids=["expired", "policy", "key usage", "no name", "an authority", "untrusted", "somebody else's key"],
)
def test_a_certificate_of_the_wrong_kind_is_refused_before_anybody_is_asked(
    signer: Callable[[], Holder], flaw: Flaw, why: Refusal
) -> None:
    desk = Desk()
    assert desk.sign(signer()) == Refused(why=why, detail=flaw)
    assert not desk.authorities.asked


def test_two_signers_are_refused() -> None:
    desk = Desk()
    text = desk.begin().challenge
    both = signed_data(text, signer_info(text, person()), signer_info(text, person_of_curve()))
    assert desk.complete(both) == Refused(why=Refusal.NOT_ACCEPTED, detail=Flaw.SIGNERS)


def thief(victim: Holder, issuer: Holder | None) -> Holder:
    """The victim's name and uses, over a key and a signature of somebody else's."""
    uses = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
    key = rsa_key("thief")
    return certify(victim.certificate.subject, key, issuer, (uses, False), (x509.OCSPNoCheck(), False), signing_key=key)


class TestOcsp:
    def test_a_responder_may_be_named_by_its_name(self) -> None:
        assert isinstance(Desk(Authorities(ocsp=say(by_name=True))).sign(), Evidence)

    def test_a_revoked_certificate_is_refused(self) -> None:
        desk = Desk(Authorities(ocsp=say(status=ocsp.OCSPCertStatus.REVOKED)))
        assert desk.sign() == Refused(why=Refusal.NOT_ACCEPTED, detail=Flaw.REVOKED)

    def test_one_that_is_unknown_is_refused(self) -> None:
        assert Desk(Authorities(ocsp=say(status=ocsp.OCSPCertStatus.UNKNOWN))).flaw() == Flaw.OCSP_OTHER

    def test_a_replayed_answer_is_refused(self) -> None:
        heard: list[bytes] = []

        def replay(question: bytes) -> bytes:
            heard.append(ocsp_answer(question))
            return heard[0]

        authorities = Authorities(ocsp=replay)
        assert isinstance(Desk(authorities).sign(), Evidence)
        assert Desk(authorities).sign() == Refused(why=Refusal.FORGED, detail=Flaw.OCSP_NONCE)

    @pytest.mark.parametrize(
        ("how", "flaw"),
        [
            ({"without_nonce": True}, Flaw.OCSP_NONCE),
            ({"nonce": b"x" * 16}, Flaw.OCSP_NONCE),
            ({"at": NOON - DAY, "until": NOON - HOUR}, Flaw.OCSP_OLD),
            ({"at": NOON - HOUR, "until": None}, Flaw.OCSP_OLD),
            ({"at": NOON + HOUR, "until": NOON + DAY}, Flaw.OCSP_OLD),
            ({"about": person_of_curve()}, Flaw.OCSP_OTHER),
            ({"about": person(), "issuer": authority.root()}, Flaw.OCSP_OTHER),
            ({"by": person()}, Flaw.OCSP_SIGNER),
            ({"by": authority.root()}, Flaw.OCSP_SIGNER),
            ({"by": thief(authority.authority(), None), "by_name": True}, Flaw.OCSP_SIGNER),
            ({"by": thief(responder(), authority.authority())}, Flaw.OCSP_SIGNER),
        ],
        ids=[
            "no nonce", "another nonce", "old", "old without an end", "of tomorrow", "another certificate", "another issuer",
            "by a person", "by the root", "not signed by the authority", "not signed by its delegate",
        ],
    )  # fmt: skip
    def test_an_answer_not_to_be_believed_is_a_refusal(self, how: dict[str, object], flaw: Flaw) -> None:
        desk = Desk(Authorities(ocsp=say(**how), crl=crl()))
        assert desk.sign() == Refused(why=Refusal.FORGED, detail=flaw)
        assert desk.authorities.asked == [OCSP_URL]

    @pytest.mark.parametrize("body", [b"", b"<html>", b"\x30\x03\x0a\x01\x00", b"\x30\x80\x00\x00"])
    def test_an_answer_that_cannot_be_read_is_a_refusal(self, body: bytes) -> None:
        assert Desk(Authorities(ocsp=lambda _: body)).flaw() == Flaw.OCSP_UNREADABLE

    def test_an_answer_with_its_signature_cut_out_is_a_refusal(self) -> None:
        def unsigned(question: bytes) -> bytes:
            signed = ocsp_answer(question)
            signature = ocsp.load_der_ocsp_response(signed).signature
            return signed.replace(signature, bytes(len(signature)))

        assert Desk(Authorities(ocsp=unsigned)).flaw() == Flaw.OCSP_SIGNER

    def test_the_authority_may_answer_itself(self) -> None:
        assert isinstance(Desk(Authorities(ocsp=say(by=authority.authority()))).sign(), Evidence)

    @pytest.mark.parametrize(
        ("extensions", "until"),
        [
            ([(usage("digital_signature"), True)], DAY),
            ([(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)], DAY),
            ([(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False)], -HOUR),
            ([(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False), (usage("key_agreement"), True)], DAY),
        ],
        ids=["no extended use", "another use", "expired", "not for signatures"],
    )
    def test_a_delegate_must_be_one(self, extensions: list[tuple[x509.ExtensionType, bool]], until: timedelta) -> None:
        false = certify(named("OCSP"), rsa_key("responder"), authority.authority(), *extensions, until=NOON + until)
        assert Desk(Authorities(ocsp=say(by=false))).flaw() == Flaw.OCSP_SIGNER

    def test_a_delegate_without_leave_is_looked_up_in_the_list(self) -> None:
        uses = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
        delegate = certify(
            named("OCSP 2"), rsa_key("responder"), authority.authority(), (uses, False), (crl_at(CRL_URL), False)
        )
        assert isinstance(Desk(Authorities(ocsp=say(by=delegate), crl=crl())).sign(), Evidence)
        assert Desk(Authorities(ocsp=say(by=delegate), crl=crl(delegate))).flaw() == Flaw.REVOKED
        with pytest.raises(Unavailable):
            Desk(Authorities(ocsp=say(by=delegate))).sign()

    def test_a_good_answer_is_kept_for_an_hour_at_most(self) -> None:
        desk = Desk(Authorities(ocsp=lambda question: ocsp_answer(question, at=desk.clock.at, until=desk.clock.at + 7 * DAY)))
        for _ in range(3):
            assert isinstance(desk.sign(), Evidence)
        assert len(desk.authorities.asked) == 1
        desk.clock.at += HOUR
        assert isinstance(desk.sign(at=desk.clock.at), Evidence)
        assert len(desk.authorities.asked) == 2

    def test_an_answer_is_kept_no_longer_than_it_says(self) -> None:
        desk = Desk(Authorities(ocsp=lambda question: ocsp_answer(question, at=desk.clock.at, until=desk.clock.at + HOUR / 4)))
        assert isinstance(desk.sign(), Evidence)
        desk.clock.at += HOUR / 4
        assert isinstance(desk.sign(), Evidence)
        assert len(desk.authorities.asked) == 2

    def test_a_bad_answer_is_not_kept(self) -> None:
        authorities = Authorities(ocsp=say(status=ocsp.OCSPCertStatus.REVOKED))
        desk = Desk(authorities)
        assert desk.flaw() == Flaw.REVOKED
        authorities.ocsp = ocsp_answer
        assert isinstance(desk.sign(), Evidence)


def silent(_: bytes) -> int:
    return 503


def try_later(_: bytes) -> bytes:
    status = ocsp.OCSPResponseStatus.TRY_LATER
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)


class TestList:
    @pytest.mark.parametrize("answer", [silent, try_later, lambda _: 404], ids=["silent", "try later", "not found"])
    def test_where_ocsp_says_nothing_the_list_is_asked(self, answer: Callable[[bytes], bytes | int]) -> None:
        desk = Desk(Authorities(ocsp=answer, crl=crl(person_of_curve())))
        assert isinstance(desk.sign(), Evidence)
        assert isinstance(desk.sign(), Evidence)
        assert desk.authorities.asked == [OCSP_URL, CRL_URL, OCSP_URL]
        assert desk.sign(person_of_curve()) == Refused(why=Refusal.NOT_ACCEPTED, detail=Flaw.REVOKED)

    def test_where_both_are_silent_nobody_passes(self) -> None:
        with pytest.raises(Unavailable):
            Desk(Authorities(ocsp=silent)).sign()

    @pytest.mark.parametrize(
        ("octets", "flaw"),
        [
            (b"", Flaw.CRL_UNREADABLE),
            (b"<html>", Flaw.CRL_UNREADABLE),
            (crl(strange=True), Flaw.CRL_UNREADABLE),
            (crl(at=NOON - 2 * DAY, until=NOON - DAY), Flaw.CRL_OLD),
            (crl(at=NOON + HOUR), Flaw.CRL_OLD),
            (crl(by=authority.root()), Flaw.CRL_OTHER),
            (crl(signing_key=rsa_key("thief")), Flaw.CRL_SIGNER),
        ],
        ids=["empty", "a page", "a delta", "old", "of tomorrow", "another authority's", "not signed"],
    )
    def test_a_list_not_to_be_believed_is_a_refusal(self, octets: bytes, flaw: Flaw) -> None:
        assert Desk(Authorities(ocsp=silent, crl=octets)).flaw() == flaw

    @pytest.mark.parametrize(
        ("scope", "fits"),
        [
            ({"full_name": [x509.UniformResourceIdentifier(LDAP_URL)]}, True),
            ({"full_name": [x509.UniformResourceIdentifier(CRL_URL)], "only_contains_user_certs": True}, True),
            ({"full_name": [x509.UniformResourceIdentifier("ldap://ds.authority.example/ou=dp2")]}, False),
            ({"full_name": None, "only_contains_ca_certs": True}, False),
            ({"full_name": None, "indirect_crl": True}, False),
            ({"full_name": None, "only_some_reasons": frozenset({x509.ReasonFlags.key_compromise})}, False),
            ({"full_name": None, "only_contains_attribute_certs": True}, False),
        ],
        ids=["the same part", "for people", "another part", "for authorities", "indirect", "some reasons", "attributes"],
    )
    def test_another_part_of_the_list_says_nothing(self, scope: dict[str, object], fits: bool) -> None:
        usual: dict[str, object] = {
            "relative_name": None,
            "only_contains_user_certs": False,
            "only_contains_ca_certs": False,
            "only_some_reasons": None,
            "indirect_crl": False,
            "only_contains_attribute_certs": False,
        }
        part = x509.IssuingDistributionPoint(**(usual | scope))  # type: ignore[arg-type]
        said = Desk(Authorities(ocsp=silent, crl=crl(scope=part))).sign()
        assert isinstance(said, Evidence) if fits else said == Refused(why=Refusal.FORGED, detail=Flaw.CRL_OTHER)

    def test_a_part_may_be_called_by_its_place_in_a_directory(self) -> None:
        place = x509.DirectoryName(named("dp1", unit="AccreditedCA"))
        point = x509.DistributionPoint([place, x509.UniformResourceIdentifier(CRL_URL)], None, None, None)
        only_ldap = x509.DistributionPoint([x509.UniformResourceIdentifier(LDAP_URL)], None, None, None)
        points = x509.CRLDistributionPoints([only_ldap, only_ldap, only_ldap, point])
        signer = issued(CRLDistributionPoints=(points, False))
        part = x509.IssuingDistributionPoint([place], None, True, False, None, False, False)
        assert isinstance(Desk(Authorities(ocsp=silent, crl=crl(scope=part))).sign(signer), Evidence)
        assert Desk(Authorities(ocsp=silent, crl=crl(scope=part))).flaw() == Flaw.CRL_OTHER

    def test_a_list_is_fetched_again_when_it_ends(self) -> None:
        authorities = Authorities(ocsp=silent, crl=crl(until=NOON + HOUR))
        desk = Desk(authorities)
        desk.sign()
        desk.clock.at += HOUR
        authorities.crl = crl(person(), at=desk.clock.at, until=desk.clock.at + HOUR)
        assert desk.flaw() == Flaw.REVOKED


class TestWhoIsAsked:
    def test_only_http_is_spoken(self) -> None:
        only_ldap = issued(AuthorityInformationAccess=None, CRLDistributionPoints=(crl_at(LDAP_URL), False))
        desk = Desk()
        assert desk.sign(only_ldap) == Refused(why=Refusal.NOT_ACCEPTED, detail=Flaw.NOBODY_TO_ASK)
        assert not desk.authorities.asked

    @pytest.mark.parametrize(
        "url",
        [
            "http://169.254.169.254/latest/meta-data",
            "http://127.0.0.1/",
            "http://ocsp.authority.example:8080/",
            "http://ocsp.authority.example@evil.example/",
            "http://evil.example#@ocsp.authority.example/",
            "http://ocsp.authority.example\\@evil.example/",
            "http://ocsp.authority.example.evil.example/",
            "file:///etc/passwd",
            "ftp://ocsp.authority.example/",
            "gopher://ocsp.authority.example/",
            "http://OCSP.authority.example/",
            "http://[::1]/",
            "//ocsp.authority.example/",
            "http://ocsp.authority.example/" + "a" * 500,
        ],
    )
    def test_no_other_host_is_asked(self, url: str) -> None:
        elsewhere = issued(AuthorityInformationAccess=(ocsp_at(url), False), CRLDistributionPoints=(crl_at(url), False))
        desk = Desk()
        assert desk.flaw(elsewhere) == Flaw.NOBODY_TO_ASK
        assert not desk.authorities.asked

    def test_a_port_may_be_named(self) -> None:
        url = "http://127.0.0.1:8090/authority/ocsp"
        here = issued(AuthorityInformationAccess=(ocsp_at(url), False))
        desk = Desk(hosts=("127.0.0.1:8090",))
        assert isinstance(desk.sign(here), Evidence)
        assert desk.authorities.asked == [url]

    def test_a_certificate_cannot_send_us_round(self) -> None:
        many = issued(
            AuthorityInformationAccess=(ocsp_at(*(f"{OCSP_URL}{number}" for number in range(50))), False),
            CRLDistributionPoints=(crl_at(*(f"http://crl.authority.example/{number}.crl" for number in range(50))), False),
        )
        desk = Desk(Authorities(ocsp=silent))
        with pytest.raises(Unavailable):
            desk.sign(many)
        assert len(desk.authorities.asked) == 4

    def test_an_authority_that_came_along_is_asked_about_and_a_pinned_one_is_not(self) -> None:
        extensions = (*authority.authority_extensions(0), (crl_at("http://crl.authority.example/arl.crl"), False))
        sub = certify(named("CA Class 9", unit="AccreditedCA"), rsa_key("class 9"), authority.root(), *extensions)
        somebody = certify(named("x"), rsa_key("person"), sub, *person_extensions())
        text = Desk().begin().challenge
        octets = signed_data(text, signer=somebody, certificates=[somebody.der, sub.der])
        answers = say(by=certify_responder(sub))
        assert isinstance(Desk(Authorities(ocsp=answers, crl=crl(by=authority.root()))).complete(octets), Evidence)
        revoked = Desk(Authorities(ocsp=answers, crl=crl(sub, by=authority.root()))).complete(octets)
        assert revoked == Refused(why=Refusal.NOT_ACCEPTED, detail=Flaw.REVOKED)
        pinned = Desk(Authorities(ocsp=answers), anchors=sort_pinned([authority.root().card, sub.card]))
        assert isinstance(pinned.complete(octets), Evidence)


def certify_responder(issuer: Holder) -> Holder:
    uses = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
    return certify(named("OCSP 9"), rsa_key("responder"), issuer, (uses, False), (x509.OCSPNoCheck(), False))


COMPANY_FIELDS = {"company": "123-45-67891", "vid_random": base64.b64encode(RANDOM.reveal()).decode()}


class TestCompany:
    def corporate(self, given: Mapping[str, str] = MappingProxyType({})) -> Evidence | Refused:
        desk = Desk(policies=frozenset({CORPORATE}))
        text = desk.begin().challenge
        return desk.complete(signed_data(text, signer=issued(CertificatePolicies=(policies(CORPORATE), True))), more=given)

    def test_its_number_may_be_shown(self) -> None:
        unsaid, said = self.corporate(), self.corporate(COMPANY_FIELDS)
        assert isinstance(unsaid, Evidence)
        assert isinstance(said, Evidence)
        assert (unsaid.company.reveal(), said.company.reveal()) == ("", "1234567891")
        assert said.subject == unsaid.subject, "the certificate names the company for good, the number does not stand there"
        assert "1234567891" not in repr(said)

    @pytest.mark.parametrize(
        "changed",
        [
            {"company": "1234567890"},
            {"company": "220-12-34562"},
            {"company": "8001011234567"},
            {"vid_random": "!"},
            {"vid_random": ""},
            {"vid_random": base64.b64encode(bytes(20)).decode()},
            {"vid_random": base64.b64encode(RANDOM.reveal() + b"x").decode()},
        ],
        ids=["no such number", "another company's", "a person's", "no base64", "no R", "another R", "a longer R"],
    )
    def test_another_number_is_refused(self, changed: dict[str, str]) -> None:
        assert self.corporate(COMPANY_FIELDS | changed) == Refused(why=Refusal.FORGED, detail=Flaw.VID)

    def test_what_is_given_of_a_person_is_not_looked_at(self) -> None:
        desk = Desk()
        octets = signed_data(desk.begin().challenge)
        said = desk.complete(octets, more=COMPANY_FIELDS | {"company": "8001011234567"})
        assert isinstance(said, Evidence)
        assert not said.company

    def test_only_kinds_that_are_taken_count_as_companies(self) -> None:
        both = issued(CertificatePolicies=(policies(PERSONAL, CORPORATE), True))
        desk = Desk()
        said = desk.complete(signed_data(desk.begin().challenge, signer=both), more=COMPANY_FIELDS)
        assert isinstance(said, Evidence)
        assert not said.company
        assert desk.prover.companies == frozenset()
        assert Desk(policies=frozenset({PERSONAL, CORPORATE})).prover.companies == {CORPORATE}


class TestRealHttp:
    """Against a server: what bounded exchanges promise holds here too."""

    def desk(self, faulty: Faulty, http: httpx.Client, whole_s: float = 5.0) -> tuple[Desk, Holder]:
        url = f"{faulty.base_url}/x"
        host = faulty.base_url.removeprefix("http://")
        revocation = Revocation(http=http, hosts=(host,), entropy=RealEntropy(), whole_s=whole_s)
        extensions = {
            "AuthorityInformationAccess": (ocsp_at(f"{url}.ocsp"), False),
            "CRLDistributionPoints": (crl_at(f"{url}.crl"), False),
        }
        return Desk(revocation=revocation), issued(**extensions)

    def test_a_redirect_is_not_followed(self, faulty: Faulty, http: httpx.Client) -> None:
        faulty.status, faulty.headers = 302, {"Location": f"{faulty.base_url}/elsewhere"}
        desk, signer = self.desk(faulty, http)
        with pytest.raises(Unavailable):
            desk.sign(signer)
        assert faulty.asked == ["/x.ocsp", "/x.crl"]

    def test_an_endless_answer_is_left(self, faulty: Faulty, http: httpx.Client) -> None:
        faulty.body = bytes(LIST_LIMIT + 1)
        desk, signer = self.desk(faulty, http)
        with pytest.raises(Unavailable):
            desk.sign(signer)

    def test_a_slow_authority_costs_no_more_than_the_whole_time(self, faulty: Faulty, http: httpx.Client) -> None:
        faulty.wait_s = 1.0
        desk, signer = self.desk(faulty, http, whole_s=0.4)
        with pytest.raises(Unavailable):
            desk.sign(signer)


class TestPinned:
    def test_a_folder_of_pem_files_is_read(self, tmp_path: Path) -> None:
        (tmp_path / "kisa.pem").write_bytes(authority.root().pem + authority.authority().pem)
        (tmp_path / "notes.txt").write_text("not one of them")
        anchors = read_pinned(tmp_path)
        assert [card.der for card in anchors.roots] == [authority.root().der]
        assert [card.der for card in anchors.between] == [authority.authority().der]
        assert [card.der for card in read_pinned(tmp_path / "kisa.pem").roots] == [authority.root().der]

    @pytest.mark.parametrize(
        "octets",
        [
            b"",
            b"hello",
            b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            person().pem,
            authority.authority().pem,
        ],
        ids=["empty", "no PEM", "no certificate", "a person", "no root"],
    )
    def test_a_folder_without_roots_is_refused(self, octets: bytes, tmp_path: Path) -> None:
        (tmp_path / "one.pem").write_bytes(octets)
        with pytest.raises(Invalid):
            read_pinned(tmp_path)

    def test_a_folder_that_is_not_there_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(Invalid):
            read_pinned(tmp_path / "nowhere")

    @pytest.mark.parametrize("taken", [[], ["yessign"], ["1.2.410.200005.1.1.1 "], ["1.2.410.200005.1.1.*"], ["1.02.3"]])
    def test_a_prover_that_takes_no_policy_is_refused(self, taken: list[str]) -> None:
        with pytest.raises(Invalid) as caught:
            Desk(policies=frozenset(taken))
        assert caught.value.field == "policies"

    @pytest.mark.parametrize("host", ["http://ocsp.example", "ocsp.example/", "*.example", "", "OCSP.example"])
    def test_a_host_is_a_name(self, host: str) -> None:
        with pytest.raises(Invalid) as caught:
            Desk(hosts=(host,))
        assert caught.value.field == "hosts"


def test_what_is_kept_does_not_grow_without_end() -> None:
    kept: Kept[int] = Kept(3)
    for number in range(10):
        kept.put((b"", str(number)), number, NOON + HOUR)
    assert [kept.get((b"", str(number)), NOON) for number in range(10)] == [None] * 7 + [7, 8, 9]
    assert kept.get((b"", "9"), NOON + HOUR) is None


def test_the_kept_text_is_a_secret() -> None:
    assert isinstance(Desk().begin().kept, Secret)
    with pytest.raises(NotDer):
        read_field("*")
