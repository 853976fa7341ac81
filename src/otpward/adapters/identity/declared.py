"""A prover of which the institution has declared how sure it makes, and as what it counts.

What a provider checked before it gave somebody an account is in no protocol: the institution knows it from the contract.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from otpward.core.model.evidence import Evidence
from otpward.core.model.proof import Assurance, Method
from otpward.core.secret import Secret
from otpward.ports.prover import Asked, Begun, Prover, Refused, Resends


class DeclaredProver:
    """The prover inside, whose evidence is of this level and method."""

    def __init__(self, inside: Prover, *, level: Assurance, method: Method | None = None) -> None:
        self.inside = inside
        self.level = level
        self._method = method or inside.method

    @property
    def name(self) -> str:
        """As inside."""
        return self.inside.name

    @property
    def method(self) -> Method:
        """As declared."""
        return self._method

    def begin(self, asked: Asked) -> Begun:
        """As inside."""
        return self.inside.begin(asked)

    def complete(self, kept: Secret, callback: Mapping[str, str], *, now: datetime) -> Evidence | Refused:
        """What came of it inside, of the level and method that were declared."""
        said = self.inside.complete(kept, callback, now=now)
        return said if isinstance(said, Refused) else replace(said, level=self.level, method=self._method)


class DeclaredResender(DeclaredProver):
    """The same of a prover that can send its code once more."""

    def __init__(self, inside: Prover, *, level: Assurance, method: Method | None = None) -> None:
        super().__init__(inside, level=level, method=method)
        assert isinstance(inside, Resends), "declare() looked"
        self._resends: Resends = inside

    def resend(self, kept: Secret, *, now: datetime) -> Secret | Refused:
        """As inside."""
        return self._resends.resend(kept, now=now)


def declare(prover: Prover, *, level: Assurance, method: Method | None = None) -> Prover:
    """This prover under this declaration, with whatever else it can."""
    kind = DeclaredResender if isinstance(prover, Resends) else DeclaredProver
    return kind(prover, level=level, method=method)
