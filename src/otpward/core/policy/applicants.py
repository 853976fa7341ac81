"""Who may apply as which kind of applicant, and who then acts for the member.

The kinds themselves are the policy's. Three names mean something here, for a kind of that name and for every kind that is
`like` it: `minor`, `corporation` and `proxy`.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import ClassVar, Final

from otpward.core.errors import Invalid
from otpward.core.policy.companies import is_company_number
from otpward.core.policy.document.model import Kind, Policy

ADULT_YEARS: Final = 19
"""From the nineteenth birthday on one acts alone (민법 §4)."""
ACTING_LETTERS: Final = 80
_DAY_DIGITS: Final = 8
_MINOR: Final = "minor"
_CORPORATION: Final = "corporation"


class Acting(StrEnum):
    """Who acts in the member's place."""

    GUARDIAN = "guardian"
    DELEGATE = "delegate"
    PROXY = "proxy"


class Relation(StrEnum):
    """As what they act."""

    MOTHER = "mother"
    FATHER = "father"
    LEGAL_GUARDIAN = "legal_guardian"
    EMPLOYEE = "employee"
    OFFICER = "officer"
    REPRESENTATIVE = "representative"
    SPOUSE = "spouse"
    PARENT = "parent"
    CHILD = "child"
    SIBLING = "sibling"
    OTHER = "other"


RELATIONS: Final[Mapping[Acting, tuple[Relation, ...]]] = {
    Acting.GUARDIAN: (Relation.MOTHER, Relation.FATHER, Relation.LEGAL_GUARDIAN),
    Acting.DELEGATE: (Relation.EMPLOYEE, Relation.OFFICER, Relation.REPRESENTATIVE),
    Acting.PROXY: (Relation.SPOUSE, Relation.PARENT, Relation.CHILD, Relation.SIBLING, Relation.OTHER),
}
_ACTS: Final = {_MINOR: Acting.GUARDIAN, _CORPORATION: Acting.DELEGATE, "proxy": Acting.PROXY}


class Misfit(StrEnum):
    """Why a member cannot apply as this kind."""

    MINOR = "minor"
    """They are not of age, and this kind acts alone."""
    OF_AGE = "of_age"
    COMPANY = "company"
    """They are a company, and this kind is a person."""
    PERSON = "person"


class WrongKind(Invalid):
    """The member is not of the kind as which they would apply; `misfit` says why."""

    code: ClassVar[str] = "wrong_kind"

    def __init__(self, misfit: Misfit) -> None:
        super().__init__(f"not as this kind of applicant: {misfit}", field="applicant")
        self.misfit = misfit


def acting_for(kind: Kind) -> Acting | None:
    """Who acts for a member of this kind; None where they act themselves."""
    return next((_ACTS[name] for name in reversed(kind.chain) if name in _ACTS), None)


def misfit_of(kind: Kind, on_file: str, today: date) -> Misfit | None:
    """Why somebody with this birth date or business registration number on file cannot apply as this kind. Where neither is
    known, whoever looks at the papers finds out."""
    company, born = is_company_number(on_file), born_on(on_file)
    if company:
        return None if _CORPORATION in kind.chain else Misfit.COMPANY
    if born is None:
        return None
    if _CORPORATION in kind.chain:
        return Misfit.PERSON
    of_age = whole_months(born, today) >= 12 * ADULT_YEARS
    if _MINOR in kind.chain:
        return Misfit.OF_AGE if of_age else None
    return None if of_age else Misfit.MINOR


def kinds_for(policy: Policy, on_file: str, today: date) -> tuple[Kind, ...]:
    """The kinds as which they may apply, in the policy's order."""
    return tuple(kind for kind in policy.offered_kinds if misfit_of(kind, on_file, today) is None)


def kind_at_counter(policy: Policy, on_file: str, today: date) -> str:
    """As which kind an application is taken from who stands at the counter: the first that fits them."""
    fitting = kinds_for(policy, on_file, today)
    return fitting[0].name if fitting else "individual"


def born_on(on_file: str) -> date | None:
    """The birth date; a company has its business registration number in its place, and none."""
    digits = on_file.replace("-", "")
    try:
        return date.fromisoformat(digits) if len(digits) == _DAY_DIGITS else None
    except ValueError:
        return None


def whole_months(since: date, until: date) -> int:
    """So many months have gone by."""
    return (until.year - since.year) * 12 + until.month - since.month - (until.day < since.day)
