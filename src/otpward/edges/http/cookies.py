"""Our three cookies: the browser's own number, the session of each area, the language.

Over https their names begin with `__Host-`, so that no other host can set them (SP 800-63B §5.1.1, RFC 6265bis §4.1.3). Over
plain http, which settings allow on the loopback only, they cannot be Secure.
"""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from otpward.core.model.member import Area
from otpward.core.policy.rates import RECEIPT_LIFE
from otpward.ports.surroundings import Entropy

_SECRET_DIGITS: Final = 64
_YEAR_S: Final = 365 * 24 * 3600
_HEXADECIMAL: Final = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Cookies:
    """Reads and sets them; `secure` is whether people come over https."""

    secure: bool

    def _name(self, name: str) -> str:
        return f"__Host-otpward-{name}" if self.secure else f"otpward-{name}"

    def browser(self, request: Request, entropy: Entropy) -> tuple[str, bool]:
        """The browser's own secret number, and whether it is new."""
        value = request.cookies.get(self._name("browser"), "")
        if len(value) == _SECRET_DIGITS and _HEXADECIMAL.issuperset(value):
            return value, False
        return entropy.octets(_SECRET_DIGITS // 2).hex(), True

    def session(self, request: Request, area: Area) -> str:
        """The secret of the session in this area, or nothing."""
        return request.cookies.get(self._name(area), "")[:_SECRET_DIGITS]

    def set_browser(self, response: Response, value: str) -> None:
        """Keep the browser's number as long as a receipt can be seen again."""
        self._set(response, self._name("browser"), value, max_age=int(RECEIPT_LIFE.total_seconds()))

    def set_session(self, response: Response, area: Area, secret: str) -> None:
        """Keep a session's secret until the browser is closed; the server decides when it ends. Nothing forgets it."""
        if secret:
            self._set(response, self._name(area), secret, max_age=None)
        else:
            response.delete_cookie(self._name(area), path="/", secure=self.secure, httponly=True, samesite="lax")

    def set_language(self, response: Response, language: str) -> None:
        """Remember the language for a year."""
        self._set(response, "lang", language, max_age=_YEAR_S)

    def _set(self, response: Response, name: str, value: str, *, max_age: int | None) -> None:
        response.set_cookie(name, value, max_age=max_age, path="/", secure=self.secure, httponly=True, samesite="lax")
