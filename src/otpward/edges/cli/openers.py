"""Keys and passwords of seed files, which the command line reads from files: on it they would stand in the history."""

from pathlib import Path

from otpward.core.errors import Invalid
from otpward.core.secret import Secret
from otpward.edges.cli.say import read_text


def read_key(path: Path) -> Secret:
    """A transport key in hexadecimal."""
    try:
        return Secret(bytes.fromhex(read_text(path).strip()))
    except ValueError:
        raise Invalid(f"{path} does not hold a key in hexadecimal", field="key_file") from None


def read_password(path: Path) -> Secret:
    """The password in the first line."""
    first = read_text(path).splitlines()[:1]
    if not first or not first[0]:
        raise Invalid(f"{path} holds no password in its first line", field="password_file")
    return Secret(first[0].encode())
