"""An institution is opened: a tenant of this server."""

from dataclasses import dataclass

from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Invalid
from otpward.core.ids import InstitutionId
from otpward.core.model.institution import Institution
from otpward.ports.desk import Desk

_OPERATOR = Actor(kind=ActorKind.OPERATOR, source="command line")
_CODE_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInstitution:
    """A new tenant."""

    code: str
    name_ko: str
    name_en: str
    phone: str
    phone_abroad: str
    fee_won: int = 0
    two_people: bool = False


def refuse_bad_names(ask: OpenInstitution) -> None:
    """Raises `Invalid` (fields `code`, `name`)."""
    if not ask.code or len(ask.code) > 40 or not _CODE_LETTERS.issuperset(ask.code):
        raise Invalid("an institution's code has lower-case letters, digits and hyphens, at most 40", field="code")
    if not ask.name_ko.strip() or max(len(ask.name_ko), len(ask.name_en)) > 200 or len(ask.phone) > 40:
        raise Invalid("an institution needs a name of at most 200 characters, and a phone number of at most 40", field="name")


def open_institution(ask: OpenInstitution, *, desk: Desk) -> Institution:
    """The institution.

    Raises:
        Invalid: the code is empty or has other than lower-case letters, digits and hyphens (field `code`); no name.
        Taken: the code exists.
    """
    refuse_bad_names(ask)
    with desk.uow as uow:
        institution = Institution(
            id=InstitutionId(desk.new_id()),
            code=ask.code,
            name_ko=ask.name_ko,
            name_en=ask.name_en,
            phone=ask.phone,
            phone_abroad=ask.phone_abroad,
            fee_won=ask.fee_won,
            two_people=ask.two_people,
            opened_at=desk.now,
        )
        uow.institutions.add(institution)
        uow.audit.append(AuditEvent.INSTITUTION_OPENED, institution, by=_OPERATOR, at=desk.now, institution_id=institution.id)
        uow.commit()
    return institution
