"""The HTTP floor: uvicorn with httptools and uvloop, and an application that gives back what it was sent.

python -m bench.echo PORT
"""

import sys

import uvicorn
from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope


async def echo(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Answer with the body."""
    assert scope["type"] == "http"
    body = b""
    more = True
    while more:
        message = await receive()
        assert message["type"] == "http.request"
        body += message["body"]
        more = message["more_body"]
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def settings(port: int) -> uvicorn.Config:
    """As bare as uvicorn comes."""
    return uvicorn.Config(
        echo,
        port=port,
        http="httptools",
        loop="uvloop",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
    )


if __name__ == "__main__":
    uvicorn.Server(settings(int(sys.argv[1]))).run()
