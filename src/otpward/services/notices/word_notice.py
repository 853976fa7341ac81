"""An institution words a notice its own way, in both languages; or goes back to ours."""

from dataclasses import dataclass, replace

from otpward.core.audit import AuditEvent
from otpward.core.ids import InstitutionId
from otpward.core.model.member import Operator
from otpward.core.model.notice import NoticeText
from otpward.core.policy.notice_words import check_talk_code, check_words
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class WordNotice:
    """The words; both empty: ours again. `talk_code`: the template of AlimTalk that was approved for this notice, empty for
    none; None leaves it as it is."""

    institution_id: InstitutionId
    operator: Operator
    kind: NoticeKind
    korean: str
    english: str
    talk_code: str | None = None


def word_notice(ask: WordNotice, *, desk: Desk) -> NoticeText:
    """The new version, in use from the next notice on. The one before is kept; the audit says who wrote which. Two at once
    collide, and the later is done again over the first.

    Raises:
        Denied: not this role.
        UnfitText: the words cannot be sent, or what is no template's code; nothing is kept.
    """
    require(ask.operator.role, Permission.SET_POLICY)
    words = {"ko": _plain(ask.korean), "en": _plain(ask.english)}
    if any(words.values()):
        check_words(ask.kind, words)
    if ask.talk_code is not None:
        check_talk_code(ask.kind, ask.talk_code.strip())
    with desk.uow as uow:
        live = uow.notice_texts.first(live_for=ask.kind)
        last = uow.notice_texts.first(kind=ask.kind, order="-number")
        before = live.talk_code if live is not None else ""
        talk_code = before if ask.talk_code is None else ask.talk_code.strip()
        if live is not None:
            if (live.korean, live.english, live.talk_code) == (words["ko"], words["en"], talk_code):
                return live
            uow.notice_texts.save(replace(live, live_for=None, replaced_at=desk.now))
        made = NoticeText(
            id=desk.new_id(),
            institution_id=ask.institution_id,
            kind=ask.kind,
            live_for=ask.kind,
            number=1 if last is None else last.number + 1,
            korean=words["ko"],
            english=words["en"],
            talk_code=talk_code,
            made_at=desk.now,
            made_by=ask.operator.member_id,
        )
        uow.notice_texts.add(made)
        uow.audit.append(
            AuditEvent.NOTICE_WORDED,
            made,
            by=ask.operator.actor,
            at=desk.now,
            institution_id=ask.institution_id,
            result=ask.kind,
            detail={"number": made.number, "korean": made.korean, "english": made.english, "talk_code": talk_code},
        )
        uow.commit()
    return made


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
