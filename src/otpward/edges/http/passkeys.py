"""What a page asks a browser for when it asks for a passkey, and where passkeys are at home (WebAuthn §5.4, §5.5)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from otpward.clerk.passkeys import Asked, make_challenge
from otpward.core.formats.jws import pack
from otpward.core.formats.webauthn.ceremony import Site
from otpward.core.formats.webauthn.public_key import OFFERED
from otpward.core.model.backup import Passkey
from otpward.core.model.member import Member
from otpward.core.policy.rates import PASSKEY_CHALLENGE_LIFE
from otpward.edges.http.front import Visit

FIELD: Final = "answer"
_TIMEOUT_MS: Final = int(PASSKEY_CHALLENGE_LIFE.total_seconds()) * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyAsk:
    """What the script hands to the browser, as JSON, and the only origin where that makes sense."""

    options: str
    origin: str


@cache
def site_of(public_url: str) -> Site | None:
    """Where the passkeys of this address belong; None where a browser makes none. An address in numbers is no site
    (WebAuthn §5.1.3), but the loopback has a name."""
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    if is_number(host):
        host = "localhost" if ip_address(host).is_loopback else ""
    if not host or (parts.scheme != "https" and host != "localhost"):
        return None
    port = f":{parts.port}" if parts.port else ""
    return Site(id=host, origin=f"{parts.scheme}://{host}{port}")


def is_number(host: str) -> bool:
    """Whether it is an address in numbers."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def site(visit: Visit) -> Site | None:
    """Where the passkeys of this installation belong."""
    return site_of(visit.front.public_url)


def ask_for(visit: Visit, asked: Asked, among: Iterable[Passkey] = ()) -> PasskeyAsk | None:
    """To show a passkey: any of this site, or one `among` these. A finger or PIN is always asked for."""
    at = site(visit)
    if at is None:
        return None
    options: dict[str, Any] = {"rpId": at.id, "userVerification": "required"}
    named = [_named(one) for one in among]
    if named:
        options["allowCredentials"] = named
    return _ask(visit, asked, at, options)


def ask_to_make(visit: Visit, asked: Asked, member: Member, handle: bytes, known: Iterable[Passkey]) -> PasskeyAsk | None:
    """To make a passkey that is found without a name being typed, on a device that has none of these."""
    at = site(visit)
    if at is None:
        return None
    name = member.name.reveal() or member.login
    options: dict[str, Any] = {
        "rp": {"id": at.id, "name": visit.institution.name(visit.lang)},
        "user": {"id": pack(handle), "name": member.login, "displayName": name},
        "pubKeyCredParams": [{"type": "public-key", "alg": algorithm} for algorithm in OFFERED],
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "attestation": "none",
        "excludeCredentials": [_named(one) for one in known],
    }
    return _ask(visit, asked, at, options)


def signal_of(visit: Visit, mine: Iterable[Passkey], handle: bytes) -> str:
    """Which passkeys of this user are good, so that the browser forgets the others (WebAuthn §5.1.10)."""
    at = site(visit)
    if at is None or not handle:
        return ""
    accepted = [pack(one.credential_id) for one in mine]
    return json.dumps({"rpId": at.id, "userId": pack(handle), "allAcceptedCredentialIds": accepted})


def signal_unknown(visit: Visit, credential_id: bytes) -> str:
    """That the passkey which the browser has just shown is none of ours."""
    at = site(visit)
    return "" if at is None else json.dumps({"rpId": at.id, "credentialId": pack(credential_id)})


def _ask(visit: Visit, asked: Asked, at: Site, options: dict[str, Any]) -> PasskeyAsk:
    house = visit.front.house
    challenge = make_challenge(asked, vault=house.vault, entropy=house.entropy, now=house.clock.now())
    whole = {"challenge": pack(challenge), "timeout": _TIMEOUT_MS, **options}
    return PasskeyAsk(options=json.dumps(whole, ensure_ascii=False), origin=at.origin)


def _named(passkey: Passkey) -> dict[str, Any]:
    return {"type": "public-key", "id": pack(passkey.credential_id), "transports": sorted(passkey.transports)}
