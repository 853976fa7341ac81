"""A policy is written: a new draft, or one that is a draft still."""

from dataclasses import dataclass, replace
from typing import Final

from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict, Moved, Taken
from otpward.core.ids import InstitutionId
from otpward.core.lifecycle.policy import PolicyState
from otpward.core.model.policy_version import PolicyVersion
from otpward.core.policy.document.build import read_policy
from otpward.ports.desk import Desk
from otpward.services.oversee.policies.hands import Author, actor_of, hand_of, version_of

DRAFTS_MAX: Final = 20
_NOTE_LONGEST: Final = 200


class NoDraft(Conflict):
    """What was put forward or approved is not rewritten; a new draft is."""

    code = "no_draft"


class TooManyDrafts(Conflict):
    """Twenty drafts lie about; withdraw one first."""

    code = "too_many_drafts"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavePolicy:
    """The text, and what it is about. Without a number it is a new draft."""

    institution_id: InstitutionId
    author: Author
    text: str
    note: str = ""
    number: int | None = None
    seen_version: int | None = None


def save_policy(ask: SavePolicy, *, desk: Desk) -> PolicyVersion:
    """The draft.

    Raises:
        BadPolicy: the text is no policy; nothing is kept.
        NoDraft, TooManyDrafts, StalePolicy, NotFound, Denied.
    """
    by = actor_of(ask.author)
    text = ask.text.replace("\r\n", "\n")
    read_policy(text)
    note = " ".join(ask.note.split())[:_NOTE_LONGEST]
    with desk.uow as uow:
        if ask.number is None:
            if uow.policies.count(state=PolicyState.DRAFT) >= DRAFTS_MAX:
                raise TooManyDrafts(f"there are {DRAFTS_MAX} drafts")
            last = uow.policies.first(order="-number")
            saved = PolicyVersion(
                id=desk.new_id(),
                institution_id=ask.institution_id,
                number=1 if last is None else last.number + 1,
                state=PolicyState.DRAFT,
                text=text,
                note=note,
                written_by=frozenset({hand_of(by)}),
                made_at=desk.now,
            )
            try:
                uow.policies.add(saved)
            except Taken:
                raise Moved("another draft took this number at the same moment") from None
        else:
            found = version_of(ask.number, ask.seen_version, desk=desk)
            if found.state is not PolicyState.DRAFT:
                raise NoDraft(f"version {found.number} is {found.state}")
            hands = found.written_by | {hand_of(by)}
            saved = uow.policies.save(replace(found, text=text, note=note or found.note, written_by=hands))
        uow.audit.append(
            AuditEvent.POLICY_SAVED,
            saved,
            by=by,
            at=desk.now,
            institution_id=ask.institution_id,
            detail={"number": saved.number},
        )
        uow.commit()
    return saved
