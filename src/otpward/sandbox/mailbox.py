"""A mailbox behind a small SMTP server (RFC 5321 §4.5.1, the least a server must know), for this machine only.

It is the other side of our adapter, not a mail server: no relaying, no TLS, no log-in. An address that begins with `broken`
finds the server busy, one that begins with `unknown` does not exist.
"""

import asyncio
import re
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default
from typing import Final

from otpward.sandbox.world import Mail, World

SIZE_LIMIT: Final = 256 * 1024
PATIENCE_S: Final = 30
PATH: Final = re.compile(rb"(?:FROM|TO):\s*<([^<>\s]*)>", re.IGNORECASE)


async def receive_mail(world: World, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Talk with one client until it quits, falls silent or breaks off."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            await _converse(world, reader, writer)
    except (TimeoutError, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
        pass
    finally:
        writer.close()


async def _converse(world: World, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    sender, recipients = "", list[str]()
    await _say(writer, "220 sandbox ESMTP")
    while True:
        line = (await reader.readuntil(b"\r\n")).strip()
        verb, path = line[:4].upper(), PATH.search(line)
        match verb:
            case b"EHLO":
                await _say(writer, f"250-sandbox\r\n250-8BITMIME\r\n250 SIZE {SIZE_LIMIT}")
            case b"HELO" | b"NOOP":
                await _say(writer, "250 OK")
            case b"RSET":
                sender, recipients = "", []
                await _say(writer, "250 OK")
            case b"MAIL" if path:
                sender, recipients = path[1].decode("ascii", "replace"), []
                await _say(writer, "250 OK")
            case b"RCPT" if path and sender:
                to = path[1].decode("ascii", "replace")
                refusal = _refusal(to)
                if not refusal:
                    recipients.append(to)
                await _say(writer, refusal or "250 OK")
            case b"DATA" if recipients:
                await _say(writer, "354 end with a dot")
                octets = await _read_data(reader)
                if octets is None:
                    await _say(writer, "552 too large")
                    return
                _keep(world, sender, recipients, octets)
                recipients = []
                await _say(writer, "250 taken")
            case b"QUIT":
                await _say(writer, "221 bye")
                return
            case b"MAIL" | b"RCPT" | b"DATA":
                await _say(writer, "503 bad sequence or address")
            case _:
                await _say(writer, "502 not known here")


async def _say(writer: asyncio.StreamWriter, words: str) -> None:
    writer.write(f"{words}\r\n".encode())
    await writer.drain()


async def _read_data(reader: asyncio.StreamReader) -> bytes | None:
    """Read to the lone dot and undo dot-stuffing (RFC 5321 §4.5.2); nothing if it grows too large."""
    octets = bytearray()
    while (line := await reader.readuntil(b"\r\n")) != b".\r\n":
        octets += line.removeprefix(b".")
        if len(octets) > SIZE_LIMIT:
            return None
    return bytes(octets)


def _refusal(to: str) -> str:
    if to.startswith("broken"):
        return "451 try later"
    return "550 no such mailbox" if to.startswith("unknown") else ""


def _keep(world: World, sender: str, recipients: list[str], octets: bytes) -> None:
    mail = message_from_bytes(octets, _class=EmailMessage, policy=default)
    try:
        part = mail.get_body(("plain",))
        text = "\n".join(str(part.get_content()).splitlines()) if part else ""
        subject, message_id = str(mail.get("Subject", "")), str(mail.get("Message-ID", ""))
    except (MessageError, LookupError, ValueError):
        text, subject, message_id = octets.decode("utf-8", "replace"), "", ""
    with world.changing() as memory:
        for to in recipients:
            letter = Mail(
                id=memory.next_id(), to=to, sender=sender, subject=subject, text=text, message_id=message_id, at=world.now()
            )
            memory.mails.append(letter)
