"""A prover that says what the test tells it to, and believes nothing that comes by the browser but its own number."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from otpward.core.errors import Unavailable
from otpward.core.model.evidence import Evidence
from otpward.core.model.proof import Method
from otpward.core.secret import NOTHING, Personal, Secret
from otpward.ports.prover import Asked, Begun, Refusal, Refused

CI = "ci-of-hong-gildong".ljust(88, "=")
PLACE = "https://identity.example/start"


@dataclass
class FakeProver:
    """`way` is how it goes on: link, form, push, code or challenge. `person` is who stands before it."""

    name: str = "sure"
    method: Method = Method.AGENCY
    way: str = "link"
    person: dict[str, Any] = field(
        default_factory=lambda: {
            "name": Personal("홍길동"),
            "birth_date": date(1980, 1, 2),
            "phone": Personal("01055501101"),
            "ci": Personal(CI),
        }
    )
    answer: Refused | None = None
    silent: bool = False
    asked: list[Asked] = field(default_factory=list)
    replayed: str = ""
    verified_at: datetime | None = None
    completions: int = 0
    resent: list[Secret] = field(default_factory=list)

    def begin(self, asked: Asked) -> Begun:
        if self.silent:
            raise Unavailable("the provider is silent")
        self.asked.append(asked)
        kept = Secret(f"tx-{asked.number}".encode())
        begun = Begun(kept=kept)
        match self.way:
            case "link":
                return replace(begun, link=f"{PLACE}?tx={asked.number}")
            case "form":
                return replace(begun, link=PLACE, form={"tx": asked.number, "sealed": 'a"b<'})
            case "push":
                return replace(begun, push=True)
            case "code":
                return replace(begun, code=True)
        return replace(begun, challenge=asked.nonce)

    def complete(self, kept: Secret, callback: Mapping[str, str], *, now: datetime) -> Evidence | Refused:
        self.completions += 1
        if self.silent:
            raise Unavailable("the provider is silent")
        if self.answer is not None:
            return self.answer
        tx = kept.reveal().decode()
        if self.way in {"link", "form"} and callback.get("tx") != tx.removeprefix("tx-"):
            return Refused(why=Refusal.FORGED, detail="not our number")
        if self.way == "code" and callback.get("code") != "123456":
            return Refused(why=Refusal.NOT_YET)
        person: dict[str, Any] = {"phone": NOTHING, "ci": NOTHING} | self.person
        return Evidence(
            method=self.method,
            provider=self.name,
            provider_tx=self.replayed or tx,
            verified_at=self.verified_at or now,
            raw_hash=bytes(32),
            **person,
        )

    def resend(self, kept: Secret, *, now: datetime) -> Secret | Refused:
        self.resent.append(kept)
        if self.silent:
            raise Unavailable("the provider is silent")
        return self.answer or kept

    @property
    def number(self) -> str:
        """The number of the transaction that was begun last: what the browser brings back."""
        return self.asked[-1].number
