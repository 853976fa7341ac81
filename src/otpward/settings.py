"""Settings: one TOML file in the data folder and a few environment variables, read once, checked whole, then frozen.

A key that is not known is refused, with the file, the key and what was expected. Secrets are never values here but names of
files.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any, ClassVar, Final, NoReturn, TypeVar
from urllib.parse import SplitResult, urlsplit

from otpward.core.errors import Invalid
from otpward.edges.http.theme import Theme

FILE: Final = "otpward.toml"
DATABASE: Final = "OTPWARD_DATABASE_URL"
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
_PROFILES: Final = frozenset({"production", "demo", "test"})
_CODE: Final = re.compile(r"[a-z0-9-]{0,40}")
_PORTS: Final = range(1, 65536)
_CRON: Final = tuple(range(low, high) for low, high in ((0, 60), (0, 60), (0, 24), (1, 32), (1, 13), (0, 8)))
"""Second, minute, hour, day, month, day of the week."""
S = TypeVar("S")


class BadSettings(Invalid):
    """A setting is unknown, of the wrong kind, or names something that is not there."""

    code: ClassVar[str] = "bad_settings"


SMS_ADDRESSES: Final[Mapping[str, str]] = {
    "nhn": "https://api-sms.cloud.toast.com",
    "sens": "https://sens.apigw.ntruss.com",
    "solapi": "https://api.solapi.com",
}
SMS_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "nhn": ("app_key",),
    "sens": ("access_key", "service_id"),
    "solapi": ("api_key",),
}
"""Which keys belong to which provider; a key of another one is refused, so that none is thought to work that is not read."""
_SMS_KEY: Final = re.compile(r"[A-Za-z0-9:._-]{1,128}")
_SENDER: Final = re.compile(r"[0-9-]{3,20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sms:
    """The SMS gateway: NHN Cloud, Naver SENS or Solapi. Without keys no text message is sent.

    Each provider has keys of its own (`SMS_KEYS`) beside `secret_key_file` and `sender`, which all have.
    """

    provider: str = "nhn"
    base_url: str = ""
    app_key: str = ""
    service_id: str = ""
    access_key: str = ""
    api_key: str = ""
    secret_key_file: str = ""
    sender: str = ""

    @property
    def address(self) -> str:
        """Where the gateway is asked: `base_url`, or the provider's own address."""
        return self.base_url or SMS_ADDRESSES[self.provider]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """The mail server. Without `host` no mail is sent."""

    host: str = ""
    port: int = 587
    sender: str = ""
    starttls: bool = True
    username: str = ""
    password_file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Parcel tracking (epost). Without `service_key_file` parcels are followed by hand. `schedule` is cron with seconds."""

    base_url: str = "http://openapi.epost.go.kr"
    service_key_file: str = ""
    schedule: str = "0 */10 * * * *"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One way to prove who one is, beside the phone code: `[identity.NAME]`. Which keys a type takes says `IDENTITY_KEYS`.

    NAME stands in addresses; `title_ko` and `title_en` are what people read.
    """

    type: str = ""
    title_ko: str = ""
    title_en: str = ""
    base_url: str = ""
    screen_url: str = ""
    auth_url: str = ""
    client_id: str = ""
    secret_file: str = ""
    product_id: str = ""
    services: str = ""
    store_id: str = ""
    channel_key: str = ""
    way: str = ""
    our_address: str = ""
    link_id: str = ""
    client_code: str = ""
    app: str = ""
    call_center: str = ""
    pinned_folder: str = ""
    policies: str = ""
    hosts: str = ""
    issuers: str = ""

    def title(self, language: str, name: str) -> str:
        """What it is called; without a title its name."""
        return (self.title_ko if language == "ko" else self.title_en) or self.title_ko or self.title_en or name


_EVERY_IDENTITY: Final = frozenset({"type", "title_ko", "title_en"})
IDENTITY_KEYS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "nice_v2": (("client_id", "secret_file"), ("base_url", "services")),
    "nice_v1": (("client_id", "secret_file", "product_id"), ("base_url", "screen_url")),
    "portone": (("channel_key", "secret_file", "our_address"), ("base_url", "store_id", "way")),
    "barocert": (("link_id", "secret_file", "client_code", "app"), ("base_url", "auth_url", "call_center")),
    "oidc": (("base_url", "client_id", "secret_file"), ("hosts",)),
    "certificate": (("pinned_folder", "policies", "hosts"), ("issuers",)),
}
"""For each type the keys it must have, and those it may have; any other is refused, lest one is thought to work."""
_IDENTITY_CHOICES: Final[Mapping[str, frozenset[str]]] = {
    "services": frozenset({"phone", "ipin"}),
    "way": frozenset({"SMS", "APP"}),
    "app": frozenset({"KAKAO", "NAVER", "PASS"}),
}
_IDENTITY_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,19}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set. `database_url` empty is the SQLite file in the data folder."""

    data: Path
    profile: str = "production"
    institution: str = ""
    public_url: str = "http://127.0.0.1:8080"
    database_url: str = ""
    master_key_file: str = "keys/master.key"
    trusted_proxies: str = "127.0.0.1"
    primary_color: str = "#0b50d0"
    sandbox_url: str = ""
    sms: Sms = field(default_factory=Sms)
    mail: Mail = field(default_factory=Mail)
    post: Post = field(default_factory=Post)
    identity: Mapping[str, Identity] = field(default_factory=dict)

    def file(self, name: str) -> Path:
        """A file that a setting names: relative names lie in the data folder."""
        return self.data / name

    @property
    def database(self) -> str:
        """The address of the database, as SQLAlchemy reads it."""
        return self.database_url or f"sqlite:///{self.data / 'otpward.db'}"


def read_settings(data: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this data folder.

    Raises:
        BadSettings: the file is missing or not TOML, a key is unknown, a value is not what it must be.
    """
    environ = os.environ if environment is None else environment
    path = data / FILE
    try:
        with path.open("rb") as source:
            written = tomllib.load(source)
    except FileNotFoundError:
        raise BadSettings(f"{path} is missing; make it with `otpward init`") from None
    except OSError as error:
        raise BadSettings(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(f"{path} is not TOML: {error}") from None
    given = dict(written)
    parts = {name: _section(path, name, kind, given.pop(name, {})) for name, kind in _SECTIONS.items()}
    parts["identity"] = _identities(path, given.pop("identity", {}))
    if "data" in given:
        raise BadSettings(f"{path}: data is not a setting; use --data or OTPWARD_DATA")
    settings = _section(path, "", Settings, {**given, "data": data, **parts})
    _check(path, settings)
    if url := environ.get(DATABASE):
        return replace(settings, database_url=_database(f"{DATABASE} in the environment", "it", url))
    split = _split(path, "database_url", settings.database_url)
    if split.password is not None or "password=" in split.query:
        _refuse(path, "database_url", f"must not hold a password; put it into {DATABASE}, or name a file by ?passfile=")
    return replace(settings, database_url=_database(str(path), "database_url", settings.database_url))


_SECTIONS: Final[Mapping[str, type[Any]]] = {"sms": Sms, "mail": Mail, "post": Post}


def _identities(path: Path, given: Any) -> Mapping[str, Identity]:
    if not isinstance(given, dict):
        _refuse(path, "[identity]", "must be tables, such as [identity.nice]")
    return {name: _section(path, f"identity.{name}", Identity, table) for name, table in given.items()}


def _section(path: Path, name: str, kind: type[S], given: Any) -> S:
    if not isinstance(given, dict):
        raise BadSettings(f"{path}: [{name}] must be a table", field=name)
    known = {one.name: one.type for one in fields(kind)}  # type: ignore[arg-type]
    where = f"[{name}] " if name else ""
    for key, value in given.items():
        if key not in known:
            expected = ", ".join(sorted(set(known) - {"data"}))
            raise BadSettings(f"{path}: {where}{key} is not a setting; expected one of {expected}", field=key)
        wanted = known[key]
        if isinstance(wanted, type) and (not isinstance(value, wanted) or (wanted is int and isinstance(value, bool))):
            words = {str: "text in quotes", int: "a whole number", bool: "true or false"}
            raise BadSettings(f"{path}: {where}{key} must be {words.get(wanted, wanted.__name__)}, not {value!r}", field=key)
    return kind(**given)


def _refuse(path: Path, key: str, problem: str) -> NoReturn:
    raise BadSettings(f"{path}: {key} {problem}", field=key)


def _check(path: Path, settings: Settings) -> None:
    """What no type says. Each refusal names the file, the key and what was expected."""
    sms, mail, post = settings.sms, settings.mail, settings.post
    if settings.profile not in _PROFILES:
        _refuse(path, "profile", f"must be one of {', '.join(sorted(_PROFILES))}, not {settings.profile!r}")
    if not _CODE.fullmatch(settings.institution):
        _refuse(path, "institution", f"must be a code of lower-case letters, digits, hyphens, not {settings.institution!r}")
    _check_address(path, "public_url", settings.public_url)
    _check_proxies(path, settings.trusted_proxies)
    try:
        Theme(primary=settings.primary_color)
    except Invalid as error:
        _refuse(path, "primary_color", f"cannot be used: {error}")
    if not settings.master_key_file:
        _refuse(path, "master_key_file", "must name a file")
    _check_secret(path, "[sms] secret_key_file", settings, sms.secret_key_file)
    _check_secret(path, "[mail] password_file", settings, mail.password_file)
    _check_secret(path, "[post] service_key_file", settings, post.service_key_file)
    _check_sms(path, sms)
    for name, one in settings.identity.items():
        _check_identity(path, name, one, settings)
    _check_address(path, "[post] base_url", post.base_url, plain=True)
    _check_schedule(path, post.schedule)
    if mail.port not in _PORTS:
        _refuse(path, "[mail] port", f"must be 1 to 65535, not {mail.port}")
    if mail.host and "@" not in mail.sender:
        _refuse(path, "[mail] sender", f"must be a mail address, not {mail.sender!r}")
    if bool(mail.username) != bool(mail.password_file):
        _refuse(path, "[mail] username", "and password_file come together")
    if mail.username and not mail.starttls and mail.host not in _LOOPBACK:
        _refuse(path, "[mail] starttls", "must be true where a password is sent to another machine")


def _check_sms(path: Path, sms: Sms) -> None:
    """The keys of this provider are there together, and none of another's."""
    if sms.provider not in SMS_KEYS:
        _refuse(path, "[sms] provider", f"must be one of {', '.join(sorted(SMS_KEYS))}, not {sms.provider!r}")
    _check_address(path, "[sms] base_url", sms.address)
    own = SMS_KEYS[sms.provider]
    for other, keys in SMS_KEYS.items():
        for key in keys:
            if getattr(sms, key) and key not in own:
                taken = " and ".join(own)
                _refuse(path, f"[sms] {key}", f"belongs to provider {other!r}; provider {sms.provider!r} takes {taken}")
    if sms.provider == "nhn":
        if sms.app_key and not (sms.secret_key_file and sms.sender):
            _refuse(path, "[sms] app_key", "needs secret_key_file and sender beside it")
        return
    missing = [key for key in (*own, "secret_key_file", "sender") if not getattr(sms, key)]
    if missing:
        _refuse(path, "[sms] provider", f"{sms.provider!r} needs {' and '.join(missing)} beside it")
    for key in own:
        if not _SMS_KEY.fullmatch(getattr(sms, key)):
            _refuse(path, f"[sms] {key}", "must be the letters, digits, colons and hyphens that the provider's console shows")
    if not _SENDER.fullmatch(sms.sender):
        _refuse(path, "[sms] sender", f"must be a number of digits and hyphens, not {sms.sender!r}")


def _check_identity(path: Path, name: str, one: Identity, settings: Settings) -> None:
    where = f"[identity.{name}]"
    if not _IDENTITY_NAME.fullmatch(name):
        _refuse(path, where, "must be named by lower-case letters, digits, hyphens, at most 20")
    if one.type not in IDENTITY_KEYS:
        _refuse(path, f"{where} type", f"must be one of {', '.join(sorted(IDENTITY_KEYS))}, not {one.type!r}")
    needed, allowed = IDENTITY_KEYS[one.type]
    for key in (key.name for key in fields(Identity) if key.name not in _EVERY_IDENTITY):
        value = getattr(one, key)
        if value and key not in {*needed, *allowed}:
            _refuse(path, f"{where} {key}", f"belongs to another type; {one.type!r} takes {', '.join((*needed, *allowed))}")
        if not value and key in needed:
            _refuse(path, f"{where} {key}", f"is needed for type {one.type!r}")
        allowed_here = _IDENTITY_CHOICES.get(key)
        if value and allowed_here is not None and not {part.strip() for part in value.split(",")} <= allowed_here:
            _refuse(path, f"{where} {key}", f"must be of {', '.join(sorted(allowed_here))}, not {value!r}")
        if value and key.endswith("_url"):
            _check_address(path, f"{where} {key}", value)
    _check_secret(path, f"{where} secret_file", settings, one.secret_file)
    if one.pinned_folder and not settings.file(one.pinned_folder).is_dir():
        _refuse(path, f"{where} pinned_folder", f"names {settings.file(one.pinned_folder)}, which is not there")


def _split(path: Path, key: str, value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        _refuse(path, key, "is not an address")
    return parts


def _check_address(path: Path, key: str, value: str, *, plain: bool = False) -> None:
    """https, or http on this machine; `plain`: the other side offers nothing better."""
    url = _split(path, key, value)
    if url.scheme not in {"http", "https"} or not url.hostname or url.username is not None:
        _refuse(path, key, f"must be https://…, not {value!r}")
    if url.scheme == "http" and not plain and url.hostname not in _LOOPBACK:
        _refuse(path, key, "must be https:// except on this machine itself")


def _check_proxies(path: Path, value: str) -> None:
    for one in value.split(","):
        try:
            ip_network(one.strip(), strict=False)
        except ValueError:
            _refuse(path, "trusted_proxies", f"must be addresses or networks with commas between, not {one.strip()!r}")


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
        _refuse(path, "[post] schedule", f"must be cron with seconds, such as '0 */10 * * * *', not {value!r}")


def _check_secret(path: Path, key: str, settings: Settings, name: str) -> None:
    if not name:
        return
    file = settings.file(name)
    if not file.is_file():
        _refuse(path, key, f"names {file}, which is not there")
    try:
        text = file.read_text(encoding="ascii").strip()
    except OSError as error:
        _refuse(path, key, f"names {file}, which cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        text = ""
    if not text or len(text.split()) != 1:
        _refuse(path, key, f"names {file}, which must hold one line of ASCII without spaces")


def _database(where: str, key: str, url: str) -> str:
    """A database address as people write it, with the driver we use; its password is never repeated."""
    if not url:
        return url
    scheme, separator, rest = url.partition("://")
    if separator and scheme in {"postgres", "postgresql", "postgresql+psycopg"}:
        try:
            port_is_fine = urlsplit(url).port is None or urlsplit(url).port in _PORTS
        except ValueError:
            port_is_fine = False
        if port_is_fine and rest.strip("/"):
            return f"postgresql+psycopg://{rest}"
    if scheme == "sqlite" and rest.startswith("//") and len(rest) > len("//"):
        return url
    raise BadSettings(f"{where}: {key} must be postgresql://user@host/database, or sqlite:////whole/path", field="database_url")
