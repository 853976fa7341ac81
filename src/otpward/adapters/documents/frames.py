"""What the processes say to each other: a line of JSON, then as many octets as it announces."""

import json
from collections.abc import Mapping
from typing import IO, Any, Final

_LINE: Final = 64 * 1024


def put(stream: IO[bytes], head: Mapping[str, Any], body: bytes | memoryview = b"") -> None:
    """Say it, and let it go out."""
    stream.write(json.dumps({**head, "octets": len(body)}).encode() + b"\n")
    stream.write(body)
    stream.flush()


def take(stream: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """Hear it; raises `EOFError` where the other side ended in the middle, or at once."""
    line = stream.readline(_LINE)
    if not line.endswith(b"\n"):
        raise EOFError
    head: dict[str, Any] = json.loads(line)
    body = stream.read(head["octets"])
    if len(body) != head["octets"]:
        raise EOFError
    return head, body
