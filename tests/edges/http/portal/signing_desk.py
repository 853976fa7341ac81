"""The page on which a certificate signs, served alone under our policy; what it sends is kept, and so is every request."""

import contextlib
import socket
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field

import uvicorn
from playwright.sync_api import Page, Request
from starlette.applications import Starlette
from starlette.requests import Request as Asked
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from otpward.edges.http.assets import Assets
from otpward.edges.http.pages import Chrome, Pages

CHALLENGE = "otpward\r\n새 OTP 신청 2026-11-23\n0123456789abcdef\n".encode()
PATH = "/prove/certificate"
COMPANIES = "/prove/certificate/companies"
"""The same page of an institution that takes certificates of companies."""


@dataclass
class Desk:
    """Where it answers, and what came."""

    site: str = ""
    sent: list[dict[str, str]] = field(default_factory=list)

    def app(self) -> Starlette:
        """The page, the text to sign, and what takes the signature."""
        assets = Assets()
        pages = Pages(assets)

        def show(request: Asked) -> Response:
            lang = request.query_params.get("lang", "ko")
            return pages.render(
                "portal/prove_identity/certificate.html",
                chrome=Chrome(lang=lang, institution="한빛", phone="1588-0000", csrf="token-of-this-form", path=PATH),
                action=PATH,
                challenge=b64encode(CHALLENGE).decode(),
                download=f"{PATH}/challenge",
                issuers=["yessign", "KICA"],
                companies=["1.2.410.200005.1.1.5"] if request.url.path == COMPANIES else [],
                back="/prove",
            )

        async def take(request: Asked) -> Response:
            async with request.form() as form:
                self.sent.append(
                    {
                        name: value if isinstance(value, str) else (await value.read()).hex(" ")
                        for name, value in form.multi_items()
                    }
                )
            return PlainTextResponse("taken")

        def challenge(_request: Asked) -> Response:
            return Response(CHALLENGE, media_type="application/octet-stream")

        def nothing(_request: Asked) -> Response:
            return Response(status_code=204)

        own = [
            Route("/favicon.ico", nothing),
            Route(PATH, show),
            Route(COMPANIES, show),
            Route(PATH, take, methods=["POST"]),
            Route(f"{PATH}/challenge", challenge),
        ]
        return Starlette(routes=[*own, *assets.routes()])


@contextlib.contextmanager
def signing_desk() -> Iterator[Desk]:
    """Serve it on a port of its own."""
    desk = Desk()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        desk.site = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(desk.app(), log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield desk
        server.should_exit = True
        thread.join()


@dataclass
class Visitor:
    """Somebody with the page open: what the browser asked for, and what it complained of."""

    page: Page
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note all of it from now on."""
        self.page.on("request", self._note)
        self.page.on("console", lambda one: self.complaints.append(one.text))
        self.page.on("pageerror", lambda one: self.complaints.append(str(one)))

    def _note(self, one: Request) -> None:
        # The browser asks for its tab's picture whenever it likes.
        if "favicon" not in one.url:
            self.requests.append((one.method, one.url, one.post_data or ""))
