"""What can be wrong with a certificate or with what was signed by it: one word each, for the audit."""

from enum import StrEnum
from typing import ClassVar

from otpward.core.errors import Invalid


class Flaw(StrEnum):
    """One reason not to believe, or not to accept. None of them says anything about the person."""

    STRUCTURE = "structure"
    """Not CMS as we take it: another kind, unsigned parts, a certificate that cannot be read."""
    DETACHED = "detached"
    SIGNERS = "signers"
    """None or several, where there must be one."""
    OTHER_TEXT = "other_text"
    """Something else was signed than what we asked for."""
    DIGEST = "digest"
    SIGNATURE = "signature"
    SIGNING_TIME = "signing_time"
    ALGORITHM = "algorithm"
    """SHA-1, or whatever else is not on the short list."""
    WEAK_KEY = "weak_key"
    NO_CERTIFICATE = "no_certificate"
    """The signer's certificate is not among those that came along."""
    UNTRUSTED = "untrusted"
    """It leads to no pinned root."""
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    NOT_A_CA = "not_a_ca"
    """Somebody who is no authority issued a certificate."""
    PATH_LENGTH = "path_length"
    NAME_CONSTRAINT = "name_constraint"
    EXTENSION = "extension"
    """A critical extension that we do not understand."""
    CA_AS_SIGNER = "ca_as_signer"
    KEY_USAGE = "key_usage"
    POLICY = "policy"
    """A certificate of a kind that this institution does not take."""
    NO_NAME = "no_name"
    """No real name in it (identifyData)."""
    VID = "vid"
    """The number that was given is not the one the certificate was issued to."""
    REVOKED = "revoked"
    NOBODY_TO_ASK = "nobody_to_ask"
    """It names no service that we may ask whether it still holds."""
    OCSP_UNREADABLE = "ocsp_unreadable"
    OCSP_OTHER = "ocsp_other"
    """An answer about another certificate, or one that does not know it."""
    OCSP_NONCE = "ocsp_nonce"
    """Not an answer to our question: a replay."""
    OCSP_OLD = "ocsp_old"
    OCSP_SIGNER = "ocsp_signer"
    """Signed by nobody who may, or not signed."""
    CRL_UNREADABLE = "crl_unreadable"
    CRL_OTHER = "crl_other"
    """A list of another authority, or another part of the list."""
    CRL_OLD = "crl_old"
    CRL_SIGNER = "crl_signer"


class Flawed(Invalid):
    """A signature or certificate is not to be believed or accepted; `flaw` says why."""

    code: ClassVar[str] = "flawed_certificate"

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(f"the certificate or signature is refused: {flaw}")
        self.flaw = flaw
