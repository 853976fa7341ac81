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
    PICK_UP_REMINDER = "pick_up_reminder"
    PICK_UP_EXPIRED = "pick_up_expired"
    CASE_SENT = "case_sent"
    CASE_DELIVERED = "case_delivered"
    CASE_RETURNED = "case_returned"
    CASE_MISSING = "case_missing"
    APP_READY = "app_ready"
    TOKEN_REGISTERED = "token_registered"
    TOKEN_ACTIVATED = "token_activated"
    TOKEN_LOCKED = "token_locked"
    TOKEN_UNLOCKED = "token_unlocked"
    TOKEN_RESTS = "token_rests"
    TOKEN_AWAKE = "token_awake"
    PASS_GIVEN = "pass_given"
    RECOVERY_CODE_MADE = "recovery_code_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_COPIED = "passkey_copied"
    ACT_UNDONE = "act_undone"
    REMINDER_CHECK = "reminder_check"
    REMINDER_EXPIRY = "reminder_expiry"
    REMINDER_DRIFT = "reminder_drift"
    REMINDER_DORMANT = "reminder_dormant"
    REMINDER_RENEWAL = "reminder_renewal"
    REMINDER_CAMPAIGN = "reminder_campaign"


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
    NoticeKind.PICK_UP_REMINDER: (
        "[{name}] OTP가 {branch}에 있습니다. {date}이 마지막 날입니다. {phone}",
        "[{name}] Your OTP is at {branch}. Last day {date}. {phone}",
    ),
    NoticeKind.PICK_UP_EXPIRED: (
        "[{name}] 수령 기한이 지나 신청 {number} 끝났습니다. {phone}",
        "[{name}] Application {number} ended: not collected in time. {phone}",
    ),
    NoticeKind.CASE_SENT: (
        "[{name}] OTP를 등기로 보냈습니다. 등기번호 {tracking}. 문의 {phone}",
        "[{name}] OTP posted. Tracking {tracking}. {phone}",
    ),
    NoticeKind.CASE_DELIVERED: (
        "[{name}] OTP가 도착했습니다. 홈페이지에서 등록해 주세요. {phone}",
        "[{name}] Your OTP has arrived. Register it on our site. {phone}",
    ),
    NoticeKind.CASE_RETURNED: (
        "[{name}] OTP 우편물이 반송되었습니다. 홈페이지에서 다시 골라 주세요. {phone}",
        "[{name}] Your OTP came back to us. Choose again on our site. {phone}",
    ),
    NoticeKind.CASE_MISSING: (
        "[{name}] 보낸 OTP를 찾지 못해 폐기하고 새로 준비합니다. 문의 {phone}",
        "[{name}] Your OTP got lost and never works. We prepare another. {phone}",
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
    NoticeKind.TOKEN_RESTS: (
        "[{name}] 오래 쓰지 않은 OTP를 멈췄습니다. 홈페이지에서 다시 켜 주세요. {phone}",
        "[{name}] Your OTP was not used for long and rests now. Wake it on our site. {phone}",
    ),
    NoticeKind.TOKEN_AWAKE: (
        "[{name}] {time} OTP를 다시 쓸 수 있습니다. 본인이 아니면 {phone}",
        "[{name}] Your OTP works again {time}. Not you? {phone}",
    ),
    NoticeKind.PASS_GIVEN: (
        "[{name}] {time} 임시 번호를 드렸습니다. 본인이 아니면 {phone}",
        "[{name}] Temporary numbers given {time}. Not you? {phone}",
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
    NoticeKind.ACT_UNDONE: (
        "[{name}] {time} 변경을 되돌렸습니다. 본인이 아니면 {phone}",
        "[{name}] A change was undone {time}. Not you? {phone}",
    ),
    NoticeKind.REMINDER_CHECK: (
        "[{name}] OTP를 점검할 때입니다. 1분이면 됩니다. 지금 점검하기 {link} 문의 {phone}",
        "[{name}] Time to check your OTP. It takes a minute. Check now: {link} Questions? {phone}",
    ),
    NoticeKind.REMINDER_EXPIRY: (
        "[{name}] OTP는 {date}까지 쓸 수 있습니다. 지금 점검하기 {link} 문의 {phone}",
        "[{name}] Your OTP works until {date}. Check now: {link} Questions? {phone}",
    ),
    NoticeKind.REMINDER_DRIFT: (
        "[{name}] OTP 시간이 어긋나고 있습니다. 지금 점검하기 {link} 문의 {phone}",
        "[{name}] The clock of your OTP is drifting. Check now: {link} Questions? {phone}",
    ),
    NoticeKind.REMINDER_DORMANT: (
        "[{name}] OTP를 {date}까지 쓰지 않으면 쉬는 상태가 됩니다. 지금 점검하기 {link} 문의 {phone}",
        "[{name}] Your OTP will rest if it is not used by {date}. Check now: {link} Questions? {phone}",
    ),
    NoticeKind.REMINDER_RENEWAL: (
        "[{name}] 새 OTP를 보내 드립니다. 원하지 않으면 {date}까지 알려 주세요 {link} 문의 {phone}",
        "[{name}] We will send you a new OTP. If you do not want it, say so by {date}: {link} Questions? {phone}",
    ),
    NoticeKind.REMINDER_CAMPAIGN: (
        "[{name}] OTP를 점검해 주세요. 1분이면 됩니다. 지금 점검하기 {link} 문의 {phone}",
        "[{name}] Please check your OTP. It takes a minute. Check now: {link} Questions? {phone}",
    ),
}


CODES: Final = frozenset({NoticeKind.PHONE_CODE, NoticeKind.CONTACT_CODE})
"""These carry a code, and are erased once they have gone."""

REMINDERS: Final = frozenset(kind for kind in NoticeKind if kind.startswith("reminder_"))
"""These only remind: they wait for the morning, and a member may have no more of them by mail. All others warn, or answer."""

UNDO: Final[Mapping[str, str]] = {"ko": "되돌리기 {undo}", "en": "Undo it: {undo}"}
"""Stands at the end of a notice of something that can be undone."""


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
