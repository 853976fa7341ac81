"""The certificate authority's counter: people get a certificate here or have it taken back; programs ask OCSP and the CRL."""

import base64
import binascii
import functools
from typing import Final
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from otpward.core.errors import Invalid
from otpward.sandbox import asked
from otpward.sandbox.identity.certificates import Addresses, Kind
from otpward.sandbox.identity.key_files import Form
from otpward.sandbox.identity.people import PEOPLE, by_id
from otpward.sandbox.identity.registry import PASSWORD, Paper, Registry
from otpward.sandbox.pages import back_to, page
from otpward.sandbox.world import World

SHOWN: Final = 50
"""Certificates on the page; the rest can still be fetched by their number."""


class Counter:
    """Its pages and services, over one registry."""

    def __init__(self, world: World) -> None:
        self.registry = Registry(world.folder, clock=world.now)

    async def show(self, request: Request) -> Response:
        """`GET /authority`: a form to get a certificate, and those that were issued."""
        papers = self.registry.papers()[:SHOWN]
        return page(request, "authority.html", people=PEOPLE, kinds=Kind, forms=Form, papers=papers, password=PASSWORD)

    async def issue(self, request: Request) -> Response:
        """The form on the page."""
        await self._issued(request, await asked.form(request))
        return back_to("/authority")

    async def issue_from_json(self, request: Request) -> Response:
        """`POST /api/certificates` {"person", "kind", "form"}."""
        paper = await self._issued(request, await asked.document(request))
        return JSONResponse(
            {
                "serial": paper.serial,
                "password": PASSWORD,
                "files": f"/authority/{paper.serial}/files.zip",
                "company": paper.company,
            },
            201,
        )

    async def files(self, request: Request) -> Response:
        """`GET /authority/{serial}/files.zip`: signCert.der, signPri.key and the same as a .pfx."""
        serial = request.path_params["serial"]
        named = {"Content-Disposition": f'attachment; filename="NPKI-{serial[:8]}.zip"'}
        return Response(self.registry.files(serial), media_type="application/zip", headers=named)

    async def revoke(self, request: Request) -> Response:
        """The button beside a certificate."""
        self.registry.revoke(request.path_params["serial"])
        return back_to("/authority")

    async def revoke_from_json(self, request: Request) -> Response:
        """`POST /api/certificates/{serial}/revoke`."""
        paper = self.registry.revoke(request.path_params["serial"])
        return JSONResponse({"serial": paper.serial, "revoked_at": paper.revoked_at.isoformat() if paper.revoked_at else None})

    async def trusted(self, request: Request) -> Response:
        """`GET /authority/trusted.pem`: root and authority, for the product's folder of pinned certificates."""
        octets = await run_in_threadpool(self.registry.trusted)
        named = {"Content-Disposition": 'attachment; filename="sandbox.pem"'}
        return Response(octets, media_type="application/x-pem-file", headers=named)

    async def crl(self, request: Request) -> Response:
        """`GET /authority/ca.crl`."""
        return Response(await run_in_threadpool(self.registry.crl), media_type="application/pkix-crl")

    async def answer(self, request: Request) -> Response:
        """`POST /authority/ocsp`, or `GET` with the request in the address (RFC 6960 appendix A.1)."""
        if request.method == "POST":
            question = await asked.body(request)
        else:
            try:
                question = base64.b64decode(unquote(request.path_params["question"]), validate=True)
            except binascii.Error:
                raise Invalid("not an OCSP request") from None
        return Response(await run_in_threadpool(self.registry.answer, question), media_type="application/ocsp-response")

    async def _issued(self, request: Request, order: dict[str, str]) -> Paper:
        person = by_id(str(order.get("person", "")))
        if person is None:
            raise Invalid("nobody here has this ID", field="person")
        try:
            kind, form = Kind(order.get("kind", Kind.GENERAL)), Form(order.get("form", Form.PBES2))
        except ValueError:
            raise Invalid("no such kind of certificate", field="kind") from None
        here = str(request.base_url).rstrip("/")
        addresses = Addresses(ocsp=f"{here}/authority/ocsp", crl=f"{here}/authority/ca.crl")
        return await run_in_threadpool(functools.partial(self.registry.issue, person, kind, form, addresses=addresses))


def routes(world: World) -> list[Route]:
    """The counter's addresses."""
    counter = Counter(world)
    return [
        Route("/authority", counter.show),
        Route("/authority", counter.issue, methods=["POST"]),
        Route("/authority/trusted.pem", counter.trusted),
        Route("/authority/ca.crl", counter.crl),
        Route("/authority/ocsp", counter.answer, methods=["POST"]),
        Route("/authority/ocsp/{question:path}", counter.answer),
        Route("/authority/{serial}/files.zip", counter.files),
        Route("/authority/{serial}/revoke", counter.revoke, methods=["POST"]),
        Route("/api/certificates", counter.issue_from_json, methods=["POST"]),
        Route("/api/certificates/{serial}/revoke", counter.revoke_from_json, methods=["POST"]),
    ]
