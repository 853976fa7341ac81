"""A token that answers challenges, written from RFC 6287 alone and sharing no code with the product."""

import hashlib
import hmac
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime

from otpward.core.model.challenge import Challenge
from otpward.ports.desk import House
from otpward.services.stock.import_seeds import Entry, ImportReport, ImportSeeds, import_seeds
from tests.fakes.sample import BY, Sample

SEED = b"a seed that answers challenges.."
PLAIN = "OCRA-1:HOTP-SHA256-8:QN08"
COUNTED = "OCRA-1:HOTP-SHA256-6:C-QN08"
TIMED = "OCRA-1:HOTP-SHA512-8:QA10-T1M"
WHOLE = "OCRA-1:HOTP-SHA512-10:C-QH16-PSHA256-S064-T30S"
PIN = b"4821"


@dataclass
class Signer:
    """What the person holds; `pin` is typed by them."""

    suite: str
    serial: str = "OC-1"
    seed: bytes = SEED
    pin: bytes = PIN
    counter: int = 0

    def answer(self, question: str, at: datetime, *, session: str = "", mine: str = "") -> str:
        """The answer to `question`; in mutual mode after `mine`, which this token asked."""
        return self._compute(self.suite, question + mine, at, session=session, pin=self.pin)

    def server_answer(self, mine: str, question: str, at: datetime, *, session: str = "") -> str:
        """What the server must have answered to `mine`."""
        fields = [field for field in self.suite.split("-") if not field.startswith("P")]
        return self._compute("-".join(fields), mine + question, at, session=session, pin=b"")

    def to(self, challenge: Challenge, at: datetime) -> str:
        """The answer to what was asked."""
        return self.answer(challenge.question, at, session=challenge.session, mine=challenge.client_challenge)

    def _compute(self, suite: str, question: str, at: datetime, *, session: str, pin: bytes) -> str:
        _, function, data = suite.split(":")
        _, algorithm, digits = function.split("-")
        message = suite.encode() + b"\0"
        for field in data.split("-"):
            match field[0]:
                case "C":
                    message += self.counter.to_bytes(8, "big")
                case "Q" if field[1] == "A":
                    message += question.encode().ljust(128, b"\0")
                case "Q":
                    text = f"{int(question):x}" if field[1] == "N" else question
                    message += bytes.fromhex(text.ljust(256, "0"))
                case "P":
                    message += hashlib.new(field[1:].lower(), pin).digest()
                case "S":
                    message += session.encode().rjust(int(field[1:]), b"\0")
                case "T":
                    unit = {"S": 1, "M": 60, "H": 3600}[field[-1]]
                    message += (int(at.timestamp()) // (unit * int(field[1:-1]))).to_bytes(8, "big")
        mac = hmac.new(self.seed, message, algorithm.lower()).digest()
        at_octet = mac[-1] & 15
        number = int.from_bytes(mac[at_octet : at_octet + 4], "big") % 2**31
        return str(number).rjust(10, "0")[-int(digits) :]


def seed_file(*signers: Signer) -> bytes:
    """The PSKC file of these tokens, with their PINs where their suites have one."""
    keys = "".join(_package(one) for one in signers)
    return f'<KeyContainer xmlns="urn:ietf:params:xml:ns:keyprov:pskc" Version="1.0">{keys}</KeyContainer>'.encode()


def _package(signer: Signer) -> str:
    name, key = "urn:ietf:params:xml:ns:keyprov:pskc", f"K-{signer.serial}"
    with_pin = "-PSHA" in signer.suite
    policy = f'<Policy><PINPolicy PINKeyId="P-{key}" PINUsageMode="Algorithmic"/></Policy>' if with_pin else ""
    secret = f"<Secret><PlainValue>{b64encode(signer.seed).decode()}</PlainValue></Secret>"
    pin = f"<Secret><PlainValue>{b64encode(signer.pin).decode()}</PlainValue></Secret>"
    pin_key = f'<KeyPackage><Key Id="P-{key}" Algorithm="{name}:pin"><Data>{pin}</Data></Key></KeyPackage>' if with_pin else ""
    return (
        f"<KeyPackage><DeviceInfo><SerialNo>{signer.serial}</SerialNo></DeviceInfo>"
        f'<Key Id="{key}" Algorithm="{name}:ocra"><AlgorithmParameters><Suite>{signer.suite}</Suite></AlgorithmParameters>'
        f"<Data>{secret}</Data>{policy}</Key></KeyPackage>{pin_key}"
    )


def give(sample: Sample, *signers: Signer, login: str = "m1001", house: House | None = None) -> ImportReport:
    """Put these tokens into the hands of a member, in use at once."""
    ask = ImportSeeds(
        institution_id=sample.institution.id,
        data=seed_file(*signers),
        file_name="signers.xml",
        by=BY,
        entry=Entry.ACTIVE,
        owners={one.serial: login for one in signers},
    )
    return (house or sample.house).do(sample.institution.id, lambda desk: import_seeds(ask, desk=desk))
