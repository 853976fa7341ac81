"""Reading bar codes on photographs, for browsers that cannot read them with the camera."""

from collections.abc import Collection, Sequence
from typing import Protocol

from otpward.core.model.document import Flaw
from otpward.core.model.scanned import Symbology


class CodeReader(Protocol):
    """Reads in another process: what a file does to it, it does not do to the server."""

    def read(self, octets: bytes, kinds: Collection[Symbology]) -> Sequence[str] | Flaw:
        """What the codes of these kinds say, none if none was found; or why the photograph cannot be taken.

        Raises:
            Unavailable: the process could not be started.
        """
        ...
