"""A notice carries a link that undoes what it tells of.

How an act joins: a word in `core.model.notice.UndoAct`; where the act happens, `make_undo(…)` in its transaction, and its
result as `undo=` of `clerk.notices.tell`; what takes it back in `clerk.undoing.UNDOINGS`; and what the page says of it in
`edges/http/portal/undo.py`. Only what can be wholly taken back joins, and what no longer can is refused there.
"""

import hashlib
from datetime import timedelta
from typing import Final
from uuid import UUID

from otpward.core.model.member import Member
from otpward.core.model.notice import UndoAct, UndoLink
from otpward.core.secret import NOTHING, Personal
from otpward.ports.desk import Desk

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


def undo_digest(code: str) -> bytes:
    """The hash that a code is found by; small letters are taken for capitals."""
    return hashlib.sha256(code.strip().upper().encode()).digest()
