"""Looking for harmful software in what people send."""

from typing import Protocol


class Scanner(Protocol):
    """Looks at a file as it came. It keeps nothing, and says nothing of what is on it."""

    def find(self, octets: bytes) -> str:
        """The name of what is known to be harmful in it; empty where nothing is.

        Raises:
            Unavailable: nobody looked. What was not looked at is not taken.
        """
        ...
