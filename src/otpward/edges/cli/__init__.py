"""The door for engineers: the `otpward` command.

Exit codes: 0 done, 1 refused or a failed check, 2 bad input or usage, 3 not available.
"""
