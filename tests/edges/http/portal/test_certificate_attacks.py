"""Attacks on the proof by certificate, through the real pages and against the sandbox's authority: each is refused, the audit
says why, and the page says no more than its one sentence."""

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import md5
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from otpward.adapters.identity.certificate import CertificateProver, read_pinned
from otpward.adapters.identity.revocation import Revocation
from otpward.adapters.system import SystemClock, SystemEntropy
from otpward.core.audit import AuditEvent
from otpward.core.formats.x509.flaws import Flaw
from otpward.core.model.member import Level
from otpward.core.secret import Personal
from otpward.ports.provider import Provider, Providers
from otpward.sandbox.identity import certificates
from otpward.sandbox.identity.certificates import Kind
from otpward.sandbox.identity.people import by_id
from otpward.sandbox.identity.registry import Registry
from tests.edges.http.conftest import Browser
from tests.edges.http.portal.on_the_line import (
    HOLDS,
    Line,
    Relay,
    World,
    about_another,
    bring,
    open_page,
    replayed,
    signed,
    text_of,
    without_nonce,
)
from tests.edges.http.portal.seated import Story, seat
from tests.fakes.authority import Holder, authority_extensions, certify, rsa_key
from tests.fakes.authority import named as called
from tests.fakes.sample import Sample
from tests.fakes.signed import OIDS, signed_data, signer_info, usual_attributes
from tests.sandbox.running import Running, running_sandbox

SENTENCE = "This certificate is not accepted. Choose one of the accepted kinds that was not revoked, or another way"
POLICIES = frozenset({certificates.GENERAL, certificates.COMPANY_GENERAL})


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Path]]:
    """The sandbox as its own process."""
    folder = tmp_path_factory.mktemp("world")
    with running_sandbox(folder) as running:
        (folder / "pinned.pem").write_bytes(httpx.get(f"{running.base_url}/authority/trusted.pem").content)
        yield running, folder


@pytest.fixture
def world(sandbox: tuple[Running, Path]) -> World:
    """Nobody listens, until a test says so."""
    running, folder = sandbox
    return World(running, Registry(folder, clock=SystemClock().now), folder)


@pytest.fixture
def clock() -> SystemClock:
    """The sandbox lives now, and so must we."""
    return SystemClock()


@pytest.fixture
def providers(world: World) -> Iterator[Providers]:
    """The institution takes certificates of the sandbox."""
    with httpx.Client(transport=Line(world)) as http:
        host = world.running.base_url.removeprefix("http://")
        revocation = Revocation(http=http, hosts=(host,), entropy=SystemEntropy())
        anchors = read_pinned(world.folder / "pinned.pem")
        prover = CertificateProver("npki", institution="한빛", anchors=anchors, policies=POLICIES, revocation=revocation)
        yield {"npki": Provider(prover=prover, title_ko="인증서", title_en="Certificate", companies=tuple(prover.companies))}


def audited(sample: Sample) -> list[tuple[str, str, str]]:
    """What the audit says of proofs that were judged, the newest first: event, result, why."""
    lines = sample.house.look(sample.institution.id, lambda uow: uow.audit.find(limit=1000))
    judged = {AuditEvent.PROOF_PASSED, AuditEvent.PROOF_FAILED}
    return [(one.event.value, one.result, str(one.detail.get("why", ""))) for one in lines if one.event in judged]


def bare(page: httpx.Response) -> str:
    """The page without what is new each time."""
    return re.sub(r'[0-9a-f-]{36}|value="[0-9a-f]{40}"', "", page.text)


def assert_refused(sample: Sample, page: httpx.Response, like: httpx.Response, result: str, why: str) -> None:
    """Refused with the one sentence, on the same page as anything else that is refused; the reason is in the audit."""
    assert page.status_code == 422
    assert page.text.count(SENTENCE) == 2
    assert bare(page) == bare(like)
    assert audited(sample)[:-1] == [("proof:failed", result, why)]


def refused_junk(browser: Any, page: httpx.Response) -> httpx.Response:
    """What the page says to what is no signature at all."""
    return bring(browser, page, b"0")


Attack = Callable[[World, bytes], bytes]


def constrained(world: World) -> Holder:
    """An authority under the trusted root, which may issue for another organization only."""
    subtree = x509.NameConstraints([x509.DirectoryName(called("x", organization="another"))], None)
    issuer = world.root
    return certify(
        called("Constrained CA", unit="AccreditedCA"),
        rsa_key("constrained"),
        issuer,
        *authority_extensions(0, (subtree, True)),
        since=datetime(2025, 1, 1, tzinfo=UTC),
        until=datetime(2035, 1, 1, tzinfo=UTC),
    )


def by_constrained(world: World, text: bytes) -> bytes:
    between = constrained(world)
    member = world.issue(between)
    return signed(text, member, certificates=[member.der, between.der])


def by_untrusted(world: World, text: bytes) -> bytes:
    root = certificates.make_root()
    issuer = certificates.make_authority(root)
    member = world.issue(Holder(issuer.certificate, issuer.key))
    others = [one.certificate.public_bytes(Encoding.DER) for one in (issuer, root)]
    return signed(text, member, certificates=[member.der, *others])


def by_impostor(world: World, text: bytes) -> bytes:
    """An authority of the trusted one's name, with a key of its own."""
    real = world.registry.signers()[1].certificate
    false = certify(real.subject, rsa_key("impostor"), world.root, *authority_extensions(0), signing_key=rsa_key("impostor"))
    member = world.issue(false)
    return signed(text, member, certificates=[member.der, false.der])


def revoked(world: World, text: bytes) -> bytes:
    member = world.fetch()
    world.revoke(member)
    return signed(text, member)


def two_signers(world: World, text: bytes) -> bytes:
    one, other = world.fetch(), world.fetch("m1002")
    now = datetime.now(UTC)
    infos = (signer_info(text, one, at=now), signer_info(text, other, at=now))
    return signed_data(text, *infos, signer=one, certificates=[one.der, other.der])


def weak(digest: str, algorithm: str = "", hashed: Callable[..., object] | None = None) -> Attack:
    """Digest or signature of another algorithm than those that are taken."""

    def attack(world: World, text: bytes) -> bytes:
        now = datetime.now(UTC)
        attributes = usual_attributes(text, now, hashed) if hashed else usual_attributes(text, now)
        return signed_data(text, signer=world.fetch(), digest=digest, attributes=attributes, algorithm=algorithm)

    return attack


def stolen_certificate(world: World, text: bytes) -> bytes:
    """Somebody's certificate, which is public, over another key."""
    return signed(text, Holder(world.fetch().certificate, rsa_key("attacker")))


ATTACKS: dict[str, tuple[Attack, str, Flaw]] = {
    "expired": (lambda world, text: signed(text, world.fetch(kind=Kind.EXPIRED)), "not_accepted", Flaw.EXPIRED),
    "not valid yet": (lambda world, text: signed(text, world.fetch(kind=Kind.EARLY)), "not_accepted", Flaw.NOT_YET_VALID),
    "revoked": (revoked, "not_accepted", Flaw.REVOKED),
    "untrusted chain": (by_untrusted, "not_accepted", Flaw.UNTRUSTED),
    "authority of the same name": (by_impostor, "not_accepted", Flaw.UNTRUSTED),
    "name-constrained chain": (by_constrained, "forged", Flaw.NAME_CONSTRAINT),
    "wrong policy": (lambda world, text: signed(text, world.fetch(kind=Kind.BANKS_ONLY)), "not_accepted", Flaw.POLICY),
    "for encryption": (lambda world, text: signed(text, world.fetch(kind=Kind.ENCRYPTION)), "not_accepted", Flaw.KEY_USAGE),
    "another text": (lambda world, text: signed(text + b" ", world.fetch()), "forged", Flaw.OTHER_TEXT),
    "no text": (lambda world, text: signed(text, world.fetch(), attached=False), "not_accepted", Flaw.DETACHED),
    "two signers": (two_signers, "not_accepted", Flaw.SIGNERS),
    "sha-1": (weak("sha1"), "not_accepted", Flaw.ALGORITHM),
    "md5": (weak("md5", hashed=md5), "not_accepted", Flaw.ALGORITHM),
    "no signature algorithm": (weak("sha256", "none"), "not_accepted", Flaw.ALGORITHM),
    "ecdsa over an rsa key": (weak("sha256", "ecdsa"), "not_accepted", Flaw.ALGORITHM),
    "certificate of somebody else": (stolen_certificate, "forged", Flaw.SIGNATURE),
}


@pytest.fixture(autouse=True)
def weak_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Algorithms that nobody should write: MD5, and the one that says there is no signature (RFC 5272 §6.1)."""
    monkeypatch.setitem(OIDS, "md5", "2a864886f70d0205")
    monkeypatch.setitem(OIDS, "none", "2b06010505070602")


@pytest.fixture
def seated_member(browser: Any, sample: Sample) -> Browser:
    """The member signed in with password and OTP: everything else would be right."""
    seat(browser, Story(sample, sample.member), Level.FULL)
    found: Browser = browser
    return found


def test_without_an_attack_the_same_steps_pass(seated_member: Browser, sample: Sample, world: World) -> None:
    page = open_page(seated_member)
    done = bring(seated_member, page, signed(text_of(seated_member, page), world.fetch()))
    assert done.url.path == "/apply"
    assert audited(sample) == [("proof:passed", "vouched", "")]


@pytest.mark.parametrize(("attack", "result", "why"), ATTACKS.values(), ids=ATTACKS.keys())
def test_an_attack_is_refused_and_audited(
    seated_member: Browser, sample: Sample, world: World, attack: Attack, result: str, why: Flaw
) -> None:
    page = open_page(seated_member)
    junk = refused_junk(seated_member, page)
    answer = bring(seated_member, page, attack(world, text_of(seated_member, page)))
    assert_refused(sample, answer, junk, result, why)


@pytest.mark.parametrize(
    ("between", "why"),
    [(replayed, Flaw.OCSP_NONCE), (about_another, Flaw.OCSP_OTHER), (without_nonce, Flaw.OCSP_NONCE)],
    ids=["an old answer", "about another certificate", "no nonce"],
)
def test_an_ocsp_answer_that_is_not_to_this_question_is_refused(
    seated_member: Browser, sample: Sample, world: World, between: Callable[[World], Relay], why: Flaw, providers: Any
) -> None:
    member, other = world.fetch(), world.fetch("m1002")
    HOLDS[:] = [other.certificate.serial_number]
    question = ocsp.OCSPRequestBuilder().add_certificate(member.certificate, world.registry.signers()[1].certificate, SHA1())
    asked = question.add_extension(x509.OCSPNonce(b"n" * 16), critical=False).build().public_bytes(Encoding.DER)
    world.heard.append(httpx.post(f"{world.running.base_url}/authority/ocsp", content=asked).content)
    world.revoke(member)
    world.relay = between(world)
    page = open_page(seated_member)
    junk = refused_junk(seated_member, page)
    answer = bring(seated_member, page, signed(text_of(seated_member, page), member))
    assert_refused(sample, answer, junk, "forged", why)


def test_the_signature_of_another_proof_is_refused(seated_member: Browser, app: Any, sample: Sample, world: World) -> None:
    other = Browser(app)
    theirs = open_page(other, "m1002")
    octets = signed(text_of(other, theirs), world.fetch("m1002"))
    other.close()
    page = open_page(seated_member)
    junk = refused_junk(seated_member, page)
    assert_refused(sample, bring(seated_member, page, octets), junk, "forged", Flaw.OTHER_TEXT)


def test_the_page_of_another_session_takes_nothing(seated_member: Browser, app: Any, world: World, sample: Sample) -> None:
    page = open_page(seated_member)
    octets = signed(text_of(seated_member, page), world.fetch())
    thief = Browser(app)
    own = open_page(thief, "m1001")
    csrf = re.search(r'name="csrf" value="([^"]+)"', own.text)
    assert csrf
    address = page.url.raw_path.decode()
    taken = thief.post(address, {"csrf": csrf[1], "cms": base64.b64encode(octets).decode(), "way": "here"})
    assert taken.status_code == 404
    assert audited(sample) == []
    thief.close()


def test_a_signature_counts_once(seated_member: Browser, sample: Sample, world: World) -> None:
    page = open_page(seated_member)
    octets = signed(text_of(seated_member, page), world.fetch())
    assert bring(seated_member, page, octets).url.path == "/apply"
    bring(seated_member, page, octets)
    assert audited(sample) == [("proof:passed", "vouched", "")]


def test_a_signature_does_not_come_by_a_link(seated_member: Browser, sample: Sample, world: World) -> None:
    page = open_page(seated_member)
    text = base64.b64encode(signed(text_of(seated_member, page), world.fetch())).decode()
    assert seated_member.get("/prove/return/npki", params={"cms": text}).status_code == 404
    assert audited(sample) == []


@pytest.mark.parametrize("member", ["m1001", "nobody"])
def test_the_certificate_of_another_person_is_refused(browser: Any, sample: Sample, world: World, member: str) -> None:
    """Genuine, and of m1002: for a stranger and for a member it ends alike."""
    page = open_page(browser, member)
    over = bring(browser, page, signed(text_of(browser, page), world.fetch("m1002")))
    assert over.url.path == "/prove/provider/over"
    assert "We could not confirm who you are" in over.text
    assert "name" not in re.sub(r"<[^>]*>", "", over.text)
    expected = "other_name" if member == "m1001" else "no_member"
    assert audited(sample) == [("proof:failed", expected, "")]
    assert browser.get("/cases").url.path == "/prove"


def test_a_namesake_s_certificate_opens_nothing_by_itself(browser: Any, sample: Sample, world: World) -> None:
    page = open_page(browser, "m1001")
    bring(browser, page, signed(text_of(browser, page), world.fetch("m1001")))
    assert audited(sample) == [("proof:failed", "too_little", "")]


def company_of_member(sample: Sample, number: str) -> None:
    """The member is a company, on file with this number."""

    def change(desk: Any) -> None:
        with desk.uow as uow:
            uow.members.save(replace(uow.members.get(sample.member.id), birth_date=Personal(number)))
            uow.commit()

    sample.house.do(sample.institution.id, change)


R = bytes(range(20))
MINE = certificates.company_of(by_id("m1001"))  # type: ignore[arg-type] # lives in the sandbox
THEIRS = certificates.company_of(by_id("m1002"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("holder", "number", "random", "on_file", "expected"),
    [
        ("m1001", MINE, R, MINE, ("proof:passed", "company", "")),
        ("m1002", THEIRS, R, MINE, ("proof:failed", "other_company", "")),
        ("m1002", MINE, R, MINE, ("proof:failed", "forged", Flaw.VID)),
        ("m1001", MINE, bytes(20), MINE, ("proof:failed", "forged", Flaw.VID)),
        ("m1001", "", b"", MINE, ("proof:failed", "too_little", "")),
    ],
    ids=["its own", "another company's", "another's certificate, this number", "another R", "no number shown"],
)
def test_a_company_is_known_by_the_number_in_its_certificate(
    browser: Any,
    sample: Sample,
    world: World,
    holder: str,
    number: str,
    random: bytes,
    on_file: str,
    expected: tuple[str, str, str],
    providers: Any,
) -> None:
    """Nobody is signed in. The certificate must be the company's own: name alone opens nothing, another number neither."""
    company_of_member(sample, on_file)
    certificate = in_register(world, holder)
    page = open_page(browser, "m1001")
    shown = {"company": number, "vid_random": base64.b64encode(random).decode()}
    done = bring(browser, page, signed(text_of(browser, page), certificate), **shown)
    assert audited(sample)[0] == expected
    if expected[1] == "company":
        assert (done.url.path, done.status_code) == ("/apply", 200)
    told = repr(sample.house.look(sample.institution.id, lambda uow: uow.audit.find(limit=1000)))
    assert MINE not in told
    assert THEIRS not in told
    assert base64.b64encode(R).decode() not in told


def in_register(world: World, person: str) -> Holder:
    """A company's certificate with a known R, of which the authority's list knows nothing bad; OCSP is silent."""
    world.relay = lambda _question, _ask: ocsp.OCSPResponseBuilder.build_unsuccessful(
        ocsp.OCSPResponseStatus.TRY_LATER
    ).public_bytes(Encoding.DER)
    issuer = world.registry.signers()[1]
    return world.issue(Holder(issuer.certificate, issuer.key), person, Kind.COMPANY, R)


def test_a_number_that_cannot_be_one_costs_no_try(browser: Any, sample: Sample, world: World) -> None:
    page = open_page(browser, "m1001")
    answer = bring(browser, page, b"0", company="123-45-67890")
    assert answer.status_code == 422
    assert answer.text.count("Check the business registration number. It has 10 digits") == 3, "and once for the script"
    assert 'value="123-45-67890"' in answer.text
    assert audited(sample) == []
