"""A policy that was read: frozen, complete, and right in itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timezone
from typing import Any

from otpward.core.model.case import Delivery, Reason
from otpward.core.model.shipping import MailClass
from otpward.core.policy.combinations import Combinations
from otpward.core.policy.papers import Paper as IdentityPaper
from otpward.core.policy.quiet import Way


@dataclass(frozen=True, slots=True)
class Said:
    """The same text in both languages."""

    ko: str
    en: str

    def text(self, language: str) -> str:
        """In `ko` or `en`."""
        return self.ko if language == "ko" else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to call; empty where the institution's own number goes."""

    phone: str
    phone_abroad: str
    hours: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of applicant. `chain` is the kinds whose rules go for it, the furthest first, itself last."""

    name: str
    title: Said
    offered: bool
    chain: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One paper: issued within `months` (0: any time), of whom, and how it can be shown. A proof of identity is one of the
    kinds in `identity`."""

    name: str
    title: Said
    whom: str
    months: int
    shown: tuple[str, ...]
    identity: tuple[IdentityPaper, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """For whom something goes; an empty part is met by all."""

    kinds: frozenset[str]
    reasons: frozenset[Reason]
    deliveries: frozenset[Delivery]

    def covers(self, reason: Reason, delivery: Delivery) -> bool:
        """Whether reason and delivery are in it."""
        return (not self.reasons or reason in self.reasons) and (not self.deliveries or delivery in self.deliveries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What goes in a scope: the terms that it says, by key."""

    name: str
    scope: Scope
    terms: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A case in which nothing is to be paid."""

    name: str
    title: Said
    scope: Scope
    device_months: int
    age_from: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """In days."""

    draft_days: int
    more_days: int
    pick_up_days: int
    approval_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """How devices go by post, and after how many days without news a parcel counts as missing."""

    mail_class: MailClass
    missing_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StockTerms:
    """What may be given out: devices that compute with SHA-1 until the end of this year."""

    sha1_until_year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long records are kept."""

    application_years: int
    access_years: int
    payment_years: int
    document_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminders:
    """When a member hears from us without having asked, and by which way: the first of `ways` that reaches them. From
    `quiet_from` to `quiet_until`, by the clock of `quiet_zone`, reminders wait."""

    expiry_days: tuple[int, ...]
    check_months: int
    dormant_months: int
    quiet_from: time
    quiet_until: time
    quiet_zone: timezone
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassTerms:
    """For how many hours a temporary pass is good (0: none are given), and how many numbers it has."""

    hours: int
    codes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AppTerms:
    """Whether a member moves an app to another phone by themselves."""

    move: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """An institution's own rules."""

    member_word: Said
    branch_word: Said
    contact: Contact
    kinds: Mapping[str, Kind]
    documents: Mapping[str, Document]
    rules: tuple[Rule, ...]
    waivers: tuple[Waiver, ...]
    proofs: Combinations
    deadlines: Deadlines
    post: Mailing
    stock: StockTerms
    refusals: Mapping[str, Said]
    requests: Mapping[str, Said]
    retention: Retention
    reminders: Reminders
    temporary_pass: PassTerms
    phone_app: AppTerms
    tree: Mapping[str, Any]
    """The whole text as tables, with everything that was left out: what two policies are compared by."""

    @property
    def offered_kinds(self) -> tuple[Kind, ...]:
        """The kinds that may apply."""
        return tuple(kind for kind in self.kinds.values() if kind.offered)
