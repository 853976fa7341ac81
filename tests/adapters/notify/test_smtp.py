"""Mail by SMTP: it arrives whole, a subject cannot carry headers, and only a lasting refusal is for good."""

import socket
import ssl
import threading
from collections.abc import Iterator

import httpx
import pytest

from otpward.adapters.notify.smtp import SmtpNotifier
from otpward.core.errors import Invalid, Unavailable
from otpward.core.secret import Secret
from otpward.ports.notifier import Channel, Message
from tests.sandbox.running import Running

SENDER = "otp@hanbit.example"
LETTER = "홍길동 님,\n\n신청을 승인했습니다.\n.점으로 시작하는 줄\n" + "긴 줄 " * 400


def mail(to: str = "hong@hanbit.example", *, subject: str = "신청 결과", text: str = LETTER, reference: str = "") -> Message:
    return Message(channel=Channel.MAIL, to=to, subject=subject, text=text, reference=reference)


def notifier(sandbox: Running) -> SmtpNotifier:
    return SmtpNotifier("127.0.0.1", sandbox.smtp_port, SENDER, timeout=5)


def test_a_mail_arrives_whole(sandbox: Running, http: httpx.Client) -> None:
    sent = notifier(sandbox).send(mail("whole@hanbit.example", subject="[한빛기관] 신청 결과를 알려 드립니다 " + "가" * 60))
    arrived = http.get(f"{sandbox.base_url}/api/mails", params={"to": "whole@hanbit.example"}).json()[0]
    assert arrived["text"] == LETTER
    assert arrived["subject"] == "[한빛기관] 신청 결과를 알려 드립니다 " + "가" * 60
    assert arrived["from"] == SENDER
    assert arrived["message_id"] == sent.provider_reference


def test_the_same_notice_has_the_same_id_each_time(sandbox: Running) -> None:
    first, second = (notifier(sandbox).send(mail(reference="case-1")) for _ in range(2))
    assert first == second != notifier(sandbox).send(mail(reference="case-2"))
    assert notifier(sandbox).send(mail()) != notifier(sandbox).send(mail())


@pytest.mark.parametrize(
    "subject", ["a\r\nBcc: x@evil.example", "a\nb", "a\rb"], ids=["header", "line feed", "carriage return"]
)
def test_a_subject_cannot_start_another_header(sandbox: Running, subject: str) -> None:
    with pytest.raises(Invalid) as refusal:
        notifier(sandbox).send(mail(subject=subject))
    assert refusal.value.field == "subject"


@pytest.mark.parametrize(
    "to",
    [
        "",
        "hong",
        "@x.example",
        "a@b.example, c@d.example",
        "a@b.example\r\nBcc: c@d.example",
        "홍@한빛.example",
        "a@local",
        "a b@c.example",
    ],
)
def test_what_is_not_one_address_is_refused(sandbox: Running, to: str) -> None:
    with pytest.raises(Invalid) as refusal:
        notifier(sandbox).send(mail(to))
    assert refusal.value.field == "to"


def test_a_mailbox_that_does_not_exist_is_for_good(sandbox: Running) -> None:
    with pytest.raises(Invalid):
        notifier(sandbox).send(mail("unknown@hanbit.example"))


def test_a_busy_server_may_be_asked_again(sandbox: Running) -> None:
    with pytest.raises(Unavailable):
        notifier(sandbox).send(mail("broken@hanbit.example"))


def test_a_server_without_tls_gets_nothing_when_tls_is_wanted(sandbox: Running) -> None:
    wary = SmtpNotifier("127.0.0.1", sandbox.smtp_port, SENDER, timeout=5, starttls=True)
    with pytest.raises(Unavailable):
        wary.send(mail("nobody@hanbit.example"))


def test_a_password_is_not_sent_over_an_open_line() -> None:
    with pytest.raises(Invalid):
        SmtpNotifier("127.0.0.1", 25, SENDER, timeout=5, username="otp", password=Secret(b"x"))


def test_an_sms_is_not_sent_as_mail(sandbox: Running) -> None:
    with pytest.raises(Invalid):
        notifier(sandbox).send(Message(channel=Channel.SMS, to="+821012345678", text="x"))


@pytest.fixture
def babbling_port() -> Iterator[int]:
    """Someone who answers, but does not speak SMTP."""
    server = socket.create_server(("127.0.0.1", 0))

    def babble() -> None:
        try:
            while True:
                client, _ = server.accept()
                with client:
                    client.sendall(b"HTTP/1.1 400 what\r\n\r\n")
        except OSError:
            return

    thread = threading.Thread(target=babble)
    thread.start()
    yield server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


def test_someone_else_behind_the_port_is_unavailable(babbling_port: int) -> None:
    with pytest.raises(Unavailable):
        SmtpNotifier("127.0.0.1", babbling_port, SENDER, timeout=2).send(mail())


def test_a_silent_server_is_not_waited_for(babbling_port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Unavailable):
        SmtpNotifier("127.0.0.1", silent.getsockname()[1], SENDER, timeout=0.3).send(mail())


def test_nobody_there_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        SmtpNotifier("127.0.0.1", 9, SENDER, timeout=2, tls_context=ssl.create_default_context()).send(mail())
