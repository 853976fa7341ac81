"""Mail by SMTP (RFC 5321), in UTF-8, marked as sent by a machine (RFC 3834)."""

import hashlib
import smtplib
import ssl
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid

from otpward.core.errors import Invalid, OtpwardError, Unavailable
from otpward.core.secret import Secret
from otpward.ports.notifier import Channel, Message, Sent


class SmtpNotifier:
    """Hands a text to a mail server. With `starttls` nothing is said before the line is encrypted and the server's
    certificate is checked; there is no falling back. Logs nothing."""

    def __init__(
        self,
        host: str,
        port: int,
        sender: str,
        *,
        timeout: float,
        starttls: bool = False,
        username: str = "",
        password: Secret | None = None,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        if username and not starttls:
            raise Invalid("a mail password is not sent over an open line; switch starttls on", field="starttls")
        self._host = host
        self._port = port
        self._sender = address(sender, field="sender")
        self._timeout = timeout
        self._starttls = starttls
        self._username = username
        self._password = password or Secret(b"")
        self._tls_context = tls_context

    def send(self, message: Message) -> Sent:
        """Hand the mail to the server and return its Message-ID."""
        if message.channel is not Channel.MAIL:
            raise Invalid("a mail server carries mail only", field="channel")
        mail = self._compose(message)
        try:
            # The name we greet with is given, so that smtplib does not ask the DNS for ours.
            with smtplib.SMTP(self._host, self._port, local_hostname=self._sender.domain, timeout=self._timeout) as server:
                if self._starttls:
                    server.starttls(context=self._tls_context or ssl.create_default_context())
                if self._username:
                    server.login(self._username, self._password.reveal().decode("utf-8"))
                server.send_message(mail, self._sender.addr_spec, [str(mail["To"])])
        except (smtplib.SMTPException, OSError) as fault:
            raise _translated(fault) from None
        return Sent(provider_reference=str(mail["Message-ID"]))

    def _compose(self, message: Message) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        try:
            mail["From"] = self._sender
            mail["To"] = address(message.to, field="to")
            mail["Subject"] = message.subject
        except (ValueError, MessageError):
            raise Invalid("a subject is one line", field="subject") from None
        mail["Date"] = formatdate()
        mail["Message-ID"] = self._message_id(message.reference)
        mail["Auto-Submitted"] = "auto-generated"
        if message.stop:  # RFC 2369, RFC 8058: the mail program's own button, in one click
            mail["List-Unsubscribe"] = f"<{message.stop}>"
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail.set_content(message.text, charset="utf-8", cte="base64")
        return mail

    def _message_id(self, reference: str) -> str:
        """The same notice sent twice carries the same id, so that a mailbox can show it once."""
        if not reference:
            return make_msgid(domain=self._sender.domain)
        return f"<{hashlib.sha256(reference.encode()).hexdigest()[:40]}@{self._sender.domain}>"


def address(text: str, *, field: str) -> Address:
    """One plain mail address, without a display name and without anything that could start another header."""
    try:
        parsed = Address(addr_spec=text)
    except (ValueError, IndexError, MessageError):
        raise Invalid("this is not one mail address", field=field) from None
    if not text.isascii() or not text.isprintable() or " " in text or not parsed.username or "." not in parsed.domain:
        raise Invalid("this is not one mail address", field=field)
    return parsed


def _translated(fault: Exception) -> OtpwardError:
    """A lasting refusal (5yz, RFC 5321 §4.2.1) of the recipient or the content is for good; all else may pass."""
    match fault:
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            lasting = all(code >= 500 for code, _ in refused.values())
        case smtplib.SMTPDataError(smtp_code=code):
            lasting = code >= 500
        case _:
            lasting = False
    if lasting:
        return Invalid("the mail server refuses this mail", field="to")
    return Unavailable(f"the mail server did not take the mail: {type(fault).__name__}")
