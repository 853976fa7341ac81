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
    CONTACT_CODE = "contact_code"
    CONTACT_PHONE = "contact_phone"
    CONTACT_EMAIL = "contact_email"
    PHONE_SIGNAL = "phone_signal"
    PHONE_REPORTED = "phone_reported"
    PHONE_TRUSTED = "phone_trusted"
    CASE_SUBMITTED = "case_submitted"
    CASE_MORE = "case_more"
    CASE_APPROVED = "case_approved"
    CASE_REFUSED = "case_refused"
    CASE_EXPIRED = "case_expired"
    CASE_READY = "case_ready"
    CASE_SENT = "case_sent"
    CASE_DELIVERED = "case_delivered"
    APP_READY = "app_ready"
    TOKEN_REGISTERED = "token_registered"
    TOKEN_ACTIVATED = "token_activated"
    TOKEN_LOCKED = "token_locked"
    TOKEN_UNLOCKED = "token_unlocked"
    RECOVERY_CODE_MADE = "recovery_code_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_COPIED = "passkey_copied"


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
    NoticeKind.CONTACT_CODE: (
        "[{name}] 연락처 변경 인증번호 {code} ({minutes}분). 알려 주지 마세요. {phone}",
        "[{name}] Code {code} to verify your new contact, {minutes} min. Do not share",
    ),
    NoticeKind.CONTACT_PHONE: (
        "[{name}] {time} 휴대폰 번호를 바꿨습니다. 본인이 아니면 {phone}",
        "[{name}] Your mobile number was changed {time}. Not you? {phone}",
    ),
    NoticeKind.CONTACT_EMAIL: (
        "[{name}] {time} 이메일 주소를 바꿨습니다. 본인이 아니면 {phone}",
        "[{name}] Your email address was changed {time}. Not you? {phone}",
    ),
    NoticeKind.PHONE_SIGNAL: (
        "[{name}] {time} 유심이 바뀌어 휴대폰 인증을 멈췄습니다. 본인이 아니면 {phone}",
        "[{name}] SIM changed {time}: phone codes are off. Not you? {phone}",
    ),
    NoticeKind.PHONE_REPORTED: (
        "[{name}] {time} 분실 신고로 휴대폰 인증을 멈췄습니다. 본인이 아니면 {phone}",
        "[{name}] Phone reported lost {time}: phone codes are off. Not you? {phone}",
    ),
    NoticeKind.PHONE_TRUSTED: (
        "[{name}] {time} 휴대폰 인증을 다시 쓸 수 있습니다. 본인이 아니면 {phone}",
        "[{name}] Phone codes are on again {time}. Not you? {phone}",
    ),
    NoticeKind.CASE_SUBMITTED: (
        "[{name}] 재발급 신청 {number} 접수. 문의 {phone}",
        "[{name}] Application {number} received. {phone}",
    ),
    NoticeKind.CASE_MORE: (
        "[{name}] 신청 {number} {date}까지 보완해 주세요. 문의 {phone}",
        "[{name}] More is needed for {number} by {date}. {phone}",
    ),
    NoticeKind.CASE_APPROVED: (
        "[{name}] 신청 {number} 승인했습니다. 문의 {phone}",
        "[{name}] Application {number} approved. {phone}",
    ),
    NoticeKind.CASE_REFUSED: (
        "[{name}] 신청 {number} 승인하지 않았습니다. 문의 {phone}",
        "[{name}] Application {number} not approved. {phone}",
    ),
    NoticeKind.CASE_EXPIRED: (
        "[{name}] 신청 {number} 답이 없어 끝났습니다. 문의 {phone}",
        "[{name}] Application {number} ended: no answer in time. {phone}",
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
    NoticeKind.RECOVERY_CODE_MADE: (
        "[{name}] {time} 새 복구 코드를 만들었습니다. 본인이 아니면 {phone}",
        "[{name}] New recovery code made {time}. Not you? {phone}",
    ),
    NoticeKind.RECOVERY_CODE_USED: (
        "[{name}] {time} 복구 코드를 썼습니다. 본인이 아니면 {phone}",
        "[{name}] Recovery code used {time}. Not you? {phone}",
    ),
    NoticeKind.PASSKEY_ADDED: (
        "[{name}] {time} 패스키를 추가했습니다. 본인이 아니면 {phone}",
        "[{name}] Passkey added {time}. Not you? {phone}",
    ),
    NoticeKind.PASSKEY_REMOVED: (
        "[{name}] {time} 패스키를 삭제했습니다. 본인이 아니면 {phone}",
        "[{name}] Passkey removed {time}. Not you? {phone}",
    ),
    NoticeKind.PASSKEY_COPIED: (
        "[{name}] {time} 복제된 패스키를 막았습니다. 문의 {phone}",
        "[{name}] Copied passkey refused {time}. Call {phone}",
    ),
}


CODES: Final = frozenset({NoticeKind.PHONE_CODE, NoticeKind.CONTACT_CODE})
"""These carry a code, and are erased once they have gone."""


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
