"""A paper that a member sent for an application, as a picture: what may be said of it, and its pages, which are sealed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from otpward.core.ids import CaseId, InstitutionId, MemberId
from otpward.core.lifecycle.document import DocumentState
from otpward.core.policy.papers import Paper
from otpward.core.secret import PersonalOctets

LOOK_FOR: Final = timedelta(minutes=30)
"""So long a member may look at a picture before keeping it; then it is erased."""


class Flaw(StrEnum):
    """Why a file was not taken. Each has a sentence of its own."""

    NONE_CHOSEN = "none_chosen"
    EMPTY = "empty"
    TOO_BIG = "too_big"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"
    TYPE = "type"
    DRAWING = "drawing"
    ARCHIVE = "archive"
    PHONE_FORMAT = "phone_format"
    TWO_KINDS = "two_kinds"
    PASSWORD = "password"
    ATTACHMENTS = "attachments"
    TOO_MANY_PAGES = "too_many_pages"
    UNREADABLE = "unreadable"
    TOO_HEAVY = "too_heavy"
    NOTHING_ON_IT = "nothing_on_it"
    BLURRED = "blurred"
    VIRUS = "virus"
    NOT_SCANNED = "not_scanned"
    ANOTHER_PAPER = "another_paper"
    """A doubt and no refusal: the picture is offered, and kept if the member says that it is the right one."""


OFFERED: Final = frozenset({DocumentState.READ, DocumentState.BY_HAND})
"""Covered, and waiting for the member's word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One paper. `item` is what the application asked for; `flaw` why it was not taken, or what was doubted; `covers` how many
    black patches lie on it; `by_hand` that the member had to help; `issued_on` when it was issued, as the member told, where
    the policy asks for that."""

    id: UUID
    institution_id: InstitutionId
    case_id: CaseId
    member_id: MemberId
    item: str
    paper: Paper | None = None
    state: DocumentState
    flaw: Flaw | None = None
    issued_on: date | None = None
    covers: int = 0
    pages: int = 0
    by_hand: bool = False
    sent_at: datetime
    kept_at: datetime | None = None
    erase_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPage:
    """One page as it is kept: a JPEG with the numbers painted over, sealed under the member's own key."""

    id: UUID
    institution_id: InstitutionId
    document_id: UUID
    member_id: MemberId
    number: int
    width: int
    height: int
    picture: PersonalOctets
    version: int = 0
