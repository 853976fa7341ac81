"""What staff keep beside applications, and members never see: notes, who is looking, each operator's own views."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from otpward.core.ids import CaseId, InstitutionId, MemberId
from otpward.core.secret import Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseNote:
    """A note among colleagues. It is about `member_id`, sealed under their key and gone with it."""

    id: UUID
    institution_id: InstitutionId
    case_id: CaseId
    member_id: MemberId
    author_id: MemberId
    at: datetime
    text: Personal
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLook:
    """When an operator last had the page of a case before them."""

    id: UUID
    institution_id: InstitutionId
    case_id: CaseId
    operator_id: MemberId
    at: datetime
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """Filters of the queue under a name; `first` is the one that the operator begins with. A dropped one keeps
    its row for the next."""

    id: UUID
    institution_id: InstitutionId
    operator_id: MemberId
    name: str
    query: str
    first: bool = False
    dropped: bool = False
    version: int = 0
