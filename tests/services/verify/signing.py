"""Challenges made and answered, for the tests beside this."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from otpward.core.model.challenge import Challenge
from otpward.core.model.transaction import Transaction
from otpward.core.policy.verification import Verdict
from otpward.ports.judging import Verification
from otpward.services.verify.make_challenge import MadeChallenge, MakeChallenge, NoChallenge, make_challenge
from otpward.services.verify.verify import Verify, verify
from tests.fakes.signer import PLAIN, Signer, give
from tests.services.walk import RELYING, Walk

RENT = Transaction(amount="650000", currency="KRW", payee="김하나", bank="한빛은행", account="110-123-456789")


@dataclass
class Signing:
    """A walk with a token in the member's hands that answers challenges."""

    walk: Walk
    signer: Signer

    @classmethod
    def begun(cls, walk: Walk, suite: str = PLAIN, **changes: Any) -> "Signing":
        """The token is taken in and given to m1001."""
        signer = Signer(suite=suite, **changes)
        report = give(walk.sample, signer)
        assert report.imported == 1, report
        return cls(walk, signer)

    def try_to_make(self, transaction: Transaction = RENT, **changes: Any) -> MadeChallenge | NoChallenge:
        ask = MakeChallenge(institution_id=self.walk.inside, transaction=transaction, by=RELYING, serial=self.signer.serial)
        ask = replace(ask, **changes)
        return self.walk.do(lambda desk: make_challenge(ask, desk=desk))

    def make(self, transaction: Transaction = RENT, **changes: Any) -> MadeChallenge:
        made = self.try_to_make(transaction, **changes)
        assert isinstance(made, MadeChallenge), made
        return made

    def ask(self, transaction: Transaction = RENT, **changes: Any) -> Challenge:
        return self.make(transaction, **changes).challenge

    def answer(self, challenge: Challenge) -> str:
        """What the token shows for it now."""
        return self.signer.to(challenge, self.walk.now)

    def send(self, challenge: UUID | None, code: str, **changes: Any) -> Verification:
        question = Verify(
            institution_id=self.walk.inside, code=code, by=RELYING, serial=self.signer.serial, challenge=challenge
        )
        question = replace(question, **changes)
        return self.walk.do(lambda desk: verify(question, desk=desk))

    def verdict(self, challenge: UUID | None, code: str, **changes: Any) -> Verdict:
        return self.send(challenge, code, **changes).verdict

    def kept(self, challenge: Challenge) -> Challenge:
        return self.walk.look(lambda uow: uow.challenges.get(challenge.id))

    @property
    def failures(self) -> tuple[int, int]:
        token = self.walk.token(self.signer.serial)
        return token.failures, token.failures_total
