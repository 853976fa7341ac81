"""otpward: one-time-password tokens, from a lost one to a working one, without letting anyone else in."""

__version__ = "0.1.0"
