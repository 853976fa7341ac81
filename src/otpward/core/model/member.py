"""A member (회원), the staff among them, and the sessions they sit in."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from otpward.core.audit import Actor, ActorKind
from otpward.core.ids import BranchId, InstitutionId, MemberId
from otpward.core.model.proof import Assurance
from otpward.core.secret import Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person whom an institution knows. Personal fields are sealed under the member's own key wherever they are stored.

    `login` is the member number or ID, folded (`fold_login`); a company has its business registration number where a person
    has the `birth_date`, as Korean forms have it. `phone_print` is a keyed hash, for comparing without opening,
    and `ci_print` one of the 연계정보, known from the first identity service that vouched for the member.
    `proofing` is how sure enrolment made of who it is: nothing weaker lets anybody in again (ASVS V6.4.4).
    While `phone_lost_at` is set, the phone proves nothing and is sent nothing; only staff who saw papers unset it.
    `phone_changed_at` and `phone_signal_at` (a SIM change was told of) hold it back for a while; `phone_trusted_at` is when
    staff last saw papers for it. Since `quiet_since` they want no reminders, as far as those can be left out.
    """

    id: MemberId
    institution_id: InstitutionId
    login: str
    name: Personal
    birth_date: Personal
    phone: Personal
    email: Personal
    phone_print: bytes
    ci_print: bytes | None = None
    language: str = "ko"
    password_hash: str = ""
    password_failures: int = 0
    password_locked_until: datetime | None = None
    phone_lost_at: datetime | None = None
    phone_changed_at: datetime | None = None
    phone_signal_at: datetime | None = None
    phone_trusted_at: datetime | None = None
    email_changed_at: datetime | None = None
    quiet_since: datetime | None = None
    proofing: Assurance = Assurance.LOW
    joined_at: datetime
    left_at: datetime | None = None
    version: int = 0


PASSWORD_LONGEST = 256
"""What is longer is refused when it is set, and never hashed."""


class Role(StrEnum):
    """What an operator may do (UX.md §2)."""

    BRANCH = "branch"
    HELP_DESK = "help_desk"
    STOCK = "stock"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class SingleKeys(StrEnum):
    """Whether single keys do something on the pages of this operator (WCAG 2.2, 2.1.4)."""

    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """A member who also works here: same sign-in, one role, perhaps one branch."""

    id: UUID
    institution_id: InstitutionId
    member_id: MemberId
    role: Role
    branch_id: BranchId | None = None
    keys: SingleKeys = SingleKeys.ON
    ended_at: datetime | None = None
    version: int = 0


class Area(StrEnum):
    """The two houses one can sign in to."""

    PORTAL = "portal"
    CONSOLE = "console"


class Level(StrEnum):
    """How a session came about: a password alone, or for staff their sign-on (half way); a sign-on elsewhere (enough to look);
    a proof of identity; or password and OTP."""

    PASSWORD = "password"
    SEEN = "seen"
    PROVEN = "proven"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A browser that has shown who sits before it. `secret_digest` is the SHA-256 of the cookie's value.

    `confirmed_at` is when an OTP or a passkey was last shown in it, and `confirmed_by` the key of that token or passkey.
    """

    id: UUID
    institution_id: InstitutionId
    secret_digest: bytes
    area: Area
    level: Level
    member_id: MemberId
    begun_at: datetime
    seen_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None
    confirmed_at: datetime | None = None
    confirmed_by: UUID | None = None
    version: int = 0


def fold_login(typed: str) -> str:
    """The member number as it is compared: without spaces around it, in lower case."""
    return typed.strip().casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """A signed-in member of staff, as an act sees them; `source` is the address they sit at."""

    member_id: MemberId
    role: Role
    branch_id: BranchId | None
    source: str = ""
    keys: SingleKeys = SingleKeys.ON

    @property
    def actor(self) -> Actor:
        """How the audit names them."""
        return Actor(kind=ActorKind.STAFF, id=self.member_id, source=self.source)
