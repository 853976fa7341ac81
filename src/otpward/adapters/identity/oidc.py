"""An institution's own sign-on (OpenID Connect Core 1.0) as a way to prove who one is.

A social login proves that somebody has an account, not who they are: its method is `sign_on`, and policy decides what that is
worth.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import httpx

from otpward.adapters.identity.code_flow import Client, CodeFlow
from otpward.adapters.identity.person import born, international
from otpward.adapters.identity.visit import VISIT_S
from otpward.core.model.evidence import Evidence
from otpward.core.model.proof import Assurance, Method
from otpward.core.secret import NOTHING, Personal, Secret
from otpward.ports.prover import Asked, Begun, Refused

NAME_LONGEST: Final = 200


class OidcProver:
    """Sends the person to sign in, and says who the provider's signed answer names."""

    method: Final = Method.SIGN_ON
    asks: Final[tuple[str, ...]] = ()

    def __init__(self, name: str, client: Client, http: httpx.Client, *, whole_s: float = VISIT_S) -> None:
        self.name = name
        self._flow = CodeFlow(client, http, whole_s=whole_s)

    def begin(self, asked: Asked) -> Begun:
        """A link to the sign-on, which leads back to `return_url` and nowhere else."""
        return self._flow.begin(asked)

    def complete(self, kept: Secret, callback: Mapping[str, str], *, now: datetime) -> Evidence | Refused:
        """Change the code for a token, judge it, and ask for the name where the token does not tell it."""
        told = self._flow.complete(kept, callback, now=now)
        if not isinstance(told, Refused) and not name_in(told.claims):
            told = self._flow.ask_more(told)
        if isinstance(told, Refused):
            return told
        claims = told.claims
        phone = claims.get("phone_number") if claims.get("phone_number_verified") is True else None
        return Evidence(
            method=self.method,
            provider=self.name,
            provider_tx=told.number,
            name=Personal(name_in(claims)),
            birth_date=born(str(claims.get("birthdate", ""))),
            phone=international(phone) if isinstance(phone, str) else NOTHING,
            subject=Personal(told.subject),
            verified_at=now,
            raw_hash=told.token_hash,
            level=Assurance.LOW,
        )


def name_in(claims: Mapping[str, Any]) -> str:
    """`name`, or family and given name as Korean names are written; empty where it is no text."""
    parts = [claims.get("name")]
    if not parts[0]:
        parts = [claims.get("family_name"), claims.get("given_name")]
    whole = "".join(part for part in parts if isinstance(part, str))
    return whole if len(whole) <= NAME_LONGEST else ""
