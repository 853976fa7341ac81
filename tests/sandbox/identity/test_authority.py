"""The certificate authority: what it issues is shaped like the real thing, and what it takes back is said to be so."""

import base64
import io
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from otpward.core.formats.der import read_der
from otpward.core.policy.companies import is_company_number, written_company
from otpward.edges.cli import sample
from otpward.sandbox.identity.certificates import BANKS_ONLY, COMPANY_GENERAL, GENERAL, IDENTIFY_DATA, Kind, company_of
from otpward.sandbox.identity.key_files import Form
from otpward.sandbox.identity.people import COMPANY, PEOPLE, by_id
from otpward.sandbox.identity.registry import PASSWORD, Registry
from tests.sandbox.conftest import Clock

PERSON = "m1001"


def get(client: httpx.Client, kind: Kind = Kind.GENERAL, form: Form = Form.PBES2) -> tuple[str, dict[str, bytes]]:
    """The serial number and the files of a new certificate."""
    answer = client.post("/api/certificates", json={"person": PERSON, "kind": kind, "form": form})
    assert answer.status_code == 201
    archive = zipfile.ZipFile(io.BytesIO(client.get(answer.json()["files"]).content))
    return answer.json()["serial"], {name: archive.read(name) for name in archive.namelist()}


def issuers(client: httpx.Client) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(client.get("/authority/trusted.pem").content)


def test_a_certificate_is_shaped_like_those_of_the_korean_pki(client: httpx.Client, clock: Clock) -> None:
    serial, files = get(client)
    assert set(files) == {"signCert.der", "signPri.key", "certificate.pfx"}
    found = x509.load_der_x509_certificate(files["signCert.der"])
    assert f"{found.serial_number:x}" == serial
    assert found.not_valid_before_utc < clock.at < found.not_valid_after_utc
    usage = found.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert (usage.value.digital_signature, usage.value.content_commitment, usage.value.key_encipherment) == (True, True, False)
    policies = found.extensions.get_extension_for_class(x509.CertificatePolicies)
    assert policies.critical
    assert [policy.policy_identifier.dotted_string for policy in policies.value] == [GENERAL]
    access = found.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert [one.access_location.value for one in access] == ["http://sandbox.localhost/authority/ocsp"]
    points = found.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert [name.value for point in points for name in point.full_name or ()] == ["http://sandbox.localhost/authority/ca.crl"]


def test_the_alternative_name_says_who_and_carries_a_vid(client: httpx.Client) -> None:
    _, files = get(client)
    found = x509.load_der_x509_certificate(files["signCert.der"])
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    (identify,) = names.get_values_for_type(x509.OtherName)
    assert identify.type_id == ObjectIdentifier(IDENTIFY_DATA)
    real_name, info = read_der(identify.value, octets_max=4096).parts(0x30)
    person = by_id(PERSON)
    assert person is not None
    assert real_name.text() == person.name
    kind, vid = info.parts(0x30)[0].parts(0x30)
    assert kind.oid() == "1.2.410.200004.10.1.1.1"
    algorithm, value = vid.parts(0x30)
    assert algorithm.parts(0x30)[0].oid() == "2.16.840.1.101.3.4.2.1"
    assert len(value.inner(0xA0).octets()) == 32


def test_root_authority_and_member_are_a_chain_for_openssl(client: httpx.Client, tmp_path: Path) -> None:
    _, files = get(client)
    root, authority = issuers(client)
    member = x509.load_der_x509_certificate(files["signCert.der"])
    for name, certificate in (("root", root), ("authority", authority), ("member", member)):
        (tmp_path / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    command = ["openssl", "verify", "-x509_strict", "-CAfile", "root.pem", "-untrusted", "authority.pem", "member.pem"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.stdout == "member.pem: OK\n", run.stderr


def test_the_pfx_holds_the_same(client: httpx.Client) -> None:
    _, files = get(client)
    key, certificate, others = pkcs12.load_key_and_certificates(files["certificate.pfx"], PASSWORD.encode())
    assert key is not None
    assert certificate == x509.load_der_x509_certificate(files["signCert.der"])
    assert {one.subject for one in others} == {one.subject for one in issuers(client)}


def test_the_wrong_ones_are_wrong_in_one_way_each(client: httpx.Client, clock: Clock) -> None:
    expired = x509.load_der_x509_certificate(get(client, Kind.EXPIRED)[1]["signCert.der"])
    assert expired.not_valid_after_utc < clock.at
    early = x509.load_der_x509_certificate(get(client, Kind.EARLY)[1]["signCert.der"])
    assert early.not_valid_before_utc > clock.at
    limited = x509.load_der_x509_certificate(get(client, Kind.BANKS_ONLY)[1]["signCert.der"])
    policies = limited.extensions.get_extension_for_class(x509.CertificatePolicies).value
    assert [policy.policy_identifier.dotted_string for policy in policies] == [BANKS_ONLY]
    encryption = x509.load_der_x509_certificate(get(client, Kind.ENCRYPTION)[1]["kmCert.der"])
    assert not encryption.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature


def test_a_company_gets_one_with_its_business_registration_number(client: httpx.Client) -> None:
    answer = client.post("/api/certificates", json={"person": "m1018", "kind": Kind.COMPANY, "form": Form.PBES2}).json()
    assert answer["company"] == "1234567891"
    archive = zipfile.ZipFile(io.BytesIO(client.get(answer["files"]).content))
    found = x509.load_der_x509_certificate(archive.read("signCert.der"))
    policies = found.extensions.get_extension_for_class(x509.CertificatePolicies).value
    assert [policy.policy_identifier.dotted_string for policy in policies] == [COMPANY_GENERAL]
    assert client.get("/authority?lang=en").text.count("1234567891") == 1


def test_every_company_here_has_a_number_that_can_be_one() -> None:
    assert all(is_company_number(company_of(person)) for person in PEOPLE)
    login, number = COMPANY
    assert {login: written_company(number)} == sample._COMPANIES


def test_the_list_names_what_was_taken_back(client: httpx.Client, clock: Clock) -> None:
    good, _ = get(client)
    bad, _ = get(client)
    assert client.post(f"/api/certificates/{bad}/revoke").status_code == 200
    answer = client.get("/authority/ca.crl")
    assert answer.headers["content-type"] == "application/pkix-crl"
    found = x509.load_der_x509_crl(answer.content)
    public = issuers(client)[1].public_key()
    assert isinstance(public, RSAPublicKey)
    assert found.is_signature_valid(public)
    assert found.next_update_utc is not None
    assert found.last_update_utc <= clock.at < found.next_update_utc
    entry = found.get_revoked_certificate_by_serial_number(int(bad, 16))
    assert entry is not None
    assert entry.revocation_date_utc == clock.at
    assert found.get_revoked_certificate_by_serial_number(int(good, 16)) is None


def question(files: dict[str, bytes], authority: x509.Certificate) -> ocsp.OCSPRequestBuilder:
    member = x509.load_der_x509_certificate(files["signCert.der"])
    return ocsp.OCSPRequestBuilder().add_certificate(member, authority, hashes.SHA1())


def asked(client: httpx.Client, octets: bytes) -> ocsp.OCSPResponse:
    answer = client.post("/authority/ocsp", content=octets, headers={"Content-Type": "application/ocsp-request"})
    assert answer.headers["content-type"] == "application/ocsp-response"
    return ocsp.load_der_ocsp_response(answer.content)


def test_ocsp_says_good_then_revoked(client: httpx.Client, clock: Clock) -> None:
    serial, files = get(client)
    authority = issuers(client)[1]
    octets = question(files, authority).build().public_bytes(Encoding.DER)
    before = asked(client, octets)
    assert before.certificate_status is ocsp.OCSPCertStatus.GOOD
    assert before.this_update_utc == clock.at
    client.post(f"/authority/{serial}/revoke")
    after = asked(client, octets)
    assert after.certificate_status is ocsp.OCSPCertStatus.REVOKED
    assert after.revocation_time_utc == clock.at
    clock.move(60)
    client.post(f"/authority/{serial}/revoke")
    assert asked(client, octets).revocation_time_utc == clock.at - timedelta(seconds=60)


def test_ocsp_is_signed_by_who_may_and_repeats_the_nonce(client: httpx.Client) -> None:
    _, files = get(client)
    authority = issuers(client)[1]
    octets = question(files, authority).add_extension(x509.OCSPNonce(b"0123456789abcdef"), critical=False).build()
    found = asked(client, octets.public_bytes(Encoding.DER))
    assert found.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == b"0123456789abcdef"
    (responder,) = found.certificates
    responder.verify_directly_issued_by(authority)
    use = responder.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(use) == [ExtendedKeyUsageOID.OCSP_SIGNING]
    public = responder.public_key()
    assert isinstance(public, RSAPublicKey)
    public.verify(found.signature, found.tbs_response_bytes, padding.PKCS1v15(), hashes.SHA256())


def test_ocsp_in_the_address_is_answered_too(client: httpx.Client) -> None:
    _, files = get(client)
    octets = question(files, issuers(client)[1]).build().public_bytes(Encoding.DER)
    answer = client.get(f"/authority/ocsp/{quote(base64.b64encode(octets), safe='')}")
    assert ocsp.load_der_ocsp_response(answer.content).certificate_status is ocsp.OCSPCertStatus.GOOD
    assert client.get("/authority/ocsp/%21").status_code == 422


def test_what_it_never_issued_is_unknown_and_what_it_cannot_read_is_malformed(client: httpx.Client) -> None:
    _, files = get(client)
    authority = issuers(client)[1]
    name = asked(client, question(files, authority).build().public_bytes(Encoding.DER))
    other = ocsp.OCSPRequestBuilder().add_certificate_by_hash(name.issuer_name_hash, name.issuer_key_hash, 4711, hashes.SHA1())
    assert asked(client, other.build().public_bytes(Encoding.DER)).certificate_status is ocsp.OCSPCertStatus.UNKNOWN
    assert asked(client, b"nonsense").response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_a_restart_keeps_the_authority_and_what_it_issued(client: httpx.Client, folder: Path, clock: Clock) -> None:
    serial, _ = get(client)
    trusted = client.get("/authority/trusted.pem").content
    again = Registry(folder, clock=clock)
    assert again.trusted() == trusted
    assert again.paper(serial).name == "홍길동"
    assert all(file.stat().st_mode & 0o77 == 0 for file in (folder / "authority").iterdir())


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_person_gets_a_certificate_and_has_it_revoked_on_the_page(client: httpx.Client, lang: str) -> None:
    words = {"ko": ("아직 발급한", "폐기하기", "폐기함"), "en": ("None was issued", "Revoke", "Revoked")}[lang]
    assert words[0] in client.get(f"/authority?lang={lang}").text
    page = client.post("/authority", data={"person": PERSON, "kind": "general", "form": "sha1"})
    assert PASSWORD in page.text
    assert words[1] in page.text
    serial = page.text.partition("/authority/")[2].partition("/files.zip")[0].rpartition("/")[2]
    page = client.post(f"/authority/{serial}/revoke")
    assert words[2] in page.text
    assert f"/authority/{serial}/revoke" not in page.text


@pytest.mark.parametrize("order", [{"person": "nobody"}, {"person": PERSON, "kind": "golden"}, {"person": PERSON, "form": "x"}])
def test_what_is_not_offered_is_refused(client: httpx.Client, order: dict[str, str]) -> None:
    assert client.post("/api/certificates", json=order).status_code == 422


def test_a_serial_that_is_not_there_is_not_found(client: httpx.Client) -> None:
    assert client.get("/authority/0badc0de/files.zip").status_code == 404
    assert client.post("/api/certificates/0badc0de/revoke").status_code == 404
