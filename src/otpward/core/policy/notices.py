"""What we write to people: institution, fact, time, what to do if it was not you. Never a link with a code, never a seed.

SMS stays within 90 octets of EUC-KR, so these are short; mail carries the same words.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Final

KST: Final = timezone(timedelta(hours=9), "KST")
"""Korea keeps one offset all year round."""


SMS_OCTETS: Final = 90
"""What one short message carries, in the gateways' EUC-KR (CP949)."""


class NoticeKind(StrEnum):
    """What happened."""

    LOSS_STOPPED = "loss_stopped"
    LOSS_LIFTED = "loss_lifted"
    PHONE_CODE = "phone_code"
    CASE_SUBMITTED = "case_submitted"
    CASE_MORE = "case_more"
    CASE_APPROVED = "case_approved"
    CASE_REFUSED = "case_refused"
    CASE_READY = "case_ready"
    CASE_SENT = "case_sent"
    CASE_DELIVERED = "case_delivered"
    APP_READY = "app_ready"
    TOKEN_REGISTERED = "token_registered"
    TOKEN_ACTIVATED = "token_activated"
    TOKEN_LOCKED = "token_locked"
    TOKEN_UNLOCKED = "token_unlocked"


TEXTS: Final[Mapping[NoticeKind, tuple[str, str]]] = {
    NoticeKind.LOSS_STOPPED: (
        "[{name}] {time} OTP를 정지했습니다. 본인이 아니면 {phone}",
        "[{name}] OTP stopped {time}. Not you? {phone}",
    ),
    NoticeKind.LOSS_LIFTED: (
        "[{name}] {time} OTP 정지를 풀었습니다. 본인이 아니면 {phone}",
        "[{name}] OTP in use again {time}. Not you? {phone}",
    ),
    NoticeKind.PHONE_CODE: (
        "[{name}] 인증번호 {code} ({minutes}분). 직원은 묻지 않습니다. {phone}",
        "[{name}] Phone code {code} to verify you, {minutes} min. Do not share",
    ),
    NoticeKind.CASE_SUBMITTED: (
        "[{name}] 재발급 신청 {number} 접수. 문의 {phone}",
        "[{name}] Application {number} received. {phone}",
    ),
    NoticeKind.CASE_MORE: (
        "[{name}] 신청 {number} 보완이 필요합니다. 문의 {phone}",
        "[{name}] More is needed for {number}. {phone}",
    ),
    NoticeKind.CASE_APPROVED: (
        "[{name}] 신청 {number} 승인했습니다. 문의 {phone}",
        "[{name}] Application {number} approved. {phone}",
    ),
    NoticeKind.CASE_REFUSED: (
        "[{name}] 신청 {number} 승인하지 않았습니다. 문의 {phone}",
        "[{name}] Application {number} not approved. {phone}",
    ),
    NoticeKind.CASE_READY: (
        "[{name}] {date}까지 {branch}에서 OTP를 받아 주세요. 신분증 지참. {phone}",
        "[{name}] Collect your OTP at {branch} by {date}. Bring ID. {phone}",
    ),
    NoticeKind.CASE_SENT: (
        "[{name}] OTP를 등기로 보냈습니다. 등기번호 {tracking}. 문의 {phone}",
        "[{name}] OTP posted. Tracking {tracking}. {phone}",
    ),
    NoticeKind.CASE_DELIVERED: (
        "[{name}] OTP가 도착했습니다. 홈페이지에서 등록해 주세요. {phone}",
        "[{name}] Your OTP has arrived. Register it on our site. {phone}",
    ),
    NoticeKind.APP_READY: (
        "[{name}] 신청 {number}: 홈페이지에서 앱을 등록해 주세요. {phone}",
        "[{name}] {number}: register your app on our site. {phone}",
    ),
    NoticeKind.TOKEN_REGISTERED: (
        "[{name}] {time} 새 OTP를 등록 중입니다. 본인이 아니면 {phone}",
        "[{name}] A new OTP is being registered {time}. Not you? {phone}",
    ),
    NoticeKind.TOKEN_ACTIVATED: (
        "[{name}] {time} 새 OTP를 쓸 수 있습니다. 본인이 아니면 {phone}",
        "[{name}] Your new OTP is ready {time}. Not you? {phone}",
    ),
    NoticeKind.TOKEN_LOCKED: (
        "[{name}] {time} OTP가 잠겼습니다. 본인이 아니면 {phone}",
        "[{name}] OTP locked {time}. Not you? {phone}",
    ),
    NoticeKind.TOKEN_UNLOCKED: (
        "[{name}] {time} OTP 잠금을 풀었습니다. 본인이 아니면 {phone}",
        "[{name}] OTP unlocked {time}. Not you? {phone}",
    ),
}


def compose(kind: NoticeKind, language: str, values: Mapping[str, str]) -> str:
    """The text in `ko` or `en`; a value that the text does not mention is left out."""
    korean, english = TEXTS[kind]
    return (korean if language == "ko" else english).format_map(dict(values))


def compose_sms(kind: NoticeKind, language: str, values: Mapping[str, str]) -> str:
    """The text within what one SMS carries: of names that are too long for it, letters at the end give way."""
    fitting = dict(values)
    while len((text := compose(kind, language, fitting)).encode("cp949", "replace")) > SMS_OCTETS:
        longest = max(("name", "branch"), key=lambda key: len(fitting.get(key, "").encode("cp949", "replace")))
        if len(fitting.get(longest, "")) <= 1:
            break
        fitting[longest] = fitting[longest][:-1]
    return text


def short_time(at: datetime, language: str) -> str:
    """Day and minute in Korea, for a text message."""
    local = at.astimezone(KST)
    if language == "ko":
        return f"{local.month}월 {local.day}일 {local:%H:%M}"
    return f"{local.day} {local:%b %H:%M} KST"


def short_date(at: datetime, language: str) -> str:
    """The day in Korea."""
    local = at.astimezone(KST)
    return f"{local.month}월 {local.day}일" if language == "ko" else f"{local.day} {local:%b}"
