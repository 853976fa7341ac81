"""In which words a notice is written: the institution's own where it has any, and ours."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from otpward.clerk.policy import as_published
from otpward.core.ids import InstitutionId
from otpward.core.model.institution import Institution
from otpward.core.model.notice import Notice, NoticeText
from otpward.core.policy.notices import UNDO, NoticeKind, compose, compose_sms
from otpward.core.secret import Personal
from otpward.ports.desk import Desk
from otpward.ports.notifier import Channel
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
    talk_code: str = ""

    def by_talk(self, notice: Notice, language: str, values: Mapping[str, str]) -> Notice:
        """The same by KakaoTalk, where it goes to a phone in Korea, an approved template is known (they are in Korean), and no
        code stands in it: KakaoTalk shows it to whoever is signed in with the number, which proves no phone."""
        here = notice.channel == Channel.SMS and notice.recipient.reveal().startswith("+82")
        if not (self.talk_code and here and language == "ko") or notice.carries_code:
            return notice
        said = {"name": self.institution.name(language), "phone": self.institution.phone, **values}
        filled = json.dumps({name: value for name, value in said.items() if value}, ensure_ascii=False)
        return replace(notice, channel=Channel.TALK, talk_code=self.talk_code, talk_values=Personal(filled))

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
    live = desk.uow.notice_texts.first(live_for=kind)
    return Wording(kind=kind, institution=shown, own=_worded(live), talk_code=live.talk_code if live is not None else "")


def own_text(kind: NoticeKind, uow: UnitOfWork) -> NoticeText | None:
    """The institution's own words in use, if it has any."""
    return _worded(uow.notice_texts.first(live_for=kind))


def _worded(live: NoticeText | None) -> NoticeText | None:
    return live if live is not None and live.korean else None
