"""Start the sandbox: `python -m otpward.sandbox --data DIR --port N --profile demo`."""

import argparse
import asyncio
import contextlib
import sys
from pathlib import Path

from otpward.core.errors import OtpwardError
from otpward.sandbox.app import serve
from otpward.sandbox.world import KEPT, World, allowed_profile


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted. 0: stopped, 2: may not or cannot start with these settings."""
    parser = argparse.ArgumentParser(
        prog="python -m otpward.sandbox", description="The outside world, for demo and tests only."
    )
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="where the world remembers itself")
    parser.add_argument("--port", type=int, required=True, metavar="N", help="HTTP: pages, SMS gateway, post office")
    parser.add_argument("--smtp-port", type=int, metavar="M", help="SMTP: the mailbox (default: N + 1)")
    parser.add_argument("--host", default="127.0.0.1", metavar="H", help="the address to listen on")
    parser.add_argument("--profile", default="production", metavar="P", help="demo or test; anything else is refused")
    parser.add_argument("--keep", type=int, default=KEPT, metavar="K", help="so many messages and mails are kept")
    asked = parser.parse_args(arguments)
    try:
        world = World.open(asked.data, profile=allowed_profile(asked.profile))
        world.kept = max(1, asked.keep)
        smtp_port = asked.port + 1 if asked.smtp_port is None else asked.smtp_port
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(serve(world, host=asked.host, port=asked.port, smtp_port=smtp_port))
    except OtpwardError as refusal:
        sys.stderr.write(f"sandbox: {refusal}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
