"""`POST /v1/challenges`: a question to a token about one transaction, and in words what is being signed."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from starlette.responses import JSONResponse, Response

from otpward.core.errors import TooOften
from otpward.core.model.transaction import Transaction
from otpward.core.policy.keys import REASONS, VERIFY
from otpward.edges.http.api.keys import Caller, caller_with
from otpward.edges.http.api.problems import declare, problem
from otpward.edges.http.front import Front
from otpward.edges.http.show import Show
from otpward.edges.http.words import Words, later
from otpward.services.verify.make_challenge import MadeChallenge, MakeChallenge, NoChallenge, make_challenge

_LABELS: Final = {
    "action": later("To do"),
    "amount": later("Amount"),
    "payee": later("Payee"),
    "bank": later("Bank"),
    "account": later("Account number"),
    "reference": later("Note"),
}

Name = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")]
Value = Annotated[str, StringConstraints(max_length=140)]


class TransactionAsk(BaseModel):
    """What is signed: an action or an amount, and whatever else there is to it. See docs/explanation/signing.md."""

    model_config = ConfigDict(extra="forbid", strict=True)

    action: Value = Field(default="", description="What is agreed to, in words, where it is not a payment")
    amount: Value = Field(default="", description="Digits, with a point before decimals")
    currency: Value = Field(default="", description="ISO 4217, such as `KRW`")
    payee: Value = ""
    bank: Value = ""
    account: Value = ""
    reference: Value = ""


class ChallengeAsk(BaseModel):
    """A transaction, and who signs it: exactly one of `member` and `serial`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    transaction: TransactionAsk
    member: Name | None = Field(default=None, description="Member number or ID")
    serial: Name | None = Field(default=None, description="Serial number of the token")
    language: Literal["ko", "en"] | None = Field(default=None, description="Of `shows`; else the member's")
    client_challenge: Annotated[str, StringConstraints(min_length=4, max_length=64)] | None = Field(
        default=None, description="The token's own question, for mutual mode"
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> "ChallengeAsk":
        if (self.member is None) == (self.serial is None):
            raise ValueError("name either member or serial")
        return self


class ChallengeAnswer(BaseModel):
    """`question` is typed into the token, `shows` is read beside it. `session` is there where the suite has one, `server_code`
    in mutual mode. The answer goes to `/v1/verifications` with `id` as its `challenge`."""

    id: str
    question: str
    shows: str
    expires_at: str
    suite: str
    session: str | None = None
    server_code: str | None = None


def router(front: Front) -> APIRouter:
    """The routes of this room."""
    routes, house = APIRouter(prefix="/v1", tags=["verify"]), front.house

    @routes.post(
        "/challenges",
        status_code=201,
        response_model=ChallengeAnswer,
        response_model_exclude_none=True,
        responses=declare(400, 401, 403, 409, 413, 415, 422, 429, 500, 503),
        openapi_extra={"security": [{"key": []}]},
    )
    def create_challenge(ask: ChallengeAsk, caller: Annotated[Caller, Depends(caller_with(VERIFY, house=house))]) -> Response:
        """Ask a token about a transaction. The challenge is answered once, within three minutes, or not at all."""
        transaction = Transaction(**ask.transaction.model_dump())
        wanted = MakeChallenge(
            institution_id=caller.key.institution_id,
            transaction=transaction,
            by=caller.actor,
            login=ask.member,
            serial=ask.serial,
            client_challenge=ask.client_challenge or "",
        )
        try:
            made = house.do(caller.key.institution_id, lambda desk: make_challenge(wanted, desk=desk))
        except TooOften as error:
            wait = max(1, -(-int((error.until - house.clock.now()).total_seconds() * 1000) // 1000))
            return problem(429, error.code, headers={"Retry-After": str(wait)})
        if isinstance(made, NoChallenge):
            reason = made.reason.value if caller.may(REASONS) else ""
            return problem(409, "no_challenge", reason, title="Nothing can be signed with this token now")
        language = ask.language or made.language
        text = in_words(transaction, front.pages.words(language), front.pages.show(language))
        return JSONResponse(_answer(made, text), status_code=201, headers={"Cache-Control": "no-store"})

    return routes


def in_words(transaction: Transaction, words: Words, show: Show) -> str:
    """What is signed, a line for each value, as a person reads it. It is made of what is signed and nothing else."""
    said = {name: words._(label) for name, label in _LABELS.items()}
    values = {**transaction.values, **({"amount": _money(transaction, show)} if transaction.amount else {})}
    return "\n".join(f"{said[name]}: {value}" for name, value in values.items() if name in said)


def _money(transaction: Transaction, show: Show) -> str:
    whole, _, part = transaction.amount.partition(".")
    if transaction.currency == "KRW":
        return show.money(int(whole))
    return f"{show.number(int(whole))}{'.' + part if part else ''} {transaction.currency}"


def _answer(made: MadeChallenge, shows: str) -> dict[str, str]:
    challenge = made.challenge
    answer = ChallengeAnswer(
        id=str(challenge.id),
        question=challenge.question,
        shows=shows,
        expires_at=challenge.expires_at.isoformat().replace("+00:00", "Z"),
        suite=made.suite,
        session=challenge.session or None,
        server_code=made.server_code or None,
    )
    return answer.model_dump(exclude_none=True)
