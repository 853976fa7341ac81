"""Which keys a policy has, what each is for in both languages, and what may stand in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from otpward.core.model.case import Delivery, Reason
from otpward.core.model.member import Role
from otpward.core.model.proof import FROM_AFAR, Method
from otpward.core.model.shipping import MailClass
from otpward.core.model.token import OWN_FORMS
from otpward.core.policy.document.values import Both, Clock, Days, Flag, Offset, One, Sets, Some, Text, Value, Whole
from otpward.core.policy.papers import Paper
from otpward.core.policy.quiet import Way

NOT_GIVEN: Final = object()
"""A key without a default of its own: it has one in the default policy, or must be given."""

WAYS: Final = ("counter", "delivery", "upload")
"""How a paper can be shown."""
WHOM: Final = ("applicant", "guardian", "corporation", "delegate", "proxy")
"""Whose a paper is."""
WON_MAX: Final = 1_000_000
_REASONS: Final = tuple(Reason)
_DELIVERIES: Final = tuple(Delivery)
_METHODS: Final = tuple(one for one in Method if one is not Method.IN_PERSON)


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its kind of value, and what it says."""

    value: Value
    ko: str
    en: str
    default: Any = NOT_GIVEN


@dataclass(frozen=True, slots=True)
class Table:
    """A table with these keys."""

    ko: str
    en: str
    keys: "Mapping[str, Key | Table | Named]"


@dataclass(frozen=True, slots=True)
class Named:
    """A table of tables, each under a name that the institution gives. Those of the default policy are there already."""

    ko: str
    en: str
    each: "Table | Key"
    most: int = 60


Part = Key | Table | Named

_WORDS: Final = Table(
    "바꿔 부를 말",
    "Words that are yours to choose",
    {
        "member": Key(Both(20), "회원", "What a member is called"),
        "branch": Key(Both(20), "영업점", "What a branch is called"),
    },
)
_CONTACT: Final = Table(
    "연락처",
    "Whom to call",
    {
        "phone": Key(Text(40), "전화", "The phone number; empty: the one the institution was opened with"),
        "phone_abroad": Key(Text(40), "해외에서 거는 전화", "The number from abroad; empty likewise"),
        "hours": Key(Both(80, may_be_empty=True), "상담 시간", "When somebody answers; empty: not said"),
    },
)
_KINDS: Final = Named(
    "신청인",
    "Who may apply",
    Table(
        "신청인",
        "One kind of applicant",
        {
            "name": Key(Both(60), "이름", "What this kind is called"),
            "like": Key(One(of="another kind"), "같은 규칙을 따르는 신청인", "Rules for that kind go for this one too", ""),
            "offered": Key(Flag(), "신청 가능", "Whether this kind may apply", True),
        },
    ),
    20,
)
_DOCUMENTS: Final = Named(
    "서류",
    "Papers",
    Table(
        "서류",
        "One paper",
        {
            "name": Key(Both(80), "이름", "What it is called, as after “bring”"),
            "whom": Key(One(WHOM), "누구의 서류", "Whose it is", "applicant"),
            "months": Key(Whole(0, 120), "발급 후 개월", "Issued within so many months; 0: any time", 0),
            "shown": Key(Some(WAYS), "내는 방법", "How it can be shown", list(WAYS)),
            "identity": Key(
                Some(tuple(Paper)), "신분증 종류", "The proofs of identity of which it is one; empty: it is none", []
            ),
        },
    ),
    60,
)
_RULES: Final = Named(
    "규칙",
    "Rules",
    Table(
        "규칙",
        "One rule: for whom it goes, and what it says. It replaces what earlier rules say; a rule for a kind comes after those "
        "for all, and after those for the kind that it is like",
        {
            "kinds": Key(Some(of="kinds"), "신청인", "For these kinds; empty: for all", []),
            "reasons": Key(Some(_REASONS), "사유", "For these reasons; empty: for all", []),
            "deliveries": Key(Some(_DELIVERIES), "받는 방법", "For these ways of receiving; empty: for all", []),
            "offered": Key(Flag(), "신청 가능", "Whether it can be applied for", None),
            "documents": Key(Some(of="documents"), "서류", "Which papers it takes", None),
            "fee_won": Key(Whole(0, WON_MAX), "수수료(원)", "The fee in won", None),
            "fee_first": Key(
                Flag(), "수수료를 낸 뒤 내줌", "Whether nothing is given out before the fee is paid or waived", None
            ),
            "working_days": Key(Whole(0, 60), "걸리는 영업일", "Working days until it is received", None),
            "two_people": Key(Flag(), "두 사람 승인", "Whether a second person approves", None),
            "approvers": Key(Some(tuple(Role)), "승인 역할", "Which roles approve", None),
            "hold_hours": Key(
                Whole(0, 720),
                "새 OTP 보류 시간",
                "Hours from the activation of a new OTP in which relying systems are told `hold_until`",
                None,
            ),
        },
    ),
    200,
)
_WAIVERS: Final = Named(
    "수수료 면제",
    "When there is no fee",
    Table(
        "면제",
        "One case in which nothing is to be paid; all that is said must be met",
        {
            "name": Key(Both(120), "이름", "What the member reads"),
            "used": Key(Flag(), "적용", "Whether it counts", True),
            "kinds": Key(Some(of="kinds"), "신청인", "For these kinds; empty: for all", []),
            "reasons": Key(Some(_REASONS), "사유", "For these reasons; empty: for all", []),
            "deliveries": Key(Some(_DELIVERIES), "받는 방법", "For these ways of receiving; empty: for all", []),
            "device_months": Key(Whole(0, 120), "기기 사용 개월", "The old device is not older; 0: of any age", 0),
            "age_from": Key(Whole(0, 120), "나이", "The member is at least so old; 0: of any age", 0),
        },
    ),
    40,
)
_PROOFS: Final = Table(
    "본인 인증",
    "Which ways of proving are enough for which act",
    {
        act.value: Table(
            {"apply": "신청", "lift_loss": "분실 해제", "follow": "진행 조회", "unlock": "잠금 해제"}.get(act, "연락처 변경"),
            f"For the act {act.value}",
            {
                "any": Key(Sets(_METHODS), "방법", "Lists of methods, of which one whole list is enough", None),
                **{
                    form.value: Table(
                        {"fob": "OTP 기기", "card": "OTP 카드", "app": "OTP 앱"}[form],
                        f"About a device of the kind {form.value}",
                        {"any": Key(Sets(_METHODS), "방법", "Likewise, in the place of the list above", None)},
                    )
                    for form in OWN_FORMS
                },
            },
        )
        for act in FROM_AFAR
    },
)
_DEADLINES: Final = Table(
    "기한",
    "Deadlines",
    {
        "draft_days": Key(Whole(1, 365), "작성 기한(일)", "Days in which a draft can be gone on with"),
        "more_days": Key(Whole(1, 365), "보완 기한(일)", "Days in which a member answers what was asked"),
        "pick_up_days": Key(Whole(1, 365), "수령 기한(일)", "Days in which a device waits at a branch"),
        "approval_days": Key(Whole(1, 30), "승인 기한(일)", "Days in which a second person approves"),
    },
)
_POST: Final = Table(
    "우편",
    "Post",
    {
        "mail_class": Key(
            One(tuple(MailClass)),
            "우편 종류",
            "`recipient_only`: into the recipient's hands, with ID; `registered`: to the address",
        ),
        "missing_days": Key(Whole(3, 365), "분실 처리(일)", "Days without news after which a parcel counts as missing"),
    },
)
_STOCK: Final = Table(
    "재고",
    "Stock",
    {
        "sha1_until_year": Key(
            Whole(2026, 2099), "SHA-1 지급 기한(년)", "The last year in which devices that compute with SHA-1 are given out"
        ),
    },
)
_RETENTION: Final = Table(
    "보관",
    "How long things are kept",
    {
        "application_years": Key(Whole(1, 30), "신청 기록(년)", "Applications and what was decided, in years"),
        "access_years": Key(Whole(1, 30), "접속 기록(년)", "Who looked at what, in years"),
        "payment_years": Key(Whole(1, 30), "수수료 기록(년)", "Fees, in years"),
        "document_days": Key(Whole(0, 3650), "서류 사본(일)", "Covered copies of papers, in days after the application ended"),
    },
)
_REMINDERS: Final = Table(
    "미리 알림",
    "Reminders",
    {
        "expiry_days": Key(Days(730), "만료 전 알림(일)", "Days before a device expires on which its member is told"),
        "check_months": Key(Whole(1, 60), "점검 주기(개월)", "Months between two checks"),
        "dormant_months": Key(Whole(1, 60), "장기 미사용(개월)", "Months without use after which a device rests"),
        "quiet_from": Key(Clock(), "조용한 시간 시작", "From when reminders wait for the morning; what warns goes at any hour"),
        "quiet_until": Key(Clock(), "조용한 시간 끝", "Until when they wait; the same as `quiet_from`: they never do"),
        "quiet_zone": Key(Offset(), "시간대(UTC 기준)", "By which clock: its distance from UTC"),
        "ways": Key(
            Some(tuple(Way)),
            "보내는 방법(차례)",
            "The ways that reminders go, the best first: each takes the first that reaches the member. `talk` is KakaoTalk "
            "where a template is approved, and else a text message. What warns goes to every address",
        ),
    },
)
_PASS: Final = Table(
    "임시 번호",
    "Temporary passes: a few numbers on paper for a member who waits for a new token, given at a counter",
    {
        "hours": Key(Whole(0, 168), "쓸 수 있는 시간", "Hours for which one is good; 0: none are given"),
        "codes": Key(Whole(1, 10), "번호 개수", "How many numbers it has, each good once"),
    },
)
_APP: Final = Table(
    "휴대폰 앱",
    "Apps on a phone",
    {
        "move": Key(
            Flag(),
            "직접 옮기기",
            "Whether a member moves an app to another phone without anybody's approval, by a number of the old one; only where "
            "the rules ask neither papers nor a fee nor a second person",
        ),
    },
)
_SENTENCE: Final = Key(Both(300), "문구", "The sentence that the member reads")

LAYOUT: Final = Table(
    "규정",
    "The policy",
    {
        "words": _WORDS,
        "contact": _CONTACT,
        "kinds": _KINDS,
        "documents": _DOCUMENTS,
        "rules": _RULES,
        "waivers": _WAIVERS,
        "proofs": _PROOFS,
        "deadlines": _DEADLINES,
        "post": _POST,
        "stock": _STOCK,
        "refusals": Named("반려 사유", "Reasons for a refusal", _SENTENCE, 60),
        "requests": Named("보완 사유", "Reasons for asking for more", _SENTENCE, 60),
        "retention": _RETENTION,
        "reminders": _REMINDERS,
        "temporary_pass": _PASS,
        "phone_app": _APP,
    },
)
"""A key that was here once stays: a version that was in force is read as long as an application keeps it."""


def titles(path: tuple[str, ...], part: Part = LAYOUT) -> tuple[str, str]:
    """What the key of this path is called, in Korean and English, with the names on the way."""
    ko: list[str] = []
    en: list[str] = []
    for name in path:
        match part:
            case Named():
                ko.append(name)
                en.append(name)
                part = part.each
                continue
            case Table() if name in part.keys:
                part = part.keys[name]
                ko.append(part.ko)
                en.append(part.en.partition(";")[0])
            case _:
                break
    return " › ".join(ko), " › ".join(en)


@dataclass(frozen=True, slots=True)
class Line:
    """One key as a reference page shows it."""

    path: str
    part: Part = field(repr=False)


def lines(part: Part = LAYOUT, path: str = "") -> list[Line]:
    """Every key and table, from the top."""
    found = [Line(path, part)] if path else []
    match part:
        case Table():
            for name, inner in part.keys.items():
                found += lines(inner, f"{path}.{name}" if path else name)
        case Named():
            found += lines(part.each, f"{path}.NAME")[1 if isinstance(part.each, Table) else 0 :]
        case _:
            pass
    return found
