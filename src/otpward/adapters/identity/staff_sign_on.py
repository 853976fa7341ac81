"""Staff come from the institution's sign-on (OpenID Connect Core 1.0): which login it says, and how they signed in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import httpx

from otpward.adapters.identity.code_flow import Client, CodeFlow
from otpward.adapters.identity.visit import VISIT_S
from otpward.core.secret import NOTHING, Personal, Secret
from otpward.ports.prover import Asked, Begun, Refused
from otpward.ports.sign_on import STAFF_SIGN_ON, SignedOn

LOGIN_LONGEST: Final = 200
SEVERAL: Final = "mfa"
HAD: Final = frozenset({"otp", "hwk", "swk", "sc"})
"""Something they have, by the words of RFC 8176 §2. A text message or a call (`sms`, `tel`) is not among them."""
KNOWN: Final = frozenset({"pwd", "pin", "fpt", "face", "iris", "retina", "vbm"})
"""Something they know or are."""


class OidcStaffSignOn:
    """Sends staff to sign in, and says whom the provider's signed answer names.

    With `trusts_mfa` the provider's word for a second factor counts: `amr`, or an `acr` of `mfa_acr` (ASVS 6.8.4).
    """

    name: Final = STAFF_SIGN_ON

    def __init__(
        self,
        client: Client,
        http: httpx.Client,
        *,
        claim: str,
        trusts_mfa: bool = False,
        mfa_acr: frozenset[str] = frozenset(),
        whole_s: float = VISIT_S,
    ) -> None:
        self._flow = CodeFlow(client, http, whole_s=whole_s)
        self._claim = claim
        self._trusts_mfa = trusts_mfa
        self._mfa_acr = mfa_acr

    def begin(self, asked: Asked) -> Begun:
        """A link to the sign-on, which leads back to `return_url` and nowhere else."""
        return self._flow.begin(asked)

    def complete(self, kept: Secret, callback: Mapping[str, str], *, now: datetime) -> SignedOn | Refused:
        """Change the code for a token, judge it, and ask for the login where the token does not tell it."""
        told = self._flow.complete(kept, callback, now=now)
        if not isinstance(told, Refused) and not login_in(told.claims, self._claim):
            told = self._flow.ask_more(told)
        if isinstance(told, Refused):
            return told
        return SignedOn(
            subject=Personal(told.subject),
            login=login_in(told.claims, self._claim),
            strong=self._trusts_mfa and (told.signed.get("acr") in list(self._mfa_acr) or is_strong(told.signed.get("amr"))),
            number=told.number,
            raw_hash=told.token_hash,
            at=now,
        )


def login_in(claims: Mapping[str, Any], claim: str) -> Personal:
    """The text of this claim. An e-mail address counts only if the provider has verified it (§5.7)."""
    text = claims.get(claim)
    if not isinstance(text, str) or len(text) > LOGIN_LONGEST:
        return NOTHING
    return NOTHING if claim == "email" and claims.get("email_verified") is not True else Personal(text.strip())


def is_strong(amr: object) -> bool:
    """Whether these methods (RFC 8176) are of two kinds: `mfa` says so itself, else one that is had and one known or been."""
    said = {one for one in amr if isinstance(one, str)} if isinstance(amr, list) else set()
    return SEVERAL in said or bool(said & HAD and said & KNOWN)
