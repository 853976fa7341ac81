"""Values that print as dots; `reveal()` is the only way out, and easy to search for."""

import hmac
from typing import Final


class Secret:
    """Octets that never show themselves in a log, an error, a repr or a pickle.

    Equality is in constant time, so a secret can be compared with a guess.
    """

    __slots__ = ("_octets",)

    def __init__(self, octets: bytes) -> None:
        self._octets = bytes(octets)

    def reveal(self) -> bytes:
        """The octets in the clear. Hold them as briefly as the computation needs."""
        return self._octets

    def __len__(self) -> int:
        return len(self._octets)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._octets, other._octets)

    def __hash__(self) -> int:
        raise TypeError("a Secret has no hash: it would leave a trace of the value")

    def __repr__(self) -> str:
        return "Secret(•••)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a Secret is not pickled")


class Personal:
    """Text about a person: prints as dots, is sealed wherever it is stored, and compares by value."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text in the clear."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Personal) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Personal(•••)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("personal text is not pickled")


class PersonalOctets(Secret):
    """Octets about a person, such as a picture of a paper: sealed wherever they are stored, as `Personal` text is."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return bool(self._octets)

    def __repr__(self) -> str:
        return "PersonalOctets(•••)"

    __str__ = __repr__


NO_OCTETS: Final = PersonalOctets(b"")
"""No octets."""

NOTHING: Final = Personal("")
"""No text."""
