"""What somebody outside found out about a person: an identity service, a certificate, an institution's sign-on."""

from dataclasses import dataclass, field
from datetime import date, datetime

from otpward.core.model.proof import Assurance, Method
from otpward.core.secret import NOTHING, Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Who the prover says it was. Nothing of it came by the browser unchecked.

    `provider_tx` is the provider's own number for it, for the audit and against replay. `ci` is the 88 characters of 연계정보
    where the provider gives it; `subject` whatever else names the person for good there (a certificate's subject, an OIDC
    `sub` with its issuer). `company` is the business registration number that a certificate was shown to be issued to.
    `raw_hash` is the SHA-256 of what the provider said; `level` how sure it makes.
    """

    method: Method
    provider: str
    provider_tx: str
    name: Personal
    birth_date: date | None = field(default=None, repr=False)
    phone: Personal = NOTHING
    ci: Personal = NOTHING
    subject: Personal = NOTHING
    company: Personal = NOTHING
    verified_at: datetime
    raw_hash: bytes
    level: Assurance = Assurance.SUBSTANTIAL
