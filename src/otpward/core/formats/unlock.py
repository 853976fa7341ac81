"""What opens a seed file."""

from dataclasses import dataclass

from otpward.core.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlock:
    """Each comes by another way than the file. `key` is the transport key shared beforehand, `private_key` the one in PEM that
    belongs to the certificate the file was encrypted for (`password` opens it, too), `signer` the certificate in PEM whose
    owner must have signed. With `unverified` a signature that nobody checks is accepted knowingly."""

    key: Secret | None = None
    password: Secret | None = None
    private_key: Secret | None = None
    signer: bytes | None = None
    unverified: bool = False


NOTHING_TO_OPEN: Unlock = Unlock()
