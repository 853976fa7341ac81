"""What an OpenID provider says of itself: read from its own address, believed only about its own address, kept for an hour."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import msgspec

from otpward.adapters.identity.visit import Visit, read
from otpward.core.errors import Invalid, Unavailable
from otpward.core.formats.jws import Key, read_keys

KEPT: Final = timedelta(hours=1)
AGAIN_AFTER: Final = timedelta(seconds=10)
"""A token with an unknown key makes us look for new keys; not more often than this, whatever comes."""

LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


class _Document(msgspec.Struct):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    scopes_supported: tuple[str, ...] = ()
    authorization_response_iss_parameter_supported: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Where to send the person, and where to ask. `names_itself`: the answer by browser carries `iss` (RFC 9207)."""

    authorization: str
    token: str
    keys: str
    person: str
    by_basic: bool
    names_itself: bool
    scopes: tuple[str, ...]
    """Those it says it knows; some refuse a request with any other. Empty where it does not say."""


class Discovery:
    """One provider's endpoints and keys.

    A document that names an address elsewhere is refused: it would send our secret, our requests or our members there. Where a
    provider does spread over several hosts, the others are in the settings.
    """

    def __init__(self, issuer: str, *, other_origins: frozenset[str] = frozenset()) -> None:
        self.issuer = issuer
        self._allowed = {origin(each) for each in (issuer, *other_origins)}
        self._endpoints: tuple[Endpoints, datetime] | None = None
        self._keys: tuple[tuple[Key, ...], datetime] | None = None

    def endpoints(self, visit: Visit, now: datetime) -> Endpoints:
        """As discovered within the last hour (OpenID Connect Discovery 1.0 §4).

        Raises:
            Unavailable: no such document, or one that cannot be believed.
        """
        if self._endpoints is not None and now - self._endpoints[1] < KEPT:
            return self._endpoints[0]
        answer = visit.ask("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if answer.status != 200:
            raise Unavailable(f"the sign-on describes itself with {answer.status}")
        told = read(answer.body, _Document)
        if told.issuer != self.issuer:
            raise Unavailable("the sign-on describes another issuer")
        addresses = (told.authorization_endpoint, told.token_endpoint, told.jwks_uri, told.userinfo_endpoint)
        for address in filter(None, addresses):
            self._own(address)
        if not {"client_secret_basic", "client_secret_post"} & set(told.token_endpoint_auth_methods_supported):
            raise Unavailable("the sign-on takes no client secret")
        found = Endpoints(
            authorization=told.authorization_endpoint,
            token=told.token_endpoint,
            keys=told.jwks_uri,
            person=told.userinfo_endpoint,
            by_basic="client_secret_basic" in told.token_endpoint_auth_methods_supported,
            names_itself=told.authorization_response_iss_parameter_supported,
            scopes=told.scopes_supported,
        )
        self._endpoints = (found, now)
        return found

    def keys(self, visit: Visit, now: datetime, *, unknown: bool = False) -> tuple[Key, ...]:
        """The keys it signs with; with `unknown`, looked up anew since it signed with one that we do not know.

        Raises:
            Unavailable: no keys to be had.
        """
        lasting = AGAIN_AFTER if unknown else KEPT
        if self._keys is not None and now - self._keys[1] < lasting:
            return self._keys[0]
        answer = visit.ask("GET", self.endpoints(visit, now).keys)
        keys = read_keys(answer.body) if answer.status == 200 else None
        if not keys:
            raise Unavailable("the sign-on shows no keys")
        self._keys = (keys, now)
        return keys

    def _own(self, address: str) -> None:
        try:
            where = origin(address)
        except Invalid:
            where = ""
        if where not in self._allowed:
            raise Unavailable("the sign-on names an address that is not its own")


def origin(address: str) -> str:
    """Scheme, host and port of an address that a secret may be sent to.

    Raises:
        Invalid: not https (but for this very machine), or with a user or a fragment in it.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise Invalid("this is not an address", field="issuer") from None
    host = parts.hostname or ""
    plain = parts.scheme == "http" and host in LOOPBACK
    odd = any(sign in address for sign in "\\@#") or not address.isascii() or not address.isprintable() or " " in address
    if not host or odd or not (parts.scheme == "https" or plain):
        raise Invalid("a sign-on has an https address", field="issuer")
    return f"{parts.scheme}://{host}:{port or (443 if parts.scheme == 'https' else 80)}"
