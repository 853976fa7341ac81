"""What every answer of the sandbox carries, and who may post to it."""

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

OPEN: Final = frozenset({"/CheckPlusSafeModel/service.cb"})
"""Where other sites' pages post to, as they do to the real service; what they post is sealed."""


class Fence:
    """Sets a strict content policy on all answers and refuses what another site's page posts here."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer 403."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = POLICY
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        headers = Headers(scope=scope)
        origin = headers.get("origin")
        outside = origin is not None and urlsplit(origin).netloc != headers.get("host")
        if scope["method"] == "POST" and outside and scope["path"] not in OPEN:
            await PlainTextResponse("another site may not post here", 403)(scope, receive, with_policy)
            return
        await self._app(scope, receive, with_policy)
