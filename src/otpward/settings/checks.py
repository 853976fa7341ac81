"""What no type says of a setting. Each refusal names the file, the key and what was expected."""

import re
from collections.abc import Mapping
from dataclasses import fields
from ipaddress import ip_network
from pathlib import Path
from typing import ClassVar, Final, NoReturn
from urllib.parse import SplitResult, urlsplit

from otpward.core.errors import Invalid
from otpward.core.model.proof import Assurance, Method
from otpward.core.policy.phones import to_mobile
from otpward.edges.http.theme import Theme
from otpward.settings.sections import (
    IDENTITY_KEYS,
    POST_PROVIDERS,
    SMS_KEYS,
    TALK_KEYS,
    Identity,
    Settings,
    Sms,
    StaffSignOn,
    Talk,
)

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
_PROFILES: Final = frozenset({"production", "demo", "test"})
_CODE: Final = re.compile(r"[a-z0-9-]{0,40}")
PORTS: Final = range(1, 65536)
_CRON: Final = tuple(range(low, high) for low, high in ((0, 60), (0, 60), (0, 24), (1, 32), (1, 13), (0, 8)))
"""Second, minute, hour, day, month, day of the week."""
_SMS_KEY: Final = re.compile(r"[A-Za-z0-9:._-]{1,128}")
_ON_FAILURE: Final = ("refuse", "allow")
_SIM_HOURS: Final = range(1, 241)
"""Gateways take more, but not every carrier may keep it that long."""
_SIM_VERSION: Final = re.compile(r"v[0-9a-z.]{1,10}")
_FONT_FILES: Final = frozenset({".otf", ".ttf", ".otc", ".ttc"})
_SENDER: Final = re.compile(r"[0-9-]{3,20}")
_IDENTITY_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,19}")
_EVERY_IDENTITY: Final = frozenset({"type", "title_ko", "title_en", "level"})
_SEVERAL: Final = frozenset({"services"})
_LONGEST_AGE_S: Final = 366 * 24 * 3600
_ACR: Final = re.compile(r"[\x21-\x7e]{1,200}( [\x21-\x7e]{1,200})*")
_CLAIM: Final = re.compile(r"[A-Za-z0-9_.:/-]{1,100}")
_IDENTITY_CHOICES: Final[Mapping[str, frozenset[str]]] = {
    "services": frozenset({"phone", "ipin"}),
    "way": frozenset({"SMS", "APP"}),
    "app": frozenset({"KAKAO", "NAVER", "PASS"}),
    "level": frozenset(Assurance),
    "method": frozenset({Method.SIGN_ON, Method.AGENCY}),
}


class BadSettings(Invalid):
    """A setting is unknown, of the wrong kind, or names something that is not there."""

    code: ClassVar[str] = "bad_settings"


def refuse(path: Path, key: str, problem: str) -> NoReturn:
    """Raise `BadSettings` for this key of this file."""
    raise BadSettings(f"{path}: {key} {problem}", field=key)


def check(path: Path, settings: Settings) -> None:
    """What no type says. Each refusal names the file, the key and what was expected."""
    sms, mail, post = settings.sms, settings.mail, settings.post
    if settings.profile not in _PROFILES:
        refuse(path, "profile", f"must be one of {', '.join(sorted(_PROFILES))}, not {settings.profile!r}")
    if not _CODE.fullmatch(settings.institution):
        refuse(path, "institution", f"must be a code of lower-case letters, digits, hyphens, not {settings.institution!r}")
    _check_address(path, "public_url", settings.public_url)
    _check_proxies(path, settings.trusted_proxies)
    try:
        Theme(primary=settings.primary_color)
    except Invalid as error:
        refuse(path, "primary_color", f"cannot be used: {error}")
    _check_fonts(path, settings)
    if not settings.master_key_file:
        refuse(path, "master_key_file", "must name a file")
    _check_secret(path, "[sms] secret_key_file", settings, sms.secret_key_file)
    _check_secret(path, "[mail] password_file", settings, mail.password_file)
    _check_secret(path, "[post] service_key_file", settings, post.service_key_file)
    _check_secret(path, "[sms] report_secret_file", settings, sms.report_secret_file)
    _check_secret(path, "[sms] signed_secret_file", settings, sms.signed_secret_file)
    _check_secret(path, "[sms_second] secret_key_file", settings, settings.sms_second.secret_key_file)
    _check_sms(path, sms)
    _check_sms(path, settings.sms_second, "sms_second")
    if sms.provider == "webhook" and not settings.sms_second.secret_key_file:
        refuse(path, "[sms] provider", "'webhook' carries no codes, so it needs [sms_second] beside it")
    _check_secret(path, "[alimtalk] secret_key_file", settings, settings.alimtalk.secret_key_file)
    _check_talk(path, settings.alimtalk)
    _check_sim_swap(path, settings)
    for name, one in settings.identity.items():
        _check_identity(path, name, one, settings)
    _check_staff_sign_on(path, settings)
    _check_scanner(path, settings.scanner.address)
    _check_address(path, "[post] base_url", post.base_url, plain=True)
    _check_schedule(path, post.schedule)
    if post.provider not in POST_PROVIDERS:
        refuse(path, "[post] provider", f"must be one of {', '.join(POST_PROVIDERS)}, not {post.provider!r}")
    if not 1 <= post.pace_s <= 86_400:
        refuse(path, "[post] pace_s", f"must be 1 to 86400 seconds, not {post.pace_s}")
    if post.page and not (post.page.startswith("https://") and "{number}" in post.page):
        refuse(path, "[post] page", "must be https://… with {number} in it, or empty")
    if mail.port not in PORTS:
        refuse(path, "[mail] port", f"must be 1 to 65535, not {mail.port}")
    if mail.host and "@" not in mail.sender:
        refuse(path, "[mail] sender", f"must be a mail address, not {mail.sender!r}")
    if bool(mail.username) != bool(mail.password_file):
        refuse(path, "[mail] username", "and password_file come together")
    if mail.username and not mail.starttls and mail.host not in _LOOPBACK:
        refuse(path, "[mail] starttls", "must be true where a password is sent to another machine")


def _check_fonts(path: Path, settings: Settings) -> None:
    """The folder is there and holds a typeface; what it lacks is set in the one that comes with us."""
    if not settings.pdf_font_folder:
        return
    folder = settings.file(settings.pdf_font_folder)
    if not folder.is_dir():
        refuse(path, "pdf_font_folder", f"names {folder}, which is no folder; leave it out to set PDFs in Pretendard GOV")
    if not any(file.suffix.lower() in _FONT_FILES for file in folder.iterdir()):
        refuse(path, "pdf_font_folder", f"names {folder}, in which lies no font: no .otf, .ttf, .otc or .ttc file")


def _check_sms(path: Path, sms: Sms, name: str = "sms") -> None:
    """The keys of this provider are there together, and none of another's."""
    if sms.provider not in SMS_KEYS:
        refuse(path, f"[{name}] provider", f"must be one of {', '.join(sorted(SMS_KEYS))}, not {sms.provider!r}")
    if sms.address:
        _check_address(path, f"[{name}] base_url", sms.address)
    own = SMS_KEYS[sms.provider]
    for other, keys in SMS_KEYS.items():
        for key in keys:
            if getattr(sms, key) and key not in own:
                taken = " and ".join(own)
                refuse(path, f"[{name}] {key}", f"belongs to provider {other!r}; provider {sms.provider!r} takes {taken}")
    if sms.provider == "webhook":
        if not (sms.base_url and sms.secret_key_file):
            refuse(path, f"[{name}] provider", "'webhook' needs base_url and secret_key_file beside it")
        return
    if sms.provider == "nhn":
        if sms.app_key and not (sms.secret_key_file and sms.sender):
            refuse(path, f"[{name}] app_key", "needs secret_key_file and sender beside it")
        return
    missing = [key for key in (*own, "secret_key_file", "sender") if not getattr(sms, key)]
    if missing:
        refuse(path, f"[{name}] provider", f"{sms.provider!r} needs {' and '.join(missing)} beside it")
    for key in own:
        if not _SMS_KEY.fullmatch(getattr(sms, key)):
            refuse(path, f"[{name}] {key}", "must be the letters, digits, colons and hyphens that the provider's console shows")
    if not _SENDER.fullmatch(sms.sender):
        refuse(path, f"[{name}] sender", f"must be a number of digits and hyphens, not {sms.sender!r}")


def _check_talk(path: Path, talk: Talk) -> None:
    """The keys of this provider are there together, and none of another's."""
    given = [key for keys in TALK_KEYS.values() for key in keys if getattr(talk, key)]
    if not talk.provider and not given:
        return
    if talk.provider not in TALK_KEYS:
        refuse(path, "[alimtalk] provider", f"must be one of {', '.join(sorted(TALK_KEYS))}, not {talk.provider!r}")
    _check_address(path, "[alimtalk] base_url", talk.address)
    own = TALK_KEYS[talk.provider]
    for key in given:
        if key not in own:
            refuse(path, f"[alimtalk] {key}", f"is not of provider {talk.provider!r}, which takes {' and '.join(own)}")
        if not _SMS_KEY.fullmatch(getattr(talk, key)):
            refuse(
                path, f"[alimtalk] {key}", "must be the letters, digits, colons and hyphens that the provider's console shows"
            )
    missing = [key for key in (*own, "secret_key_file", "sender") if not getattr(talk, key)]
    if missing:
        refuse(path, "[alimtalk] provider", f"{talk.provider!r} needs {' and '.join(missing)} beside it")
    if not _SENDER.fullmatch(talk.sender):
        refuse(path, "[alimtalk] sender", f"must be a number of digits and hyphens, not {talk.sender!r}")


def _check_sim_swap(path: Path, settings: Settings) -> None:
    """Everything that it takes to ask, or nothing."""
    sim = settings.sim_swap
    needed = ("base_url", "token_url", "client_id", "secret_file", "decoy")
    given = [key for key in needed if getattr(sim, key)]
    if given and len(given) < len(needed):
        missing = " and ".join(key for key in needed if key not in given)
        refuse(path, f"[sim_swap] {given[0]}", f"needs {missing} beside it")
    if sim.on_failure not in _ON_FAILURE:
        refuse(path, "[sim_swap] on_failure", f"must be one of {', '.join(_ON_FAILURE)}, not {sim.on_failure!r}")
    if sim.hours not in _SIM_HOURS:
        refuse(path, "[sim_swap] hours", f"must be {_SIM_HOURS.start} to {_SIM_HOURS.stop - 1}, not {sim.hours}")
    if not _SIM_VERSION.fullmatch(sim.version):
        refuse(path, "[sim_swap] version", f"must be as in the gateway's address, such as v1, not {sim.version!r}")
    if not given:
        return
    _check_address(path, "[sim_swap] base_url", sim.base_url)
    _check_address(path, "[sim_swap] token_url", sim.token_url)
    _check_secret(path, "[sim_swap] secret_file", settings, sim.secret_file)
    try:
        to_mobile(sim.decoy)
    except Invalid:
        refuse(path, "[sim_swap] decoy", "must be a mobile number of your own, such as +821012345678")


def _check_identity(path: Path, name: str, one: Identity, settings: Settings) -> None:
    where = f"[identity.{name}]"
    if not _IDENTITY_NAME.fullmatch(name):
        refuse(path, where, "must be named by lower-case letters, digits, hyphens, at most 20")
    if one.type not in IDENTITY_KEYS:
        refuse(path, f"{where} type", f"must be one of {', '.join(sorted(IDENTITY_KEYS))}, not {one.type!r}")
    needed, allowed = IDENTITY_KEYS[one.type]
    for key in (key.name for key in fields(Identity) if key.name not in _EVERY_IDENTITY):
        value = getattr(one, key)
        if value and key not in {*needed, *allowed}:
            refuse(path, f"{where} {key}", f"belongs to another type; {one.type!r} takes {', '.join((*needed, *allowed))}")
        if not value and key in needed:
            refuse(path, f"{where} {key}", f"is needed for type {one.type!r}")
        if value and key.endswith("_url"):
            _check_address(path, f"{where} {key}", value)
    for key, choices in _IDENTITY_CHOICES.items():
        value = getattr(one, key)
        chosen = {part.strip() for part in value.split(",")} if key in _SEVERAL else {value}
        if value and not chosen <= choices:
            refuse(path, f"{where} {key}", f"must be of {', '.join(sorted(choices))}, not {value!r}")
    if one.method == Method.AGENCY and not (one.level and one.assurance.rank >= Assurance.SUBSTANTIAL.rank):
        refuse(path, f"{where} method", "= 'agency' says that identities are proofed there: level must be substantial or high")
    _check_sign_in(path, where, one)
    _check_secret(path, f"{where} secret_file", settings, one.secret_file)
    if one.pinned_folder and not settings.file(one.pinned_folder).is_dir():
        refuse(path, f"{where} pinned_folder", f"names {settings.file(one.pinned_folder)}, which is not there")


def _check_sign_in(path: Path, where: str, one: Identity | StaffSignOn) -> None:
    """What is asked of a sign-in at an OpenID provider."""
    if not 0 <= one.max_age <= _LONGEST_AGE_S:
        refuse(path, f"{where} max_age", f"must be seconds, at most a year of them, not {one.max_age}")
    if one.acr and not _ACR.fullmatch(one.acr):
        refuse(path, f"{where} acr", f"must be values with single spaces between, not {one.acr!r}")


def _check_staff_sign_on(path: Path, settings: Settings) -> None:
    one, where = settings.staff_sign_on, "[staff_sign_on]"
    if one == StaffSignOn():
        return
    for key in ("base_url", "client_id", "secret_file", "staff_claim"):
        if not getattr(one, key):
            refuse(path, f"{where} {key}", "is needed")
    _check_address(path, f"{where} base_url", one.base_url)
    _check_secret(path, f"{where} secret_file", settings, one.secret_file)
    if not _CLAIM.fullmatch(one.staff_claim):
        refuse(path, f"{where} staff_claim", f"must be the name of a claim, not {one.staff_claim!r}")
    if one.mfa_acr and not _ACR.fullmatch(one.mfa_acr):
        refuse(path, f"{where} mfa_acr", f"must be values with single spaces between, not {one.mfa_acr!r}")
    if one.mfa_acr and not one.trusts_mfa:
        refuse(path, f"{where} mfa_acr", "says nothing without trusts_mfa = true")
    _check_sign_in(path, where, one)


def _check_scanner(path: Path, address: str) -> None:
    """On this machine: files go there before they are covered, and the protocol hides nothing."""
    url = split(path, "[scanner] address", address)
    local = url.scheme == "unix" and not url.netloc and len(url.path) > 1
    port = url.scheme == "tcp" and url.hostname in _LOOPBACK and url.port is not None and url.username is None and not url.path
    if address and not local and not port:
        expected = "unix:///run/clamav/clamd.ctl, or tcp://127.0.0.1:3310"
        refuse(path, "[scanner] address", f"must be a socket or port of this machine, such as {expected}, not {address!r}")


def split(path: Path, key: str, value: str) -> SplitResult:
    """The parts of an address."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        refuse(path, key, "is not an address")
    return parts


def _check_address(path: Path, key: str, value: str, *, plain: bool = False) -> None:
    """https, or http on this machine; `plain`: the other side offers nothing better."""
    url = split(path, key, value)
    if url.scheme not in {"http", "https"} or not url.hostname or url.username is not None:
        refuse(path, key, f"must be https://…, not {value!r}")
    if url.scheme == "http" and not plain and url.hostname not in _LOOPBACK:
        refuse(path, key, "must be https:// except on this machine itself")


def _check_proxies(path: Path, value: str) -> None:
    for one in value.split(","):
        try:
            ip_network(one.strip(), strict=False)
        except ValueError:
            refuse(path, "trusted_proxies", f"must be addresses or networks with commas between, not {one.strip()!r}")


def _check_schedule(path: Path, value: str) -> None:
    fields_ = value.split()
    numbers = [[int(n) for n in re.findall(r"(?<!/)\b[0-9]{1,3}", field)] for field in fields_]
    shaped = all(
        re.fullmatch(r"(\*|[0-9]{1,2}(-[0-9]{1,2})?)(/[1-9][0-9]?)?(,[0-9]{1,2}(-[0-9]{1,2})?)*", one) for one in fields_
    )
    if (
        len(fields_) != len(_CRON)
        or not shaped
        or any(n not in allowed for allowed, found in zip(_CRON, numbers, strict=True) for n in found)
    ):
        refuse(path, "[post] schedule", f"must be cron with seconds, such as '0 */10 * * * *', not {value!r}")


def _check_secret(path: Path, key: str, settings: Settings, name: str) -> None:
    if not name:
        return
    file = settings.file(name)
    if not file.is_file():
        refuse(path, key, f"names {file}, which is not there")
    try:
        text = file.read_text(encoding="ascii").strip()
    except OSError as error:
        refuse(path, key, f"names {file}, which cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        text = ""
    if not text or len(text.split()) != 1:
        refuse(path, key, f"names {file}, which must hold one line of ASCII without spaces")
