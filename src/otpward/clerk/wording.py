"""In which words a notice is written: the institution's own where it has any, and ours."""

from dataclasses import dataclass

from otpward.clerk.policy import as_published
from otpward.core.ids import InstitutionId
from otpward.core.model.institution import Institution
from otpward.core.model.notice import NoticeText
from otpward.core.policy.notices import UNDO, NoticeKind, compose, compose_sms
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """One notice in words."""

    subject: str
    sms: str
    mail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What notices of one kind are composed from; read once for many members."""

    kind: NoticeKind
    institution: Institution
    own: NoticeText | None

    def compose(self, language: str, values: dict[str, str], *, undo: str = "") -> Composed:
        """The notice in this language. `undo` is the address that undoes what it tells of: it stands where the institution's
        words have it, and at the end of all others."""
        words = {"name": self.institution.name(language), "phone": self.institution.phone, **values, "undo": undo}
        own = None if self.own is None else self.own.korean if language == "ko" else self.own.english
        tail = f" {UNDO[language].format(undo=undo)}" if undo and (own is None or "{undo}" not in own) else ""
        if own is not None:
            text = own.format_map(words).strip() + tail
            return Composed(subject=self.institution.name(language), sms=text, mail=text)
        # What is long in any case goes as a long message, and nothing is cut from it.
        whole = compose(self.kind, language, words) + tail
        fits = not tail and "link" not in values
        sms = compose_sms(self.kind, language, words) if fits else whole
        return Composed(subject=self.institution.name(language), sms=sms, mail=whole)


def wording_of(kind: NoticeKind, institution_id: InstitutionId, *, desk: Desk) -> Wording:
    """The words for this kind of notice now."""
    own = desk.uow.institutions.get(institution_id)
    shown = as_published(own, uow=desk.uow, now=desk.now)
    return Wording(kind=kind, institution=shown, own=own_text(kind, desk.uow))


def own_text(kind: NoticeKind, uow: UnitOfWork) -> NoticeText | None:
    """The institution's own words in use, if it has any."""
    found = uow.notice_texts.first(live_for=kind)
    return found if found is not None and found.korean else None
