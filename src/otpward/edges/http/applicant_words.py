"""What is said of applicants: who acts for a member and as what, and why a member cannot apply as they wish."""

from collections.abc import Mapping
from typing import Final

from otpward.core.model.case import Case
from otpward.core.policy.applicants import Acting, Misfit, Relation
from otpward.edges.http.address import pick
from otpward.edges.http.words import Words, later

ACTING: Final[Mapping[Acting, str]] = {
    Acting.GUARDIAN: later("Guardian"),
    Acting.DELEGATE: later("Delegate"),
    Acting.PROXY: later("Proxy"),
}
RELATED: Final[Mapping[Relation, str]] = {
    Relation.MOTHER: later("Mother"),
    Relation.FATHER: later("Father"),
    Relation.LEGAL_GUARDIAN: later("Guardian appointed by the court"),
    Relation.EMPLOYEE: later("Employee"),
    Relation.OFFICER: later("Officer of the company"),
    Relation.REPRESENTATIVE: later("Representative of the company"),
    Relation.SPOUSE: later("Husband or wife"),
    Relation.PARENT: later("Parent"),
    Relation.CHILD: later("Child"),
    Relation.SIBLING: later("Brother or sister"),
    Relation.OTHER: later("Somebody else"),
}
MISFITS: Final[Mapping[Misfit, str]] = {
    Misfit.MINOR: later("Members under 19 apply with a guardian."),
    Misfit.OF_AGE: later("By the birth date on file you are of age and apply yourself."),
    Misfit.COMPANY: later("On file is a company. A delegate applies for it."),
    Misfit.PERSON: later("On file is a person and not a company."),
}


def acted_for(case: Case, words: Words) -> str:
    """Who acts, and as what; empty where the member acts alone or nobody was named."""
    relation = pick(Relation, case.acting_as.reveal())
    if not case.acting_name or relation is None:
        return ""
    return f"{case.acting_name.reveal()} ({words._(RELATED[relation])})"
