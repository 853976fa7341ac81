"""Who else may say who somebody is: the ways of `[identity.NAME]`, each made by its type and under the words people read.

An adapter is imported where its type is asked for, so that nobody waits for what they do not use.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from otpward.adapters.system import SystemEntropy
from otpward.core.model.proof import Method
from otpward.core.policy.phones import to_e164
from otpward.core.secret import Personal, Secret
from otpward.ports.phone_risk import SimGuard
from otpward.ports.prover import Prover
from otpward.ports.provider import Provider, Providers
from otpward.ports.sign_on import SignOnDoor
from otpward.settings import Identity, Settings, SimSwap, StaffSignOn

if TYPE_CHECKING:
    import httpx

    from otpward.adapters.identity.code_flow import Client

_ADDRESSES: Final[Mapping[str, Mapping[str, str]]] = {
    "nice_v2": {"base_url": "https://auth.niceid.co.kr"},
    "nice_v1": {"base_url": "https://svc.niceapi.co.kr:22001", "screen_url": "https://nice.checkplus.co.kr"},
    "portone": {"base_url": "https://api.portone.io"},
    "barocert": {"base_url": "https://barocert.linkhub.co.kr", "auth_url": "https://auth.linkhub.co.kr"},
}
"""Where each is asked, unless the settings say otherwise."""
_BY_PHONE: Final = frozenset({"nice_v2", "nice_v1", "portone", "barocert"})
"""These ask the person's phone, i-PIN excepted."""
_ASKS_PERSON: Final = frozenset({"portone", "barocert"})
"""These ring a phone, and must be told whose."""


def open_providers(settings: Settings, *, institution: str) -> Providers:
    """Every way of the settings, in their order. `institution` is what signers are told that they sign for.

    Raises:
        Invalid: a way cannot be built of what the settings name.
    """
    return {name: _open(settings, name, one, institution) for name, one in settings.identity.items()}


def open_sim_guard(settings: Settings) -> SimGuard | None:
    """Whom to ask about a SIM; nobody without an address."""
    sim = settings.sim_swap
    if not sim.base_url:
        return None
    from otpward.adapters.identity.sim_swap import SimSwapGateway
    from otpward.adapters.prompt import open_http

    risk = SimSwapGateway(
        base_url=sim.base_url,
        version=sim.version,
        token_url=sim.token_url,
        client_id=sim.client_id,
        secret=_secret(settings, sim),
        scope=sim.scope,
        http=open_http(),
    )
    return SimGuard(
        risk=risk,
        decoy=Personal(to_e164(sim.decoy)),
        within=timedelta(hours=sim.hours),
        refuses=sim.on_failure == "refuse",
    )


def _open(settings: Settings, name: str, one: Identity, institution: str) -> Provider:
    from otpward.adapters.identity.declared import declare
    from otpward.adapters.prompt import open_http

    http = open_http()
    prover = _MAKERS[one.type](settings, name, one, institution, http)
    return Provider(
        prover=declare(prover, level=one.assurance, method=Method(one.method) if one.method else None),
        title_ko=one.title("ko", name),
        title_en=one.title("en", name),
        asks_person=one.type in _ASKS_PERSON,
        asks=tuple(getattr(prover, "asks", ())),
        by_phone=one.type in _BY_PHONE and one.services != "ipin",
        issuers=_listed(one.issuers),
        companies=tuple(sorted(getattr(prover, "companies", ()))),
    )


def open_sign_on(settings: Settings) -> SignOnDoor | None:
    """The institution's sign-on for staff, if there is one."""
    one = settings.staff_sign_on
    if not one.base_url:
        return None
    from otpward.adapters.identity.staff_sign_on import OidcStaffSignOn
    from otpward.adapters.prompt import open_http

    sign_on = OidcStaffSignOn(
        _client(settings, one, "openid", "profile", "email"),
        open_http(),
        claim=one.staff_claim,
        trusts_mfa=one.trusts_mfa,
        mfa_acr=frozenset(one.mfa_acr.split()),
    )
    return SignOnDoor(sign_on=sign_on, title_ko=one.title("ko"), title_en=one.title("en"))


def _nice_v2(settings: Settings, name: str, one: Identity, _institution: str, http: "httpx.Client") -> Prover:
    from otpward.adapters.identity.nice_v2 import NiceV2Prover, services_of

    services = services_of(one.services)
    return NiceV2Prover(name, _address(one, "base_url"), one.client_id, _secret(settings, one), http, services=services)


def _nice_v1(settings: Settings, name: str, one: Identity, _institution: str, http: "httpx.Client") -> Prover:
    from otpward.adapters.identity.nice_v1 import NiceV1Prover

    base, screen = _address(one, "base_url"), _address(one, "screen_url")
    return NiceV1Prover(name, base, screen, one.client_id, _secret(settings, one), one.product_id, http)


def _portone(settings: Settings, name: str, one: Identity, _institution: str, http: "httpx.Client") -> Prover:
    from otpward.adapters.identity.portone import PortoneProver, Way

    return PortoneProver(
        name,
        base_url=_address(one, "base_url"),
        secret=_secret(settings, one),
        channel_key=one.channel_key,
        our_address=one.our_address,
        http=http,
        store_id=one.store_id,
        way=Way(one.way or Way.SMS),
    )


def _barocert(settings: Settings, name: str, one: Identity, institution: str, http: "httpx.Client") -> Prover:
    from otpward.adapters.identity.barocert import App, BarocertProver

    return BarocertProver(
        name,
        app=App(one.app),
        token_url=_address(one, "auth_url"),
        base_url=_address(one, "base_url"),
        link_id=one.link_id,
        secret=_secret(settings, one),
        client_code=one.client_code,
        title=institution,
        call_center=one.call_center,
        http=http,
    )


def _oidc(settings: Settings, name: str, one: Identity, _institution: str, http: "httpx.Client") -> Prover:
    from otpward.adapters.identity.oidc import OidcProver

    return OidcProver(name, _client(settings, one), http)


def _client(settings: Settings, one: Identity | StaffSignOn, *scopes: str) -> "Client":
    from otpward.adapters.identity.code_flow import Client

    return Client(
        issuer=one.base_url,
        client_id=one.client_id,
        secret=_secret(settings, one),
        scopes=scopes or ("openid", "profile", "phone"),
        other_origins=frozenset(f"https://{host}" for host in _listed(one.hosts)),
        max_age=timedelta(seconds=one.max_age) if one.max_age else None,
        acr=frozenset(one.acr.split()),
    )


def _certificate(settings: Settings, name: str, one: Identity, institution: str, http: "httpx.Client") -> Prover:
    from otpward.adapters.identity.certificate import CertificateProver, read_pinned
    from otpward.adapters.identity.revocation import Revocation

    revocation = Revocation(http=http, hosts=_listed(one.hosts), entropy=SystemEntropy())
    anchors, policies = read_pinned(settings.file(one.pinned_folder)), frozenset(_listed(one.policies))
    return CertificateProver(name, institution=institution, anchors=anchors, policies=policies, revocation=revocation)


_MAKERS: Final[Mapping[str, Callable[[Settings, str, Identity, str, "httpx.Client"], Prover]]] = {
    "nice_v2": _nice_v2,
    "nice_v1": _nice_v1,
    "portone": _portone,
    "barocert": _barocert,
    "oidc": _oidc,
    "certificate": _certificate,
}


def _address(one: Identity, key: str) -> str:
    return getattr(one, key) or _ADDRESSES[one.type][key]


def _secret(settings: Settings, one: Identity | StaffSignOn | SimSwap) -> Secret:
    return Secret(settings.file(one.secret_file).read_text().strip().encode())


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
