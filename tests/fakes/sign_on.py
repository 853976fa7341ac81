"""A sign-on that says what the test tells it to, about the answer to its own question only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from otpward.core.errors import Unavailable
from otpward.core.secret import Personal, Secret
from otpward.ports.prover import Asked, Begun, Refusal, Refused
from otpward.ports.sign_on import SignedOn


@dataclass
class FakeSignOn:
    """`login` and `subject` are who signs in there."""

    name: str = "staff_sign_on"
    login: str = "teller"
    subject: str = "https://sso.example 42"
    strong: bool = False
    silent: bool = False
    answer: Refused | None = None
    replayed: str = ""
    asked: list[Asked] = field(default_factory=list)

    def begin(self, asked: Asked) -> Begun:
        if self.silent:
            raise Unavailable("the sign-on is silent")
        self.asked.append(asked)
        return Begun(kept=Secret(asked.number.encode()), link=f"https://sso.example/authorize?state={asked.number}")

    def complete(self, kept: Secret, callback: Mapping[str, str], *, now: datetime) -> SignedOn | Refused:
        if self.silent:
            raise Unavailable("the sign-on is silent")
        if callback.get("state") != kept.reveal().decode():
            return Refused(why=Refusal.FORGED, detail="state")
        if self.answer is not None:
            return self.answer
        return SignedOn(
            subject=Personal(self.subject),
            login=Personal(self.login),
            strong=self.strong,
            number=self.replayed or kept.reveal().decode(),
            raw_hash=bytes(32),
            at=now,
        )

    @property
    def state(self) -> str:
        """What the browser brings back of the attempt begun last."""
        return self.asked[-1].number
