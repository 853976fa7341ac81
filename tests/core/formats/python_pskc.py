"""python-pskc as a program: `read FILE [key=HEX|password=TEXT]` as JSON, or `write FILE [key=HEX|password=TEXT]`."""

import json
import sys
from datetime import UTC, datetime
from typing import Any

from pskc import PSKC


def read(path: str, opener: str) -> list[dict[str, Any]]:
    container = PSKC(path)
    name, _, value = opener.partition("=")
    if name == "key":
        container.encryption.key = bytes.fromhex(value)
    elif name == "password":
        container.encryption.derive_key(value)
    return [
        {
            "serial": key.serial,
            "secret": (key.secret or b"").hex(),
            "counter": key.counter,
            "interval": key.time_interval,
            "suite": key.algorithm_suite,
            "digits": key.response_length,
        }
        for key in container.keys
        if key.check() is not False
    ]


def write(path: str, opener: str) -> None:
    container = PSKC()
    common: dict[str, Any] = {"secret": b"12345678901234567890", "response_length": 6, "response_encoding": "DECIMAL"}
    totp = "urn:ietf:params:xml:ns:keyprov:pskc:totp"
    container.add_key(id="1", serial="PP-1", algorithm=totp, time_interval=60, time_offset=0, **common)
    container.add_key(id="2", serial="PP-2", algorithm=totp.replace("totp", "hotp"), counter=42, **common)
    container.keys[0].policy.start_date = datetime(2026, 1, 1, tzinfo=UTC)
    name, _, value = opener.partition("=")
    if name == "key":
        container.encryption.setup_preshared_key(key=bytes.fromhex(value), algorithm="aes256-cbc")
    elif name == "password":
        container.encryption.setup_pbkdf2(value)
    container.write(path)


if __name__ == "__main__":
    act, file, *more = sys.argv[1:]
    if act == "read":
        print(json.dumps(read(file, *(more or [""]))))  # noqa: T201 -- a program
    else:
        write(file, *(more or [""]))
