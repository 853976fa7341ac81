"""PSKC keys that answer challenges: taken where their suite can be served, refused by name where not."""

import pytest

from otpward.core.formats.pskc import read_pskc
from otpward.core.formats.records import KeyKind, RowFault, SeedRecord, Unusable
from otpward.core.oath.model import Algorithm, Parameters, TokenKind
from otpward.core.secret import Secret
from tests.vectors.rows import octets

OWN = octets("rfc6030/own-ocra.xml").decode()
SUITE = "OCRA-1:HOTP-SHA512-8:C-QN08"
CHALLENGE = '<pskc:ChallengeFormat Encoding="DECIMAL" Max="8" Min="8"/>'
RESPONSE = '<pskc:ResponseFormat Encoding="DECIMAL" Length="8"/>'
PIN = """<pskc:KeyPackage><pskc:Key Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:pin" Id="PIN-1"><pskc:Data><pskc:Secret>
<pskc:PlainValue>MTIzNA==</pskc:PlainValue></pskc:Secret></pskc:Data></pskc:Key></pskc:KeyPackage>"""


def with_suite(suite: str, *, policy: str = "", data: str = "") -> str:
    """The file with another suite and no formats beside it."""
    bare = OWN.replace(CHALLENGE, "").replace(RESPONSE, "").replace(SUITE, suite)
    bare = bare.replace("</pskc:Data>", f"{data}</pskc:Data>")
    return bare.replace("</pskc:Key>", f"<pskc:Policy>{policy}</pskc:Policy></pskc:Key>") if policy else bare


def only(text: str) -> SeedRecord:
    (record,) = read_pskc(text.encode()).records
    return record


def test_a_key_with_a_suite_becomes_a_token_that_answers_challenges() -> None:
    record = only(OWN)
    assert (record.kind, record.suite, record.counter, record.usable) == (KeyKind.OCRA, SUITE, 7, True)
    assert record.parameters == Parameters(kind=TokenKind.OCRA, algorithm=Algorithm.SHA512, digits=8)


def test_what_the_suite_says_needs_not_be_said_again() -> None:
    record = only(with_suite("OCRA-1:HOTP-SHA256-4:QA10-T2M", data=""))
    assert (record.digits, record.algorithm, record.period_s, record.counter) == (4, Algorithm.SHA256, 120, None)


@pytest.mark.parametrize(
    ("suite", "reason"),
    [
        ("OCRA-1:HOTP-SHA1-0:QN08", RowFault.NO_TRUNCATION),
        ("OCRA-1:HOTP-SHA1-3:QN08", RowFault.SUITE),
        ("OCRA-1:HOTP-SHA1-11:QN08", RowFault.DIGITS),
        ("OCRA-1:HOTP-SHA1-6:QN03", RowFault.SUITE),
        ("OCRA-1:HOTP-SHA1-6:QN08-T60S", RowFault.SUITE),
        ("OCRA-2:HOTP-SHA1-6:QN08", RowFault.SUITE),
        ("HMAC-SHA1", RowFault.SUITE),
        ("", RowFault.SUITE),
    ],
)
def test_a_suite_that_cannot_be_served_is_refused_by_name(suite: str, reason: RowFault) -> None:
    read = read_pskc(with_suite(suite).encode())
    assert (read.records, [(one.serial, one.reason) for one in read.refused]) == ((), [("OC000001", reason)])


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('Length="8"', 'Length="6"', RowFault.DIGITS),
        ('DECIMAL" Length', 'HEXADECIMAL" Length', RowFault.RESPONSE_FORMAT),
        ('Length="8"', 'Length="8" CheckDigits="true"', RowFault.RESPONSE_FORMAT),
        ('DECIMAL" Max', 'HEXADECIMAL" Max', RowFault.CHALLENGE_FORMAT),
        ('DECIMAL" Max', 'BINARY" Max', RowFault.CHALLENGE_FORMAT),
        ('Max="8"', 'Max="7"', RowFault.CHALLENGE_FORMAT),
        ('Max="8" Min="8"', 'Max="12" Min="9"', RowFault.CHALLENGE_FORMAT),
        ('Max="8"', 'Max="8" CheckDigits="true"', RowFault.CHALLENGE_FORMAT),
        ("</pskc:Counter>", "</pskc:Counter><pskc:Time><pskc:PlainValue>1</pskc:PlainValue></pskc:Time>", None),
    ],
)
def test_a_format_that_contradicts_the_suite_is_refused(old: str, new: str, reason: RowFault | None) -> None:
    assert old in OWN
    read = read_pskc(OWN.replace(old, new).encode())
    assert [one.reason for one in read.refused] == ([] if reason is None else [reason])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("<pskc:TimeInterval><pskc:PlainValue>60</pskc:PlainValue></pskc:TimeInterval>", None),
        ("<pskc:TimeInterval><pskc:PlainValue>30</pskc:PlainValue></pskc:TimeInterval>", RowFault.PERIOD),
        ("<pskc:Time><pskc:PlainValue>5</pskc:PlainValue></pskc:Time>", RowFault.TIME_OFFSET),
        ("<pskc:TimeDrift><pskc:PlainValue>2881</pskc:PlainValue></pskc:TimeDrift>", RowFault.TIME_OFFSET),
    ],
)
def test_time_beside_the_suite_must_fit_it(data: str, reason: RowFault | None) -> None:
    read = read_pskc(with_suite("OCRA-1:HOTP-SHA1-6:QN08-T1M", data=data).encode())
    assert [one.reason for one in read.refused] == ([] if reason is None else [reason])


@pytest.mark.parametrize("mode", ["Local", "Algorithmic"])
@pytest.mark.parametrize("first", [True, False], ids=["pin-first", "pin-last"])
def test_the_pin_that_enters_the_answer_comes_from_the_key_that_holds_it(mode: str, first: bool) -> None:
    policy = f'<pskc:PINPolicy PINKeyId="PIN-1" PINUsageMode="{mode}"/>'
    text = with_suite("OCRA-1:HOTP-SHA1-6:QN08-PSHA1", policy=policy)
    text = (
        text.replace("<pskc:KeyPackage>", PIN + "<pskc:KeyPackage>", 1)
        if first
        else text.replace("</pskc:KeyContainer>", PIN + "</pskc:KeyContainer>")
    )
    read = read_pskc(text.encode())
    (record,) = read.records
    assert (record.usable, record.pin) == (True, Secret(b"1234"))
    assert [one.reason for one in read.refused] == [RowFault.NOT_A_TOKEN]


@pytest.mark.parametrize(
    ("suite", "policy", "reason"),
    [
        ("OCRA-1:HOTP-SHA1-6:QN08-PSHA1", "", Unusable.NO_PIN),
        ("OCRA-1:HOTP-SHA1-6:QN08-P", '<pskc:PINPolicy PINKeyId="PIN-2"/>', Unusable.NO_PIN),
        ("OCRA-1:HOTP-SHA1-6:QN08-PSHA1", '<pskc:PINPolicy PINUsageMode="Append"/>', Unusable.PIN_AT_SERVER),
        ("OCRA-1:HOTP-SHA1-6:QN08", '<pskc:PINPolicy PINUsageMode="Algorithmic"/>', Unusable.PIN_AT_SERVER),
        ("OCRA-1:HOTP-SHA1-6:QN08-S063", "", Unusable.SHORT_SESSION),
        ("OCRA-1:HOTP-SHA1-6:QN08-S064", "", None),
        ("OCRA-1:HOTP-SHA1-6:QN08", "<pskc:KeyUsage>CR</pskc:KeyUsage>", None),
        ("OCRA-1:HOTP-SHA1-6:QN08", "<pskc:KeyUsage>Encrypt</pskc:KeyUsage>", Unusable.USAGE_NOT_OTP),
    ],
)
def test_a_key_that_could_not_answer_us_is_not_usable(suite: str, policy: str, reason: Unusable | None) -> None:
    assert only(with_suite(suite, policy=policy)).unusable_because is reason
