"""SIM Swap of CAMARA (GSMA Open Gateway): the carrier says whether the SIM behind a number was changed lately.

Two-legged: OAuth 2.0 client credentials (RFC 6749 §4.4), the number in the request. What the gateway calls an error, an unknown
number among them, is no answer here: nobody can say.
"""

import base64
import threading
import time
from datetime import timedelta
from typing import Final
from urllib.parse import quote, urlencode

import httpx
import msgspec

from otpward.adapters.identity.visit import Visit, read, write
from otpward.core.errors import Unavailable
from otpward.core.secret import Personal, Secret

CHECK_S: Final = 2.0
"""For the token and the answer together; a member waits for it before every code."""
HOURS: Final = range(1, 2401)
"""`maxAge` of the interface."""
SOON_S: Final = 30.0
"""A token that is about to end is not used any more."""
_FORM: Final = "application/x-www-form-urlencoded"


class _Token(msgspec.Struct):
    access_token: str
    expires_in: float = 0.0


class _Checked(msgspec.Struct):
    swapped: bool


class SimSwapGateway:
    """Our account at one gateway. It may be asked from many threads."""

    def __init__(
        self,
        *,
        base_url: str,
        token_url: str,
        client_id: str,
        secret: Secret,
        http: httpx.Client,
        version: str = "v1",
        scope: str = "sim-swap:check",
        whole_s: float = CHECK_S,
    ) -> None:
        self._check_url = f"{base_url.rstrip('/')}/sim-swap/{version}/check"
        self._token_url = token_url
        self._client_id = client_id
        self._secret = secret
        self._http = http
        self._scope = scope
        self._whole_s = whole_s
        self._lock = threading.Lock()
        self._token: tuple[str, float] | None = None

    def sim_changed(self, phone: Personal, *, within: timedelta) -> bool:
        """Ask about this number, in whole hours.

        Raises:
            Unavailable: no answer in two seconds, or an error of theirs.
        """
        visit = Visit(self._http, self._whole_s)
        hours = min(max(int(within.total_seconds()) // 3600, HOURS.start), HOURS.stop - 1)
        body = write({"phoneNumber": phone.reveal(), "maxAge": hours})
        token = self._bearer(visit)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        answer = visit.ask("POST", self._check_url, headers=headers, content=body)
        if answer.status == 401:
            self._forget(token)
        if answer.status != 200:
            raise Unavailable(f"the carrier does not say whether the SIM was changed: {answer.status}")
        return read(answer.body, _Checked).swapped

    def _bearer(self, visit: Visit) -> str:
        kept = self._token
        if kept is not None and time.monotonic() < kept[1]:
            return kept[0]
        answer = visit.ask(
            "POST",
            self._token_url,
            headers={"Authorization": f"Basic {self._credentials()}", "Content-Type": _FORM},
            content=urlencode({"grant_type": "client_credentials", "scope": self._scope}).encode(),
        )
        if answer.status != 200:
            raise Unavailable(f"the carrier gives no token: {answer.status}")
        token = read(answer.body, _Token)
        if not token.access_token.isascii() or not token.access_token.isprintable():
            raise Unavailable("the carrier's token is not one")
        with self._lock:
            self._token = (token.access_token, time.monotonic() + token.expires_in - SOON_S)
        return token.access_token

    def _credentials(self) -> str:
        # RFC 6749 §2.3.1: each is form-encoded before they are joined.
        pair = f"{quote(self._client_id, safe='')}:{quote(self._secret.reveal().decode('ascii'), safe='')}"
        return base64.b64encode(pair.encode()).decode()

    def _forget(self, token: str) -> None:
        with self._lock:
            if self._token is not None and self._token[0] == token:
                self._token = None
