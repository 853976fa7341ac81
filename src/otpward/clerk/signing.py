"""The sealed parts of a token that answers challenges, and how they are opened for one computation."""

from uuid import UUID

from otpward.clerk.tokens import open_seed
from otpward.core.model.challenge import Signer
from otpward.core.model.token import Token
from otpward.core.oath.ocra_suite import parse_suite
from otpward.core.policy.signing import SigningKeys
from otpward.core.secret import Secret
from otpward.ports.desk import Desk
from otpward.ports.vault import About


def signing_keys(token: Token, signer: Signer, *, desk: Desk) -> SigningKeys:
    """What the answers of this token are computed with; seed and PIN stay sealed until they are needed."""
    return SigningKeys(
        suite=parse_suite(signer.suite),
        seed=lambda: open_seed(token, desk=desk),
        pin_hash=lambda: _open_pin(signer, desk=desk),
    )


def seal_pin(pin_hash: Secret, *, institution_id: UUID, token_id: UUID, desk: Desk) -> bytes:
    """The hash of a PIN as it is stored. It is as secret as the PIN: four digits are found in no time."""
    return desk.vault.seal(pin_hash.reveal(), about=About(institution_id, token_id, "signer.pin_hash"))


def _open_pin(signer: Signer, *, desk: Desk) -> Secret:
    if not signer.pin_hash:
        return Secret(b"")
    return desk.vault.unseal(signer.pin_hash, about=About(signer.institution_id, signer.id, "signer.pin_hash"))
