"""Whether what a prover found out is about this member. Outside it is yes or no; why not is for the audit alone."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from hmac import compare_digest

from otpward.core.errors import Invalid
from otpward.core.model.evidence import Evidence
from otpward.core.model.member import Member
from otpward.core.model.proof import Method
from otpward.core.policy.companies import is_company_number, to_company_number
from otpward.core.policy.phones import to_e164
from otpward.core.secret import NOTHING, Personal

_NOT_DIGITS = re.compile(r"\D")


class Match(StrEnum):
    """What the member was known by, or the first thing that spoke against it."""

    CI = "ci"
    SUBJECT = "subject"
    COMPANY = "company"
    """The business registration number on file is the one that the certificate was issued to."""
    PERSON = "person"
    """Name and birth date, and the phone where the prover names one."""
    VOUCHED = "vouched"
    """Name alone, while the member sat here signed in: from now on the subject is known."""
    NO_MEMBER = "no_member"
    OTHER_CI = "other_ci"
    OTHER_COMPANY = "other_company"
    OTHER_NAME = "other_name"
    OTHER_BIRTH_DATE = "other_birth_date"
    OTHER_PHONE = "other_phone"
    TOO_LITTLE = "too_little"
    LOST_PHONE = "lost_phone"
    YOUNG_PHONE = "young_phone"
    """The number was changed, or its SIM was, so lately that it proves nothing."""

    @property
    def matched(self) -> bool:
        """Whether it is the member."""
        return self in _MATCHED


_MATCHED = frozenset({Match.CI, Match.SUBJECT, Match.COMPANY, Match.PERSON, Match.VOUCHED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store knows of this evidence. `ci_elsewhere`: another member is on file under this CI. `subject`: this member
    was matched under this subject before. `vouched`: the member was signed in, with password and OTP, when they began.
    `phone_young`: the member's phone proves nothing for now."""

    ci_print: bytes | None = None
    ci_elsewhere: bool = False
    subject: bool = False
    vouched: bool = False
    phone_young: bool = False


def match(evidence: Evidence, member: Member | None, known: Known) -> Match:
    """Compare: the CI where both sides have one and it decides alone, and a company's number likewise; else a subject seen
    before; else name, birth date and phone. A name alone is never enough: there are namesakes."""
    if member is None or member.left_at is not None:
        return Match.NO_MEMBER
    if member.phone_lost_at is not None and _may_rest_on(evidence, member):
        return Match.LOST_PHONE
    if known.phone_young and _may_rest_on(evidence, member):
        return Match.YOUNG_PHONE
    if known.ci_print is not None and member.ci_print is not None:
        return Match.CI if compare_digest(known.ci_print, member.ci_print) else Match.OTHER_CI
    if evidence.company and is_company_number(member.birth_date.reveal()):
        return Match.COMPANY if _same_company(evidence.company, member.birth_date) else Match.OTHER_COMPANY
    if (evidence.name or not known.subject) and not same_name(evidence.name, member.name):
        return Match.OTHER_NAME
    if known.subject:
        return Match.SUBJECT
    birth_date = _NOT_DIGITS.sub("", member.birth_date.reveal())
    if evidence.birth_date is None or not birth_date:
        return Match.VOUCHED if known.vouched and evidence.subject else Match.TOO_LITTLE
    if not compare_digest(f"{evidence.birth_date:%Y%m%d}", birth_date):
        return Match.OTHER_BIRTH_DATE
    if evidence.phone and not _same_phone(evidence.phone, member.phone):
        return Match.OTHER_PHONE
    if known.ci_elsewhere and not evidence.phone:
        return Match.OTHER_CI
    return Match.PERSON


def claims_behind(verdict: Match, evidence: Evidence) -> str:
    """Which claims were compared and matched, with spaces between; none where it was not the member."""
    person = "name birth_date phone" if evidence.phone else "name birth_date"
    alone = {Match.CI: "ci", Match.SUBJECT: "subject", Match.COMPANY: "company", Match.VOUCHED: "name"}
    return (alone | {Match.PERSON: person}).get(verdict, "")


def phone_behind(evidence: Evidence, member: Member) -> Personal:
    """The last four digits of the member's phone if the evidence came by way of it, or may have; nothing otherwise."""
    return Personal(member.phone.reveal()[-4:]) if _may_rest_on(evidence, member) else NOTHING


def same_name(one: Personal, other: Personal) -> bool:
    """Whether two names are one: composed alike (NFC), without spaces, in any case. Nobody is called nothing."""
    return bool(_folded(one)) and compare_digest(_folded(one).encode(), _folded(other).encode())


def _folded(name: Personal) -> str:
    return "".join(unicodedata.normalize("NFC", name.reveal()).split()).casefold()


def _may_rest_on(evidence: Evidence, member: Member) -> bool:
    """An app lives on a phone even where the prover does not say on which; an identity service may be i-PIN, without one."""
    if evidence.method not in {Method.APP, Method.AGENCY, Method.PHONE_CODE}:
        return False
    return _same_phone(evidence.phone, member.phone) if evidence.phone else evidence.method is not Method.AGENCY


def _same_company(one: Personal, other: Personal) -> bool:
    return compare_digest(one.reveal(), to_company_number(other.reveal()))


def _same_phone(one: Personal, other: Personal) -> bool:
    try:
        return bool(other) and to_e164(one.reveal()) == other.reveal()
    except Invalid:
        return False
