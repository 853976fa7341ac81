"""The cards of the ways to prove: each that the institution offers, those that cannot be used now greyed with the reason."""

from dataclasses import dataclass, replace
from typing import Final

from starlette.responses import Response

from otpward.core.model.proof import Method
from otpward.core.policy.proofs import COMBINATIONS, Bar
from otpward.edges.http.front import Visit
from otpward.edges.http.portal.purposes import Errand, phone_lost, seated
from otpward.edges.http.words import later
from otpward.ports.provider import Provider

_REASONS: Final = {
    Bar.NOT_OFFERED: later("Not offered yet"),
    Bar.NOT_ENOUGH: later("Not enough for this"),
    Bar.PHONE_LOST: later("This phone was reported lost"),
}
_NEEDS: Final = {
    Method.PHONE_CODE: later("You need the mobile phone we have on file"),
    Method.CERTIFICATE: later("You need a certificate and its password"),
    Method.AGENCY: later("You need an account with one of them"),
    Method.APP: later("You need the app on your phone, with a certificate in it"),
    Method.SIGN_ON: later("You need your sign-in there"),
}
_THERE: Final = later("You prove it there and come back here")
_OWN_PHONE: Final = later("You need a mobile phone in your own name")
_ICONS: Final = {
    Method.PHONE_CODE: "phone-device",
    Method.CERTIFICATE: "certificate",
    Method.AGENCY: "shield",
    Method.APP: "phone-device",
    Method.SIGN_ON: "key",
}
_ALWAYS: Final = ((Method.AGENCY, later("Identity service (i-PIN and others)")), (Method.CERTIFICATE, later("Certificate")))
"""Shown even where none is offered, so that nobody looks for them elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One way. With `reason` it cannot be used now."""

    title: str
    text: str
    href: str
    icon: str
    reason: str | None


def methods_page(visit: Visit, where: Errand, *, silent: str = "") -> Response:
    """The ways for this errand. `silent` names a provider that has just not answered."""
    providers, lost = visit.front.providers, phone_lost(visit, where.report)
    own_phone = where.back if where.name == "lift" else where.then if where.report is not None else where.at("/prove/phone")
    cards = [_card(visit, where, Method.PHONE_CODE, visit.words._("Phone code"), own_phone, offered=True, lost=lost)]
    for method in (Method.AGENCY, Method.APP, Method.SIGN_ON, Method.CERTIFICATE):
        mine = [(name, one) for name, one in providers.items() if one.prover.method is method]
        cards += [
            replace(
                _card(
                    visit, where, method, one.title(visit.lang), where.at("/prove/provider", by=name), offered=True, lost=lost
                ),
                text=visit.words._(_needs(one)),
            )
            for name, one in mine
        ]
        cards += [
            _card(visit, where, method, visit.words._(title), "", offered=False, lost=lost)
            for kind, title in _ALWAYS
            if kind is method and not mine
        ]
    down: Provider | None = providers.get(silent)
    back = "/apply" if where.name == "apply" and where.report is None and seated(visit) is not None else where.back
    return visit.page(
        "portal/prove_identity/methods.html",
        cards=cards,
        back=back,
        silent=None if down is None else down.title(visit.lang),
        status=None if down is None else 503,
    )


def is_barred(visit: Visit, where: Errand, method: Method) -> bool:
    """Whether the card of this method is greyed now; its address leads nowhere then."""
    return _bar(where, method, offered=True, lost=phone_lost(visit, where.report)) is not None


def _bar(where: Errand, method: Method, *, offered: bool, lost: bool) -> Bar | None:
    bar = COMBINATIONS.bar(where.act, method, offered=offered, phone_lost=lost)
    # A sign-on elsewhere is enough to look at one's applications, not at a device.
    return bar or (Bar.NOT_ENOUGH if method is Method.SIGN_ON and where.name != "follow" else None)


def _needs(provider: Provider) -> str:
    method = provider.prover.method
    if method is Method.AGENCY:
        return _OWN_PHONE if provider.asks_person else _THERE
    return _NEEDS[method]


def _card(visit: Visit, where: Errand, method: Method, title: str, href: str, *, offered: bool, lost: bool) -> Card:
    bar = _bar(where, method, offered=offered, lost=lost)
    _ = visit.words._
    return Card(
        title=title,
        text=_(_NEEDS[method]),
        href=href,
        icon=_ICONS[method],
        reason=None if bar is None else _(_REASONS[bar]),
    )
