"""A token: the narrow hot row that verification reads and writes, and the cold row that says what and where the device is."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final
from uuid import UUID

from otpward.core.ids import BranchId, CaseId, InstitutionId, MemberId, TokenId
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.token import Hold, TokenState
from otpward.core.oath.model import Algorithm, Parameters, TokenKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What decides whether a code is good.

    `high_water` is the last accepted counter (HOTP, and OCRA where its suite has one) or time step (TOTP), -1 before the first;
    it only rises. `failures` counts wrong codes in a row, over all institutions and doors; `failures_total` those since the
    last success, locks included. `period_s` is 0 where time plays no part. `seed` is sealed. Until `hold_until` a relying
    system is told that the token is new: what it risks on it is for it to say.
    """

    id: TokenId
    institution_id: InstitutionId
    serial: str
    state: TokenState
    holds: frozenset[Hold] = frozenset()
    kind: TokenKind
    algorithm: Algorithm
    digits: int
    period_s: int
    high_water: int = -1
    drift_steps: int = 0
    failures: int = 0
    failures_total: int = 0
    locked_until: datetime | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    used_at: datetime | None = None
    active_at: datetime | None = None
    hold_until: datetime | None = None
    seed: bytes
    version: int = 0

    @property
    def parameters(self) -> Parameters:
        """How its codes are computed."""
        return _parameters(self.kind, self.algorithm, self.digits, self.period_s)

    def judged(
        self,
        *,
        high_water: int,
        drift_steps: int,
        failures: int,
        failures_total: int,
        holds: frozenset[Hold],
        locked_until: datetime | None,
        used_at: datetime | None,
    ) -> "Token":
        """The token after a code was judged. Written out field by field: `replace` takes half as long again, at every code."""
        return Token(
            id=self.id,
            institution_id=self.institution_id,
            serial=self.serial,
            state=self.state,
            holds=holds,
            kind=self.kind,
            algorithm=self.algorithm,
            digits=self.digits,
            period_s=self.period_s,
            high_water=high_water,
            drift_steps=drift_steps,
            failures=failures,
            failures_total=failures_total,
            locked_until=locked_until,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            used_at=used_at,
            active_at=self.active_at,
            hold_until=self.hold_until,
            seed=self.seed,
            version=self.version,
        )


@lru_cache(maxsize=256)
def _parameters(kind: TokenKind, algorithm: Algorithm, digits: int, period_s: int) -> Parameters:
    """Checked once, not at every code: there are few of them, and they hold no secret."""
    return Parameters(kind=kind, algorithm=algorithm, digits=digits, period_s=period_s or None)


class Form(StrEnum):
    """What the person holds."""

    FOB = "fob"
    CARD = "card"
    APP = "app"
    PASS = "pass"
    """A few numbers on paper, for the days until a new one works."""


OWN_FORMS: Final = (Form.FOB, Form.CARD, Form.APP)
"""What a member keeps, and a policy has rules for."""


class Keeper(StrEnum):
    """Who can answer for a device."""

    INSTITUTION = "institution"
    BRANCH = "branch"
    STAFF = "staff"
    CARRIER = "carrier"
    MEMBER = "member"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Custodian:
    """Who answers for a device now; `id` is the key of the branch or of the member."""

    kind: Keeper
    id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """The cold half of a token, under the same key: where it came from, where it is, and who keeps it.

    `state` is the token's own; `otpward.clerk.tokens.move_token` moves both. `branch_id` is whose shelf or safe it lies in, or
    who sent it off; `holder_id` the member who has it, or the member of staff who sent it to another branch (`transfer_id`).
    """

    id: TokenId
    institution_id: InstitutionId
    form: Form
    vendor: str
    model: str
    state: TokenState = TokenState.IN_STOCK
    place: Place = Place.ARRIVED
    branch_id: BranchId | None = None
    holder_id: MemberId | None = None
    transfer_id: UUID | None = None
    case_id: CaseId | None = None
    import_id: UUID | None = None
    expires_on: date | None = None
    battery_until: date | None = None
    stocked_at: datetime
    key_shown_at: datetime | None = None
    version: int = 0

    @property
    def custodian(self) -> Custodian:
        """Who answers for it."""
        match self.place:
            case Place.BRANCH | Place.QUARANTINE if self.branch_id is not None:
                return Custodian(Keeper.BRANCH, self.branch_id)
            case Place.ARRIVED | Place.BRANCH | Place.QUARANTINE:
                return Custodian(Keeper.INSTITUTION)
            case Place.TRANSFER:
                return Custodian(Keeper.STAFF, self.holder_id)
            case Place.SHIPMENT:
                return Custodian(Keeper.CARRIER)
            case Place.MEMBER:
                return Custodian(Keeper.MEMBER, self.holder_id)
            case Place.LOST | Place.DESTROYED:
                return Custodian(Keeper.NOBODY)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenHold:
    """Why a hold stands, who placed it, who asked to lift it (anything graver than a loss needs two), and when it was
    lifted."""

    id: UUID
    institution_id: InstitutionId
    token_id: TokenId
    hold: Hold
    placed_at: datetime
    placed_by: str
    report_id: UUID | None = None
    reason: str = ""
    lift_asked_at: datetime | None = None
    lift_asked_by: MemberId | None = None
    lifted_at: datetime | None = None
    lifted_by: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """The binding of a token to a member at one institution."""

    id: UUID
    institution_id: InstitutionId
    member_id: MemberId
    token_id: TokenId
    state: RegistrationState
    begun_at: datetime
    live_at: datetime | None = None
    ended_at: datetime | None = None
    version: int = 0
