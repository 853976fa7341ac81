"""A notice carries a link that undoes what it tells of.

How an act joins: a word in `core.model.notice.UndoAct`; where the act happens, `tell_undoable(…)` in its transaction; what
takes it back in `clerk.undoing.UNDOINGS`; and what the page says of it in `edges/http/portal/undo_words.py`.

Whoever presses may be a thief who holds the old phone. So undoing takes power away, or puts back what was there and lets nobody
in by it: a contact is held back for a day, a passkey sleeps until another factor was shown, a code or device of before stays
ended.
"""

import hashlib
from datetime import timedelta
from typing import Final
from uuid import UUID

from otpward.clerk.notices import tell
from otpward.core.model.member import Member
from otpward.core.model.notice import UndoAct, UndoLink
from otpward.core.policy.notices import NoticeKind
from otpward.core.secret import NOTHING, Personal
from otpward.ports.desk import Desk
from otpward.ports.notifier import Channel

UNDO_LIFE: Final = timedelta(hours=72)
"""A weekend, in which nobody reads what is written to them."""
UNDO_LETTERS: Final = 24
"""118 bits: nobody guesses one, so its bare hash is enough."""


def make_undo(
    member: Member, act: UndoAct, subject_id: UUID, *, desk: Desk, before: Personal = NOTHING, after: Personal = NOTHING
) -> str:
    """The address that undoes this act of this transaction, for three days and once; it is kept as a hash."""
    code = desk.letters(UNDO_LETTERS)
    desk.uow.undo_links.add(
        UndoLink(
            id=desk.new_id(),
            institution_id=member.institution_id,
            member_id=member.id,
            act=act,
            subject_id=subject_id,
            digest=undo_digest(code),
            before=before,
            after=after,
            made_at=desk.now,
            until=desk.now + UNDO_LIFE,
        )
    )
    return f"{desk.public_url}/undo/{code}"


def tell_undoable(
    member: Member, kind: NoticeKind, act: UndoAct, subject_id: UUID, *, desk: Desk, case_id: UUID | None = None
) -> None:
    """Tell the member of this act, with the link that undoes it. A phone whose SIM was changed lately is told without."""
    link = make_undo(member, act, subject_id, desk=desk)
    without = [] if member.phone_signal_at is None else [(Channel.SMS, member.phone)]
    tell(member, kind, desk=desk, undo=link, undo_not_to=without, case_id=case_id)


def undo_digest(code: str) -> bytes:
    """The hash that a code is found by; small letters are taken for capitals."""
    return hashlib.sha256(code.strip().upper().encode()).digest()
