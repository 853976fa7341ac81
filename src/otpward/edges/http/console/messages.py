"""What people are told: the words of each notice in both languages, an example, a test to oneself; and what did not arrive."""

import re
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.mailing import address_of
from otpward.clerk.wording import own_text
from otpward.core.audit import AuditEvent, AuditLine
from otpward.core.errors import Invalid, NotFound
from otpward.core.lifecycle.notice import NoticeState
from otpward.core.model.member import Area, Member
from otpward.core.model.notice import Notice, NoticeText
from otpward.core.policy.notice_words import UnfitText, is_long, needed, placeholders, sample, sms_octets
from otpward.core.policy.notices import CODES, REMINDERS, TEXTS, NoticeKind
from otpward.core.policy.roles import Permission
from otpward.edges.http.console.door import admit, told
from otpward.edges.http.console.notice_labels import KINDS, UNFIT
from otpward.edges.http.console.notice_rows import rows_of
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.words import later
from otpward.ports.notifier import Channel
from otpward.ports.unit_of_work import Among, UnitOfWork
from otpward.services.notices.send_test import SendTest, send_test
from otpward.services.notices.word_notice import WordNotice, word_notice

PATH: Final = "/console/messages"
_NOT_ARRIVED: Final = Among(frozenset({NoticeState.FAILED, NoticeState.UNKNOWN}))
_LATEST: Final = 20
_UNREACHED: Final = 200
_LANGUAGES: Final = ("ko", "en")
_NAMED: Final = re.compile(r"\{(\w+)\}")
_DONE: Final = {
    "saved": later("The words are saved. They stand in the next notice."),
    "ours": later("The notice has our words again."),
    "talk": later("The code is saved. The next notice of this kind goes by it."),
    "sent": later("The notice is on its way to you."),
}


def show_messages(visit: Visit) -> Response:
    """Every notice with its words, how long it is, and what did not arrive lately."""
    admit(visit, Permission.SET_POLICY)
    live = visit.look(lambda uow: {one.live_for: one for one in uow.notice_texts.find(limit=None) if one.live_for})
    rows = [_row(visit, kind, live.get(kind)) for kind in NoticeKind]
    notices, members = visit.look(_not_arrived)
    nowhere = visit.look(_unreached)
    return visit.page(
        "console/messages/list.html",
        values={},
        nowhere=nowhere,
        warnings=[row for row in rows if not row["reminds"]],
        reminders=[row for row in rows if row["reminds"]],
        failed=[(row.notice, members[row.notice.member_id], row.badge, row.title, row.way) for row in rows_of(visit, notices)],
    )


def show_message(visit: Visit) -> Response:
    """The words of one notice."""
    admit(visit, Permission.SET_POLICY)
    kind = _kind(visit)
    own = visit.look(lambda uow: own_text(kind, uow))
    return _page(visit, kind, {"ko": _words(kind, own, "ko"), "en": _words(kind, own, "en")})


def send_message(visit: Visit) -> Response:
    """The words are looked at, saved, given up for ours, or sent to oneself."""
    operator, kind = admit(visit, Permission.SET_POLICY), _kind(visit)
    typed = {language: visit.form.get(language, "")[:4000] for language in _LANGUAGES}
    match visit.form.get("act", ""):
        case "sms" | "mail" as channel:
            return _test(visit, SendTest(operator=operator, kind=kind, channel=Channel(channel)))
        case "ours":
            typed, done = {"ko": "", "en": ""}, "ours"
        case "save":
            done = "saved"
        case "talk":
            own = visit.look(lambda uow: own_text(kind, uow))
            typed, done = ({"ko": own.korean, "en": own.english} if own else {"ko": "", "en": ""}), "talk"
        case _:
            return _page(visit, kind, typed)
    ask = WordNotice(
        institution_id=visit.institution.id,
        operator=operator,
        kind=kind,
        korean=typed["ko"],
        english=typed["en"],
        talk_code=visit.form.get("talk_code", "") if done == "talk" else None,
    )
    if done == "saved" and not any(text.strip() for text in typed.values()):
        return _page(visit, kind, typed, {"ko": unfit_words(visit, UnfitText("language", "ko"))})
    try:
        visit.do(lambda desk: word_notice(ask, desk=desk))
    except UnfitText as error:
        if done == "talk":
            own = visit.look(lambda uow: own_text(kind, uow))
            typed = {language: _words(kind, own, language) for language in _LANGUAGES}
            typed["talk_code"] = visit.form.get("talk_code", "")
        return _page(visit, kind, typed, {error.field or "": unfit_words(visit, error)})
    return visit.go(f"{PATH}/{kind}?done={done}")


def unfit_words(visit: Visit, error: UnfitText) -> str:
    """What is wrong with the words."""
    named = f"{{{error.named}}}" if error.what in {"unknown", "missing", "key"} else error.named
    return visit.words._(UNFIT[error.what], named=named)


def _test(visit: Visit, ask: SendTest) -> Response:
    try:
        visit.do(lambda desk: send_test(ask, desk=desk))
    except Invalid:
        own = visit.look(lambda uow: own_text(ask.kind, uow))
        words = {language: _words(ask.kind, own, language) for language in _LANGUAGES}
        return _page(visit, ask.kind, words, {"": visit.words._("You have no such contact on file")})
    return visit.go(f"{PATH}/{ask.kind}?done=sent")


def _page(visit: Visit, kind: NoticeKind, words: dict[str, str], errors: dict[str, str] | None = None) -> Response:
    versions = visit.look(lambda uow: uow.notice_texts.find(kind=kind, order="-number", limit=_LATEST))
    examples = [_example(visit, words[language], language) for language in _LANGUAGES]
    return visit.page(
        "console/messages/message.html",
        errors=errors,
        values={"talk_code": next((one.talk_code for one in versions if one.live_for), ""), **words},
        talk_template=None if kind in CODES else _NAMED.sub(r"#{\1}", words["ko"]),
        kind=kind,
        title=visit.words._(KINDS.get(kind, kind)),
        examples=examples,
        names=sorted(placeholders(kind)),
        needed=sorted(needed(kind)),
        ours=dict(zip(_LANGUAGES, TEXTS[kind], strict=True)),
        own=any(one.live_for and one.korean for one in versions),
        versions=versions,
        done=told(visit, _DONE),
    )


def _example(visit: Visit, text: str, language: str) -> dict[str, Any]:
    institution = visit.institution
    said = sample(text, language, name=institution.name(language), phone=institution.phone)
    return {"lang": language, "text": said, "octets": sms_octets(said), "long": is_long(said)}


def _row(visit: Visit, kind: NoticeKind, own: NoticeText | None) -> dict[str, Any]:
    example = _example(visit, _words(kind, own, visit.lang), visit.lang)
    return {
        "kind": kind,
        "title": visit.words._(KINDS.get(kind, kind)),
        "own": own is not None and bool(own.korean),
        "talk_code": own.talk_code if own is not None else "",
        "reminds": kind in REMINDERS,
        **example,
    }


def _words(kind: NoticeKind, own: NoticeText | None, language: str) -> str:
    if own is not None and own.korean:
        return own.korean if language == "ko" else own.english
    return TEXTS[kind][language == "en"]


def _not_arrived(uow: UnitOfWork) -> tuple[list[Notice], dict[Any, Any]]:
    notices = uow.notices.find(state=_NOT_ARRIVED, order="-created_at", limit=_LATEST)
    return notices, {key: uow.members.get(key) for key in {one.member_id for one in notices}}


def _unreached(uow: UnitOfWork) -> list[tuple[Member, AuditLine]]:
    """Members who could be told nowhere lately, and still have no address: somebody has to ask them for one."""
    lines = {line.subject_id: line for line in reversed(uow.audit.find(event=AuditEvent.NOTICE_UNREACHED, limit=_UNREACHED))}
    found = uow.members.find(id=Among(frozenset(lines)), left_at=None) if lines else []
    return [(one, lines[one.id]) for one in found if address_of(one) is None and not one.email][:_LATEST]


def _kind(visit: Visit) -> NoticeKind:
    try:
        return NoticeKind(visit.path("kind"))
    except ValueError:
        raise NotFound("no such notice") from None


def routes(front: Front) -> list[BaseRoute]:
    """The list, and a page for each notice."""
    area = Area.CONSOLE
    return [
        page_route(front, PATH, area=area, get=show_messages, explain=explain),
        page_route(front, PATH + "/{kind}", area=area, get=show_message, post=send_message, explain=explain),
    ]
