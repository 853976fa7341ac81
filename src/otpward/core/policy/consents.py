"""For what personal data is used, in which words a member is told or asked, and how long it is kept.

The words are versions: what somebody agreed to can be shown again as it was. A change of words is a new version at the end of
its row; nothing before it changes (a test keeps their sums). Each says what 개인정보 보호법 §15② asks for: why, what, how long,
and that one may say no and what follows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from otpward.core.errors import NotFound
from otpward.core.model.consent import Purpose
from otpward.core.policy.document.model import Policy, Said


class Basis(StrEnum):
    """What a use rests on."""

    ASKED = "asked"
    """Consent, without which this way is closed; there is another way."""
    VOLUNTARY = "voluntary"
    """Consent that nothing else hangs on."""
    TOLD = "told"
    """No consent: somebody works for us under contract (§26), and the member is told who and what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One version of the words. In `kept`, `{n}` is how long, as the policy says."""

    title: Said
    why: Said
    items: Said
    kept: Said
    refuse: Said

    def line(self, part: str, language: str, kept: int) -> str:
        """One of the parts, in `ko` or `en`."""
        said: Said = getattr(self, part)
        return said.text(language).replace("{n}", str(kept))


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One purpose, on what it rests, and its words, the newest last."""

    purpose: Purpose
    basis: Basis
    wordings: tuple[Wording, ...]

    @property
    def version(self) -> int:
        """The number of the newest words."""
        return len(self.wordings)

    def wording(self, version: int) -> Wording:
        """The words of this version; raises `NotFound`."""
        if not 1 <= version <= len(self.wordings):
            raise NotFound("no such version of these words")
        return self.wordings[version - 1]


_DOCUMENTS: Final = Wording(
    title=Said("신분증 등 서류 사진의 수집·이용", "Taking and using pictures of your ID and papers"),
    why=Said(
        "신청한 사람이 본인인지, 서류가 맞는지 확인합니다.", "To check that the application is yours and the papers are right."
    ),
    items=Said(
        "서류 사진에 보이는 이름, 생년월일, 주소, 사진. "
        "주민등록번호 뒷자리와 여권·운전면허·외국인등록번호는 저장하기 전에 가립니다.",
        "What the picture shows: name, birth date, address, photo. The back digits of the resident number, and passport, "
        "licence and alien registration numbers, are covered before anything is stored.",
    ),
    kept=Said("신청이 끝난 뒤 {n}일까지 보관하고 지웁니다.", "Kept for {n} days after the application ended, then erased."),
    refuse=Said(
        "동의하지 않아도 됩니다. 그러면 영업점에서, 또는 받을 때 신분증을 보여 주시면 됩니다.",
        "You may say no. Then show your ID at a branch, or when you receive the device.",
    ),
)
_RENEWAL: Final = Wording(
    title=Said("만료 전 새 OTP를 신청 없이 받기", "A new OTP before the old one expires, without applying"),
    why=Said(
        "6개월 넘게 쓰지 않은 OTP도 만료되기 전에 새것으로 바꿔 드립니다.",
        "So that an OTP you have not used for 6 months can be replaced before it expires, too.",
    ),
    items=Said(
        "이름, 주소, 연락처, OTP 일련번호와 사용 기록", "Name, address, contacts, the OTP's serial number and when it was used"
    ),
    kept=Said("철회할 때까지 유효합니다.", "It holds until you withdraw it."),
    refuse=Said(
        "동의하지 않아도 됩니다. 그러면 만료 전에 직접 신청하시면 됩니다.",
        "You may say no. Then apply yourself before it expires.",
    ),
)
_POST: Final = Wording(
    title=Said("우편 배송 위탁", "Delivery by post"),
    why=Said("신청한 OTP를 우체국이 배송합니다.", "The post office delivers the OTP you applied for."),
    items=Said("이름, 주소, 휴대폰 번호", "Name, address, mobile number"),
    kept=Said("우체국은 배송이 끝날 때까지 씁니다.", "The post office uses it until it is delivered."),
    refuse=Said("영업점 수령을 고르면 전달하지 않습니다.", "It is not passed on if you collect at a branch."),
)
_IDENTITY: Final = Wording(
    title=Said("본인 확인 서비스 이용", "Identity services"),
    why=Said(
        "본인 확인 서비스를 고르면 그 기관이 본인인지 확인해 결과를 알려 줍니다.",
        "If you choose an identity service, it checks who you are and tells us the result.",
    ),
    items=Said("이름, 생년월일, 휴대폰 번호, 확인 결과", "Name, birth date, mobile number, the result"),
    kept=Said("확인 기록은 {n}년 동안 보관합니다.", "The record of the check is kept for {n} years."),
    refuse=Said("다른 본인 확인 방법을 골라도 됩니다.", "You may choose another way to prove who you are."),
)

USES: Final[Mapping[Purpose, Use]] = {
    Purpose.DOCUMENTS: Use(purpose=Purpose.DOCUMENTS, basis=Basis.ASKED, wordings=(_DOCUMENTS,)),
    Purpose.RENEWAL: Use(purpose=Purpose.RENEWAL, basis=Basis.VOLUNTARY, wordings=(_RENEWAL,)),
    Purpose.POST: Use(purpose=Purpose.POST, basis=Basis.TOLD, wordings=(_POST,)),
    Purpose.IDENTITY_SERVICE: Use(purpose=Purpose.IDENTITY_SERVICE, basis=Basis.TOLD, wordings=(_IDENTITY,)),
}


def kept_for(purpose: Purpose, policy: Policy) -> int:
    """How long, in the unit that the words name; 0 where they name none."""
    match purpose:
        case Purpose.DOCUMENTS:
            return policy.retention.document_days
        case Purpose.IDENTITY_SERVICE:
            return policy.retention.application_years
        case _:
            return 0
