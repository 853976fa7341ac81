"""The cards of the ways to prove: each that the institution offers, those that cannot be used now greyed with the reason."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from starlette.responses import Response

from otpward.core.model.proof import Method
from otpward.core.policy.combinations import Shown, expected
from otpward.core.policy.proofs import Bar
from otpward.edges.http.front import Visit
from otpward.edges.http.portal.purposes import Errand, phone_bar, progress, seated
from otpward.edges.http.words import later
from otpward.ports.provider import Provider, Providers
from otpward.services.prove_identity.see_standing import Progress

_REASONS: Final = {
    Bar.NOT_OFFERED: later("Not offered yet"),
    Bar.NOT_ENOUGH: later("Not enough for this"),
    Bar.PHONE_LOST: later("This phone was reported lost"),
    Bar.PHONE_NEW: later("This phone or its SIM was changed lately"),
    Bar.NOT_HAD: later("You have none of these"),
    Bar.SHOWN: later("Done"),
}
_NAMES: Final = {
    Method.PHONE_CODE: later("Phone code"),
    Method.CERTIFICATE: later("Certificate"),
    Method.AGENCY: later("Identity service"),
    Method.APP: later("Certificate app"),
    Method.SIGN_ON: later("Sign-on"),
    Method.PASSKEY: later("Passkey"),
    Method.RECOVERY_CODE: later("Recovery code"),
    Method.OTP: later("Another OTP"),
    Method.IN_PERSON: later("At a branch"),
}
_NEEDS: Final = {
    Method.PHONE_CODE: later("You need the mobile phone we have on file"),
    Method.CERTIFICATE: later("You need a certificate and its password"),
    Method.AGENCY: later("You need an account with one of them"),
    Method.APP: later("You need the app on your phone, with a certificate in it"),
    Method.SIGN_ON: later("You need your sign-in there"),
    Method.PASSKEY: later("You need a passkey on this device, or on your phone"),
    Method.RECOVERY_CODE: later("You need the recovery code you saved"),
    Method.OTP: later("You need another OTP of yours"),
}
_THERE: Final = later("You prove it there and come back here")
_OWN_PHONE: Final = later("You need a mobile phone in your own name")
_ICONS: Final = {
    Method.PHONE_CODE: "phone-device",
    Method.CERTIFICATE: "certificate",
    Method.AGENCY: "shield",
    Method.APP: "phone-device",
    Method.SIGN_ON: "key",
    Method.PASSKEY: "key",
    Method.RECOVERY_CODE: "print",
    Method.OTP: "device",
}
_OWN: Final = (
    (Method.PHONE_CODE, later("Phone code"), "/prove/phone"),
    (Method.PASSKEY, later("Passkey"), "/prove/passkey"),
    (Method.RECOVERY_CODE, later("Recovery code"), "/prove/recovery-code"),
    (Method.OTP, later("Another OTP"), "/prove/otp"),
)
"""Ways of our own, with the page where each begins."""
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
    """The ways for this errand, and how many of them it takes. `silent` names a provider that has just not answered."""
    providers, so_far = visit.front.providers, progress(visit, where.act, where.report)
    cards = sorted(_cards(visit, where, so_far), key=lambda card: card.reason is not None)
    down: Provider | None = providers.get(silent)
    back = "/apply" if where.name == "apply" and where.report is None and seated(visit) is not None else where.back
    shown = so_far.standing.shown
    left = so_far.rules.missing(so_far.standing.need, shown, _usable(where, so_far, providers, visit))
    return visit.page(
        "portal/prove_identity/methods.html",
        cards=cards,
        branch=where.at("/prove/branch"),
        back=back,
        silent=None if down is None else down.title(visit.lang),
        had=[visit.words._(_NAMES[one.method]) for one in shown],
        left=left,
        total=len(shown) + (left or 0),
        status=None if down is None else 503,
    )


def is_barred(visit: Visit, where: Errand, provider: Provider) -> bool:
    """Whether the card of this provider is greyed now; its address leads nowhere then."""
    return _bar(visit, where, progress(visit, where.act, where.report), _expected(provider)) is not None


def _cards(visit: Visit, where: Errand, so_far: Progress) -> Iterator[Card]:
    _, providers = visit.words._, visit.front.providers
    for method, title, page in _OWN:
        yield _card(visit, where, so_far, expected(method), _(title), _begin(where, method, page))
    for method in (Method.AGENCY, Method.APP, Method.SIGN_ON, Method.CERTIFICATE):
        mine = [(name, one) for name, one in providers.items() if one.prover.method is method]
        for name, one in mine:
            href = where.at("/prove/provider", by=name)
            card = _card(visit, where, so_far, _expected(one), one.title(visit.lang), href)
            yield replace(card, text=_(_needs(one)))
        for kind, title in _ALWAYS:
            if kind is method and not mine:
                yield replace(_card(visit, where, so_far, expected(method), _(title), ""), reason=_(_REASONS[Bar.NOT_OFFERED]))


def _begin(where: Errand, method: Method, page: str) -> str:
    """Where a way of our own begins; for a report the phone code has pages there."""
    if method is Method.PHONE_CODE and where.report is not None:
        return where.back if where.name == "lift" else where.then
    return where.at(page)


def _bar(visit: Visit, where: Errand, so_far: Progress, way: Shown) -> Bar | None:
    """Why this way leads nowhere now; None if it does."""
    need, shown, rules, method = so_far.standing.need, so_far.standing.shown, so_far.rules, way.method
    if method in {one.method for one in shown}:
        return Bar.SHOWN
    if method in so_far.lacks:
        return Bar.NOT_HAD
    if way.by_phone and (bar := phone_bar(visit, where, so_far)) is not None:
        return bar
    # A sign-on elsewhere is enough to look at one's applications, not at a device.
    if not rules.helps(need, method) or (method is Method.SIGN_ON and where.name != "follow"):
        return Bar.NOT_ENOUGH
    others = _usable(where, so_far, visit.front.providers, visit)
    before, after = (rules.missing(need, had, others) for had in (shown, [*shown, way]))
    return None if before is not None and after is not None and after < before else Bar.NOT_ENOUGH


def _usable(where: Errand, so_far: Progress, providers: Providers, visit: Visit) -> list[Shown]:
    """What could be shown here: what this institution offers and nothing about the phone bars."""
    offered = [expected(method) for method, _title, _page in _OWN] + [_expected(one) for one in providers.values()]
    lost = phone_bar(visit, where, so_far) is not None
    return [one for one in offered if one.method not in so_far.lacks and not (lost and one.by_phone)]


def _expected(provider: Provider) -> Shown:
    return expected(provider.prover.method, by_phone=provider.by_phone)


def _needs(provider: Provider) -> str:
    method = provider.prover.method
    if method is Method.AGENCY:
        return _OWN_PHONE if provider.asks_person else _THERE
    return _NEEDS[method]


def _card(visit: Visit, where: Errand, so_far: Progress, way: Shown, title: str, href: str) -> Card:
    bar, _, method = _bar(visit, where, so_far, way), visit.words._, way.method
    return Card(
        title=title,
        text=_(_NEEDS[method]),
        href=href,
        icon=_ICONS[method],
        reason=None if bar is None else _(_REASONS[bar]),
    )
