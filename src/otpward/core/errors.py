"""What should not happen, in five kinds.

A refusal (a wrong code, a failed proof) is a value, never one of these. Each door has one table from kind to its own language:
a problem document or page, a RADIUS reject, an exit code. `code` is stable and documented; `field` names the input at fault.
"""

from datetime import datetime
from typing import ClassVar


class OtpwardError(Exception):
    """The base: `code` for programs, the text for the log; neither tells a stranger whether a member or token exists."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str = "", *, field: str | None = None) -> None:
        super().__init__(message or self.code)
        self.field = field


class Invalid(OtpwardError):
    """The input cannot be taken as it is; `field` says which part."""

    code: ClassVar[str] = "invalid"


class Denied(OtpwardError):
    """The asker may not do this, or has not proven enough."""

    code: ClassVar[str] = "denied"


class TooOften(Denied):
    """The limit of a window was passed; `until` is when to try again."""

    code: ClassVar[str] = "too_often"

    def __init__(self, until: datetime) -> None:
        super().__init__("too often in this window of time")
        self.until = until


class OtherRequest(Invalid):
    """This Idempotency-Key was used for another question."""

    code: ClassVar[str] = "idempotency_key_reused"


class NotFound(OtpwardError):
    """What was named does not exist here, or not for this asker."""

    code: ClassVar[str] = "not_found"


class Conflict(OtpwardError):
    """The thing moved meanwhile, or its state does not allow the act."""

    code: ClassVar[str] = "conflict"


class Unavailable(OtpwardError):
    """Something outside us did not answer; trying again later may work."""

    code: ClassVar[str] = "unavailable"


class Unsure(Unavailable):
    """The other side may have done it: the line broke after we had asked, or the answer cannot be read."""

    code = "unsure"


class SealBroken(OtpwardError):
    """A sealed value did not open: changed, moved to another row, or sealed under a key that is not here."""

    code: ClassVar[str] = "seal_broken"


class Moved(Conflict):
    """Somebody else changed the row first; doing the whole act again from the start is safe."""

    code: ClassVar[str] = "moved"


class Taken(Conflict):
    """Something that must be unique exists already."""

    code: ClassVar[str] = "taken"
