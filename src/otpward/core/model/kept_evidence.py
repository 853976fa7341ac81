"""What is kept of an outside prover's word: that it was given, when, and by whom; nothing of the person in the clear."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from otpward.core.ids import InstitutionId, MemberId, ProofId
from otpward.core.model.proof import Assurance, Method


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEvidence:
    """One word of a prover, taken once: its number (`provider_tx`) is unique at this provider, so that a replay is seen.

    `ci_print` and `subject_print` are keyed hashes, and stand here only where the evidence was of the member; `raw_hash` is
    the SHA-256 of what the provider said; `claims` are those that were compared and matched, with spaces between.
    """

    id: UUID
    institution_id: InstitutionId
    proof_id: ProofId
    member_id: MemberId | None = None
    method: Method
    provider: str
    provider_tx: str
    matched: bool
    at: datetime
    raw_hash: bytes
    level: Assurance = Assurance.SUBSTANTIAL
    claims: str = ""
    ci_print: bytes | None = None
    subject_print: bytes | None = None
    version: int = 0
