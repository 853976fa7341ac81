"""Linkhub's front door to Barocert: a token for our account, signed requests, sealed fields. All with one secret."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from otpward.adapters.bounded import Answer
from otpward.adapters.identity.visit import Visit, read, write
from otpward.core.errors import Invalid, Unavailable
from otpward.core.secret import Personal, Secret

TOKEN_VERSION: Final = "2.0"
API_VERSION: Final = "2.1"
SERVICE: Final = "BAROCERT"
IV_OCTETS: Final = 12
SECRET_OCTETS: Final = 32
FROM_ANYWHERE: Final = "*"
"""The token may be used from any address, as their SDK asks unless the account is tied to one."""

SOON: Final = timedelta(seconds=60)
"""A token that is about to end is not used any more."""


class _Token(msgspec.Struct):
    session_token: str
    expiration: datetime


class Linkhub:
    """Our account there."""

    def __init__(
        self,
        *,
        token_url: str,
        api_url: str,
        link_id: str,
        secret: Secret,
        scopes: tuple[str, ...],
        forwarded: str = FROM_ANYWHERE,
    ) -> None:
        self._token_url = token_url.rstrip("/")
        self._api_url = api_url.rstrip("/")
        self._link_id = link_id
        self._key = key_of(secret)
        self._scopes = scopes
        self._forwarded = forwarded
        self._token: _Token | None = None

    def seal(self, personal: Personal) -> str:
        """A field about a person, as only they can read it."""
        return sealed_field(personal.reveal(), self._key, secrets.token_bytes(IV_OCTETS))

    def look(self, visit: Visit, path: str, *, now: datetime) -> Answer:
        """GET; the token alone says who asks."""
        headers = {"Authorization": self._bearer(visit, now), "x-pb-version": API_VERSION}
        return self._known(visit.ask("GET", self._api_url + path, headers=headers))

    def post(self, visit: Visit, path: str, document: Mapping[str, object] | None, *, now: datetime) -> Answer:
        """POST, signed over the body, the moment and the path."""
        body, date = b"" if document is None else write(document), stamp(now)
        headers = {
            "Authorization": self._bearer(visit, now),
            "Content-Type": "application/json; charset=utf8",
            "x-bc-date": date,
            "x-bc-version": API_VERSION,
            "x-bc-encryptionmode": "GCM",
            "x-bc-auth": request_signature(self._key, body, date, path),
        }
        return self._known(visit.ask("POST", self._api_url + path, headers=headers, content=body))

    def _bearer(self, visit: Visit, now: datetime) -> str:
        if self._token is None or self._token.expiration - SOON <= now:
            body, date, path = write({"access_id": "", "scope": self._scopes}), stamp(now), f"/{SERVICE}/Token"
            signature = token_signature(self._key, body, date, self._forwarded, path)
            headers = {
                "Authorization": f"LINKHUB {self._link_id} {signature}",
                "Content-Type": "application/json",
                "x-lh-date": date,
                "x-lh-version": TOKEN_VERSION,
            }
            if self._forwarded:
                headers["x-lh-forwarded"] = self._forwarded
            answer = visit.ask("POST", self._token_url + path, headers=headers, content=body)
            if answer.status != 200:
                raise Unavailable(f"Linkhub gives no token: {answer.status}")
            token = read(answer.body, _Token)
            if token.expiration.tzinfo is None:
                raise Unavailable("Linkhub's token has no clear end")
            self._token = token
        return f"Bearer {self._token.session_token}"

    def _known(self, answer: Answer) -> Answer:
        if answer.status in (401, 403):
            self._token = None
            raise Unavailable(f"Barocert does not know us: {answer.status}")
        return answer


def key_of(secret: Secret) -> Secret:
    """The 32 octets that are handed out as base64.

    Raises:
        Invalid: the secret is something else.
    """
    try:
        octets = base64.b64decode(secret.reveal().strip(), validate=True)
    except binascii.Error:
        octets = b""
    if len(octets) != SECRET_OCTETS:
        raise Invalid("a Linkhub secret is 32 octets in base64", field="secret")
    return Secret(octets)


def token_signature(key: Secret, body: bytes, date: str, forwarded: str, path: str) -> str:
    """What goes with the request for a token."""
    lines = ["POST", digest(body), date, *([forwarded] if forwarded else []), TOKEN_VERSION, path]
    return mac(key, "\n".join(lines))


def request_signature(key: Secret, body: bytes, date: str, path: str) -> str:
    """`x-bc-auth`; a request without a body has no line for it."""
    lines = ["POST", *([digest(body)] if body else []), date, path]
    return mac(key, "".join(f"{line}\n" for line in lines))


def sealed_field(text: str, key: Secret, iv: bytes) -> str:
    """AES-256-GCM: IV, text and tag in one base64 (NIST SP 800-38D)."""
    return base64.b64encode(iv + AESGCM(key.reveal()).encrypt(iv, text.encode(), None)).decode("ascii")


def mac(key: Secret, text: str) -> str:
    """HMAC-SHA256 in base64."""
    return base64.b64encode(hmac.digest(key.reveal(), text.encode(), "sha256")).decode("ascii")


def digest(body: bytes) -> str:
    """SHA-256 in base64."""
    return base64.b64encode(hashlib.sha256(body).digest()).decode("ascii")


def stamp(now: datetime) -> str:
    """2026-11-23T09:00:00Z."""
    return f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
