"""The same prover against the sandbox's authority, over real HTTP: what it issues is believed, what it takes back is not."""

import base64
import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from otpward.adapters.identity.certificate import CertificateProver, read_pinned
from otpward.adapters.identity.revocation import Revocation
from otpward.adapters.system import SystemEntropy
from otpward.core.formats.npki import GENERAL_PERSONAL
from otpward.core.formats.x509.flaws import Flaw
from otpward.core.model.evidence import Evidence
from otpward.core.model.proof import Act
from otpward.ports.prover import Asked, Refusal, Refused
from otpward.sandbox.identity.certificates import Kind
from otpward.sandbox.identity.people import by_id
from otpward.sandbox.identity.registry import PASSWORD
from tests.fakes.authority import Holder
from tests.fakes.signed import signed_data
from tests.sandbox.running import Running

PERSON = "m1001"


class Counter:
    """A prover that trusts the sandbox, and a person who fetches certificates there."""

    def __init__(self, sandbox: Running, http: httpx.Client, folder: Path) -> None:
        self.base_url = sandbox.base_url
        self.http = http
        (folder / "sandbox.pem").write_bytes(http.get(f"{self.base_url}/authority/trusted.pem").content)
        self.anchors = read_pinned(folder)

    def prover(self) -> CertificateProver:
        host = self.base_url.removeprefix("http://")
        revocation = Revocation(http=self.http, hosts=(host,), entropy=SystemEntropy())
        return CertificateProver(
            "npki", institution="시험 은행", anchors=self.anchors, policies=GENERAL_PERSONAL, revocation=revocation
        )

    def fetch(self, kind: Kind = Kind.GENERAL) -> tuple[str, Holder]:
        answer = self.http.post(f"{self.base_url}/api/certificates", json={"person": PERSON, "kind": kind}).json()
        archive = zipfile.ZipFile(io.BytesIO(self.http.get(f"{self.base_url}{answer['files']}").content))
        key, certificate, _ = pkcs12.load_key_and_certificates(archive.read("certificate.pfx"), PASSWORD.encode())
        assert isinstance(key, rsa.RSAPrivateKey)
        assert certificate is not None
        return answer["serial"], Holder(certificate, key)

    def prove(self, signer: Holder, prover: CertificateProver | None = None) -> Evidence | Refused:
        now = datetime.now(UTC)
        ours = prover or self.prover()
        asked = Asked(number="N1", nonce=SystemEntropy().octets(32), return_url="", language="ko", act=Act.APPLY, now=now)
        begun = ours.begin(asked)
        octets = signed_data(begun.challenge, signer=signer, at=now)
        return ours.complete(begun.kept, {"cms": base64.b64encode(octets).decode()}, now=datetime.now(UTC))


@pytest.fixture
def counter(sandbox: Running, http: httpx.Client, tmp_path: Path) -> Counter:
    return Counter(sandbox, http, tmp_path)


def test_a_certificate_from_the_counter_proves_the_person(counter: Counter) -> None:
    person = by_id(PERSON)
    assert person is not None
    said = counter.prove(counter.fetch()[1])
    assert isinstance(said, Evidence)
    assert said.name.reveal() == person.name
    assert said.subject.reveal().endswith(counter.fetch()[1].certificate.subject.rfc4514_string())


@pytest.mark.parametrize(
    ("kind", "flaw"),
    [
        (Kind.EXPIRED, Flaw.EXPIRED),
        (Kind.EARLY, Flaw.NOT_YET_VALID),
        (Kind.BANKS_ONLY, Flaw.POLICY),
        (Kind.ENCRYPTION, Flaw.KEY_USAGE),
    ],
)
def test_the_wrong_kinds_are_refused(counter: Counter, kind: Kind, flaw: Flaw) -> None:
    assert counter.prove(counter.fetch(kind)[1]) == Refused(why=Refusal.NOT_ACCEPTED, detail=flaw)


def test_one_that_was_taken_back_is_refused_as_soon_as_it_is_asked_about(counter: Counter) -> None:
    serial, signer = counter.fetch()
    prover = counter.prover()
    assert isinstance(counter.prove(signer, prover), Evidence)
    counter.http.post(f"{counter.base_url}/api/certificates/{serial}/revoke").raise_for_status()
    assert counter.prove(signer) == Refused(why=Refusal.NOT_ACCEPTED, detail=Flaw.REVOKED)
