"""The certificate's part of proving: the way to it, the page on which it signs, and what that page sends."""

import base64
import binascii
from base64 import b64encode
from collections.abc import Mapping
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.errors import Invalid, NotFound
from otpward.core.model.proof import Method
from otpward.core.policy.companies import to_company_number
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal.purposes import errand
from otpward.ports.provider import Provider

_HERE: Final = "here"
"""The signature was made in the page; what is wrong with it stands where the certificate was chosen."""
_DER: Final = 0x30


def show_certificate(visit: Visit) -> Response:
    """Leads on to the certificates that this institution takes, for the errand of the address."""
    name = next((name for name, one in visit.front.providers.items() if one.prover.method is Method.CERTIFICATE), None)
    if name is None:
        raise NotFound("no certificate is taken here")
    return visit.go(errand(visit).at("/prove/provider", by=name))


def sign_page(
    visit: Visit,
    provider: Provider,
    challenge: bytes,
    *,
    action: str,
    download: str,
    back: str,
    errors: Mapping[str, str] | None,
) -> Response:
    """The page on which a certificate signs, or a signature made elsewhere is put in. What was typed is kept."""
    form = visit.form
    typed = {} if form.get("way") == _HERE else {"cms": form.get("cms", "")}
    return visit.page(
        "portal/prove_identity/certificate.html",
        errors=errors,
        values={"company": form.get("company", ""), **typed},
        action=action,
        challenge=b64encode(challenge).decode(),
        download=download,
        issuers=list(provider.issuers),
        companies=list(provider.companies),
        back=back,
    )


def faults_of(visit: Visit) -> dict[str, str]:
    """What is wrong with the form before anybody looks at the signature: it costs no try."""
    _, form, errors = visit.words._, visit.form, dict[str, str]()
    if form.get("company"):
        try:
            to_company_number(form["company"])
        except Invalid:
            errors["company"] = _("Check the business registration number. It has 10 digits")
    if not form.get("cms", "").strip() and not form.get("made"):
        errors["files" if form.get("way") == _HERE else "made"] = _("Choose the file with the signature, or put it in as text")
    return errors


def signature_of(form: Mapping[str, str]) -> dict[str, str]:
    """What the prover is given. A file counts more than the text beside it, and may be DER or PEM."""
    given = {name: form.get(name, "") for name in ("cms", "company", "vid_random")}
    if form.get("made"):
        octets = _octets(form["made"])
        given["cms"] = form["made"] if octets[:1] == bytes([_DER]) else octets.decode("ascii", "replace")
    return given


def refused(visit: Visit) -> dict[str, str]:
    """The signature was not taken; why is not said, only what can be done."""
    _, form = visit.words._, visit.form
    if form.get("way") == _HERE:
        sentence = _("This certificate is not accepted. Choose one of the accepted kinds that was not revoked, or another way")
        return {"files": sentence}
    sentence = _("This signature is not accepted. Sign the text of this page, with a certificate of the list")
    return {"made" if form.get("made") else "cms": sentence}


def _octets(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def routes(front: Front) -> list[BaseRoute]:
    """The address by which people know this way."""
    return [page_route(front, "/prove/certificate", get=show_certificate, explain=explain)]
