"""Settings: one TOML file in the data folder and a few environment variables, read once, checked whole, then frozen.

A key that is not known is refused, with the file, the key and what was expected. Secrets are never values here but names of
files.
"""

from otpward.settings.checks import BadSettings
from otpward.settings.read import DATABASE, FILE, read_settings
from otpward.settings.sections import (
    IDENTITY_KEYS,
    SMS_KEYS,
    TALK_KEYS,
    Identity,
    Mail,
    Post,
    Scanner,
    Settings,
    SimSwap,
    Sms,
    StaffSignOn,
    Talk,
)

__all__ = [
    "DATABASE",
    "FILE",
    "IDENTITY_KEYS",
    "SMS_KEYS",
    "TALK_KEYS",
    "BadSettings",
    "Identity",
    "Mail",
    "Post",
    "Scanner",
    "Settings",
    "SimSwap",
    "Sms",
    "StaffSignOn",
    "Talk",
    "read_settings",
]
