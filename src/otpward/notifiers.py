"""Who carries notices: the gateways and mail server of the settings, joined into one for each channel."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from otpward.adapters.system import SystemClock, SystemEntropy
from otpward.core.secret import Secret
from otpward.ports.notifier import Channel, Notifier
from otpward.settings import SMS_KEYS, Settings
from otpward.settings.sections import Sms, Talk

_TIMEOUT_S: Final = 5.0


def open_notifiers(settings: Settings) -> dict[Channel, Notifier]:
    """One for each channel that has keys. Of two SMS gateways, `[sms]` comes first, and `[sms_second]` where it fails."""
    found: dict[Channel, Notifier] = {}
    texts = {"first": _texts(settings, settings.sms), "second": _texts(settings, settings.sms_second)}
    named = [(name, one) for name, one in texts.items() if one is not None]
    if len(named) == 1:
        found[Channel.SMS] = named[0][1]
    elif named:
        from otpward.adapters.notify.chain import ChainNotifier

        found[Channel.SMS] = ChainNotifier(named)
    if settings.alimtalk.provider:
        found[Channel.TALK] = _talk(settings, settings.alimtalk)
    mail = settings.mail
    if mail.host:
        from otpward.adapters.notify.smtp import SmtpNotifier

        found[Channel.MAIL] = SmtpNotifier(
            mail.host,
            mail.port,
            mail.sender,
            timeout=_TIMEOUT_S,
            starttls=mail.starttls,
            username=mail.username,
            password=_secret(settings.file(mail.password_file)) if mail.password_file else None,
        )
    return found


def report_secrets(settings: Settings) -> Mapping[str, Secret]:
    """By which secrets reports of delivery are known: `nhn` signs with one as it is, `signed` by Standard Webhooks."""
    files = {"nhn": settings.sms.report_secret_file, "signed": settings.sms.signed_secret_file}
    return {name: _secret(settings.file(file)) for name, file in files.items() if file}


def _texts(settings: Settings, sms: Sms) -> Notifier | None:
    """The SMS gateway that was chosen; none without its keys."""
    if not any(getattr(sms, key) for key in SMS_KEYS[sms.provider] or ("base_url",)):
        return None
    from otpward.adapters.prompt import open_http

    secret = _secret(settings.file(sms.secret_key_file))
    http = open_http()
    match sms.provider:
        case "webhook":
            from otpward.adapters.notify.hook import HookNotifier

            return HookNotifier(sms.address, secret, http, _TIMEOUT_S, SystemClock())
        case "sens":
            from otpward.adapters.notify.sens import SensSmsNotifier

            return SensSmsNotifier(
                sms.address, sms.service_id, sms.access_key, secret, sms.sender, http, _TIMEOUT_S, SystemClock()
            )
        case "solapi":
            from otpward.adapters.notify.solapi import SolapiSmsNotifier

            return SolapiSmsNotifier(
                sms.address,
                sms.api_key,
                secret,
                sms.sender,
                http,
                _TIMEOUT_S,
                SystemClock(),
                SystemEntropy(),
            )
        case _:
            from otpward.adapters.notify.nhn import NhnSmsNotifier

            return NhnSmsNotifier(sms.address, sms.app_key, secret, sms.sender, http, _TIMEOUT_S)


def _talk(settings: Settings, talk: Talk) -> Notifier:
    """The gateway of AlimTalk that was chosen."""
    from otpward.adapters.prompt import open_http

    secret, http = _secret(settings.file(talk.secret_key_file)), open_http()
    if talk.provider == "solapi":
        from otpward.adapters.notify.solapi_talk import SolapiTalkNotifier

        return SolapiTalkNotifier(
            talk.address,
            talk.api_key,
            secret,
            talk.sender,
            http,
            _TIMEOUT_S,
            SystemClock(),
            SystemEntropy(),
            channel_id=talk.channel_id,
            falls_back=talk.falls_back,
        )
    from otpward.adapters.notify.nhn_talk import NhnTalkNotifier

    return NhnTalkNotifier(
        talk.address,
        talk.app_key,
        secret,
        talk.sender_key,
        talk.sender,
        http,
        _TIMEOUT_S,
        falls_back=talk.falls_back,
    )


def _secret(path: Path) -> Secret:
    return Secret(path.read_text().strip().encode())
