"""Style sheets, scripts and icons at addresses that carry the hash of their content, so that a browser keeps them for a year.

They are read and compressed once, at start. A page made by another version of the server asks for another hash: it still
gets the file we have, only uncached, so that no page is ever bare during an upgrade.
"""

import gzip
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from otpward.edges.http.theme import Theme

TYPES: Final[Mapping[str, str]] = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "woff2": "font/woff2",
}
_FOREVER: Final = "public, max-age=31536000, immutable"
_HASHED: Final = re.compile(r"^(?P<stem>.+)\.(?P<hash>[0-9a-f]{12})\.(?P<ext>[a-z0-9]+)$")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its bytes, plain and compressed, and the hash that names it."""

    name: str
    body: bytes
    packed: bytes
    hash: str
    media_type: str

    @property
    def address(self) -> str:
        """The address a page links to."""
        stem, _, ext = self.name.rpartition(".")
        return f"/static/{stem}.{self.hash}.{ext}"


class Assets:
    """All files of `static/` and the institution's style sheet."""

    def __init__(self, *, theme: Theme | None = None, root: Traversable | None = None) -> None:
        start = root if root is not None else files(__package__).joinpath("static")
        self._assets = {asset.name: asset for asset in _read(start)}
        self._theme = _asset("theme.css", (theme or Theme()).css().encode())

    def __call__(self, name: str) -> str:
        """Return the address of `name`. Raises: KeyError when there is no such file."""
        return self._assets[name].address

    @property
    def theme(self) -> str:
        """The address of the institution's style sheet; empty when it wears the house colours."""
        return "" if not self._theme.body else f"/theme.css?v={self._theme.hash}"

    def routes(self) -> list[Route]:
        """Return the routes that serve all of it; neither needs a session."""
        return [Route("/static/{name:path}", self._static), Route("/theme.css", self._themed)]

    async def _static(self, request: Request) -> Response:
        asked = request.path_params["name"]
        parts = _HASHED.match(asked)
        asset = self._assets.get(f"{parts['stem']}.{parts['ext']}" if parts else asked)
        if asset is None:
            return Response(status_code=404)
        return _answer(request, asset, current=parts is not None and parts["hash"] == asset.hash)

    async def _themed(self, request: Request) -> Response:
        return _answer(request, self._theme, current=request.query_params.get("v") == self._theme.hash)


def _answer(request: Request, asset: Asset, *, current: bool) -> Response:
    headers = {
        "ETag": f'"{asset.hash}"',
        "Cache-Control": _FOREVER if current else "no-cache",
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if asset.hash in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    body = asset.body
    if "gzip" in request.headers.get("accept-encoding", "") and len(asset.packed) < len(asset.body):
        body, headers["Content-Encoding"] = asset.packed, "gzip"
    return Response(body, headers=headers, media_type=asset.media_type)


def _read(folder: Traversable, prefix: str = "") -> Iterator[Asset]:
    for entry in sorted(folder.iterdir(), key=lambda found: found.name):
        if entry.is_dir():
            yield from _read(entry, f"{prefix}{entry.name}/")
        elif entry.name.rpartition(".")[2] in TYPES:
            yield _asset(prefix + entry.name, entry.read_bytes())


def _asset(name: str, body: bytes) -> Asset:
    # mtime 0: the same file packs to the same bytes on every server
    return Asset(
        name=name,
        body=body,
        packed=gzip.compress(body, 9, mtime=0),
        hash=hashlib.sha256(body).hexdigest()[:12],
        media_type=TYPES[name.rpartition(".")[2]],
    )
