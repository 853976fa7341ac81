"""The sandbox as one application, and how it is served."""

import asyncio
import functools
import socket
from pathlib import Path
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from otpward.core.errors import OtpwardError, Unavailable
from otpward.sandbox import devices, gateway, inbox, parcels, phone, post, questions, sens, solapi, talk, talk_pages
from otpward.sandbox.fence import Fence
from otpward.sandbox.identity import authority, barocert, nice_v1, nice_v2, oidc, portone, register, sim_swap
from otpward.sandbox.mailbox import receive_mail
from otpward.sandbox.pages import Pages, home, refused
from otpward.sandbox.world import World, allowed_profile

STATIC: Final = Path(__file__).parent / "static"


def build_sandbox(world: World) -> Starlette:
    """Join the rooms of the world into one application.

    Raises:
        Denied: the world's profile is neither demo nor test.
    """
    allowed_profile(world.profile)
    app = Starlette(
        routes=[
            Route("/", home),
            *inbox.ROUTES,
            *devices.ROUTES,
            *questions.ROUTES,
            *phone.ROUTES,
            *parcels.ROUTES,
            *gateway.ROUTES,
            *sens.ROUTES,
            *solapi.ROUTES,
            *talk.ROUTES,
            *talk_pages.ROUTES,
            *post.ROUTES,
            *barocert.routes(world),
            *oidc.routes(world),
            *portone.routes(world),
            *authority.routes(world),
            *register.ROUTES,
            *nice_v2.routes(world),
            *nice_v1.routes(world),
            *sim_swap.routes(world),
            Mount("/static", StaticFiles(directory=STATIC), name="static"),
        ],
        middleware=[Middleware(Fence)],
        exception_handlers={OtpwardError: refused, 404: refused, 405: refused},
    )
    app.state.world = world
    app.state.pages = Pages()
    return app


async def serve(world: World, *, host: str, port: int, smtp_port: int) -> None:
    """Serve pages and gateways on `port` and take mail on `smtp_port`, until told to stop.

    Raises:
        Unavailable: a port is taken or may not be used.
    """
    settings = uvicorn.Config(
        build_sandbox(world),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    try:
        mail = await asyncio.start_server(functools.partial(receive_mail, world), host, smtp_port)
    except (OSError, OverflowError) as fault:
        raise Unavailable(f"port {smtp_port} of {host} cannot be used for mail: {fault}") from None
    try:
        with socket.create_server((host, port)) as listening:
            await uvicorn.Server(settings).serve(sockets=[listening])
    except (OSError, OverflowError) as fault:
        raise Unavailable(f"port {port} of {host} cannot be used: {fault}") from None
    finally:
        mail.close()
