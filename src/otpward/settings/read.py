"""The file is read, section by section, and checked whole."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from otpward.settings.checks import PORTS, BadSettings, check, refuse, split
from otpward.settings.sections import Identity, Mail, Post, Scanner, Settings, SimSwap, Sms, StaffSignOn, Talk

FILE: Final = "otpward.toml"
DATABASE: Final = "OTPWARD_DATABASE_URL"
S = TypeVar("S")


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
    parts = {name: _section(path, name, kind, given.pop(name, {})) for name, kind in SECTIONS.items()}
    parts["identity"] = _identities(path, given.pop("identity", {}))
    if "data" in given:
        raise BadSettings(f"{path}: data is not a setting; use --data or OTPWARD_DATA")
    settings = _section(path, "", Settings, {**given, "data": data, **parts})
    check(path, settings)
    if url := environ.get(DATABASE):
        return replace(settings, database_url=_database(f"{DATABASE} in the environment", "it", url))
    address = split(path, "database_url", settings.database_url)
    if address.password is not None or "password=" in address.query:
        refuse(path, "database_url", f"must not hold a password; put it into {DATABASE}, or name a file by ?passfile=")
    return replace(settings, database_url=_database(str(path), "database_url", settings.database_url))


SECTIONS: Final[Mapping[str, type[Any]]] = {
    "sms": Sms,
    "sms_second": Sms,
    "alimtalk": Talk,
    "mail": Mail,
    "post": Post,
    "sim_swap": SimSwap,
    "staff_sign_on": StaffSignOn,
    "scanner": Scanner,
}


def _identities(path: Path, given: Any) -> Mapping[str, Identity]:
    if not isinstance(given, dict):
        refuse(path, "[identity]", "must be tables, such as [identity.nice]")
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


def _database(where: str, key: str, url: str) -> str:
    """A database address as people write it, with the driver we use; its password is never repeated."""
    if not url:
        return url
    scheme, separator, rest = url.partition("://")
    if separator and scheme in {"postgres", "postgresql", "postgresql+psycopg"}:
        try:
            port_is_fine = urlsplit(url).port is None or urlsplit(url).port in PORTS
        except ValueError:
            port_is_fine = False
        if port_is_fine and rest.strip("/"):
            return f"postgresql+psycopg://{rest}"
    if scheme == "sqlite" and rest.startswith("//") and len(rest) > len("//"):
        return url
    raise BadSettings(f"{where}: {key} must be postgresql://user@host/database, or sqlite:////whole/path", field="database_url")
