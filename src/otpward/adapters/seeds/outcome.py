"""How the opening of an OpenPGP message went: the exit code of the process that did it."""

from enum import IntEnum


class Outcome(IntEnum):
    """How it went. Python itself ends with 0, 1 or 2."""

    UNSIGNED = 10
    SIGNED = 11
    KEY_DOES_NOT_FIT = 12
    NO_PRIVATE_KEY = 13
    LOCKED_KEY = 14
    KEY_PASSWORD = 15
    UNSAFE = 16
    CHANGED = 17
    DAMAGED = 18
