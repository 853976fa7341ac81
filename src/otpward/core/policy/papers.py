"""The papers by which a person is known at the counter (전자금융거래법 시행령 §6③)."""

from enum import StrEnum

from otpward.core.errors import Invalid


class Paper(StrEnum):
    """What was seen. Only its kind is ever kept, never a number on it."""

    RESIDENT_CARD = "resident_card"
    DRIVER_LICENSE = "driver_license"
    PASSPORT = "passport"
    ALIEN_REGISTRATION_CARD = "alien_registration_card"


def seen_in_person(paper: str, same_person: bool) -> Paper:
    """The paper, if it is one of ours and the person before the counter was compared with it.

    Raises:
        Invalid: no such paper (field `paper`), or not compared (field `same_person`).
    """
    if paper not in set(Paper):
        raise Invalid("which paper was seen?", field="paper")
    if not same_person:
        raise Invalid("name, birth date and photo must be compared", field="same_person")
    return Paper(paper)
