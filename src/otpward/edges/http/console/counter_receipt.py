"""The counter, once the device was handed over: what was done, signed for, printed, and the old device taken back."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.errors import NotFound, Unavailable
from otpward.core.formats.signature import HEIGHT, WIDTH, NoSignature, path_of, picture_of
from otpward.core.model.delivery import Signed
from otpward.core.model.member import Area
from otpward.core.policy.roles import Permission
from otpward.edges.http.console.counter_view import PATH, Drawer, Step, open_drawer
from otpward.edges.http.console.counter_words import say_relation
from otpward.edges.http.console.door import admit
from otpward.edges.http.console.labels import Labels
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.prints import Printed
from otpward.edges.http.show import masked_name
from otpward.ports.printer import PrinterBusy, Sheet, Signature
from otpward.services.deliver.sign_receipt import NothingToSign, SignReceipt, sign_receipt
from otpward.services.deliver.take_back import NotTheOldOne, StillNeeded, TakeBack, take_back

_ACTS: Final = {"screen": Signed.SCREEN, "paper": Signed.PAPER}


def show_receipt(visit: Visit) -> Response:
    """Step 5: what was done, to be signed and printed."""
    drawer = open_drawer(visit, admit(visit, Permission.HAND_OVER))
    return _receipt(visit, drawer) if drawer.handed_over else visit.go(PATH)


def send_receipt(visit: Visit) -> Response:
    """It is signed for, or the old device is back; or what is wrong with that."""
    operator = admit(visit, Permission.HAND_OVER)
    drawer, _ = open_drawer(visit, operator), visit.words._
    if not drawer.handed_over:
        return visit.go(PATH)
    act = visit.form.get("act", "")
    try:
        if act == "old":
            back = TakeBack(pick_up_id=drawer.pick_up.id, operator=operator, serial=visit.form.get("old", ""))
            visit.do(lambda desk: take_back(back, desk=desk))
        elif act in _ACTS:
            strokes = visit.form.get("signature", "")
            sign = SignReceipt(pick_up_id=drawer.pick_up.id, operator=operator, how=_ACTS[act], strokes=strokes)
            visit.do(lambda desk: sign_receipt(sign, desk=desk))
    except NoSignature:
        return _receipt(visit, drawer, {"signature": _("Draw the whole signature in the field")})
    except NotTheOldOne:
        return _receipt(visit, drawer, {"old": _("This is not the device that was replaced. Scan the old one")})
    except StillNeeded:
        return _receipt(visit, drawer, {"old": _("The member needs the old one until the new one has passed its test")})
    except NothingToSign:  # the second press of a double one
        pass
    return visit.go(f"{drawer.here}/receipt")


def print_receipt(visit: Visit) -> Response:
    """The receipt as PDF, in the member's language, with the signature or a line for it."""
    drawer = open_drawer(visit, admit(visit, Permission.HAND_OVER))
    prints = visit.front.prints
    if prints is None or not drawer.handed_over:
        raise NotFound("nothing to print")

    def otherwise(error: Unavailable) -> Response:
        busy = isinstance(error, PrinterBusy)
        back = f"{drawer.here}/receipt"
        return visit.page("console/counter/not_now.html", status=503, values={}, busy=busy, back=back, step=Step.RECEIPT)

    return Printed(prints, sheet_of_receipt(visit, drawer), f"{drawer.case.number}-receipt", otherwise)


def rows_of(visit: Visit, drawer: Drawer, lang: str, *, paper: bool = False) -> list[tuple[str, str]]:
    """What was done, in this language; on paper the member's name stands whole: it is theirs."""
    words, show = visit.front.pages.words(lang), visit.front.pages.show(lang)
    _, pick_up, label = words._, drawer.pick_up, Labels(words)
    name = drawer.member.name.reveal()
    rows = [
        (_("Application"), drawer.case.number),
        (_("Member"), name if paper else masked_name(name)),
        (_("Serial number"), drawer.token.serial),
    ]
    if pick_up.collected_by:
        acts = say_relation(pick_up.collected_as.reveal(), words)
        rows.append((_("Collected by"), f"{pick_up.collected_by.reveal()} ({acts})"))
    if pick_up.handed_over_at is not None:
        rows.append((_("Handed over at"), show.time(pick_up.handed_over_at, seconds=True, zone=True)))
    rows += [
        (_("Paper seen"), label(pick_up.seen)),
        (_("Branch"), drawer.branch.name(lang)),
        (_("By"), drawer.handed_by.name.reveal() if drawer.handed_by else "–"),
    ]
    if drawer.dead is not None:
        rows.append((_("Did not work, kept here"), drawer.dead.serial))
    if drawer.old is not None and pick_up.old_back_at is not None:
        rows.append((_("Old OTP taken back"), drawer.old.serial))
    if pick_up.signed is not None and pick_up.signed_at is not None:
        how = _("On the screen") if pick_up.signed is Signed.SCREEN else _("On paper")
        rows.append((_("Signed"), f"{how}, {plain(show.time(pick_up.signed_at))}"))
    return rows


def sheet_of_receipt(visit: Visit, drawer: Drawer) -> Sheet:
    """The receipt on paper."""
    lang = drawer.member.language
    _, show = visit.front.pages.words(lang)._, visit.front.pages.show(lang)
    institution, now = visit.institution, visit.front.house.clock.now()
    made = plain(_("PDF made at {time}", time=show.time(now, seconds=True, zone=True)))
    strokes = drawer.pick_up.signature.reveal()
    return Sheet(
        lang=lang,
        institution=institution.name(lang),
        title=_("Hand-over receipt"),
        lead=_("The new OTP works. The old one has ended.")
        if drawer.tested
        else _("The device does not work before the member activates it at home."),
        rows=[(key, plain(value)) for key, value in rows_of(visit, drawer, lang, paper=True)],
        notes=[_("Somebody else collected it? Call {phone} at once.", phone=institution.phone)],
        foot=f"{institution.name(lang)} · {institution.phone} · {made}",
        at=now,
        signature=Signature(
            name=_("Signature of {name}", name=drawer.pick_up.collected_by.reveal() or drawer.member.name.reveal()),
            picture=picture_of(strokes) if strokes else "",
        ),
    )


def plain(text: str) -> str:
    """The words without their elements: `<time>` is for the page."""
    bare = getattr(text, "striptags", None)
    return str(bare()) if bare is not None else text


def _receipt(visit: Visit, drawer: Drawer, errors: Mapping[str, str] | None = None) -> Response:
    return visit.page(
        "console/counter/receipt.html",
        errors=errors,
        values={},
        step=Step.RECEIPT,
        drawer=drawer,
        rows=rows_of(visit, drawer, visit.lang),
        late="late" in visit.query,
        signature=path_of(drawer.pick_up.signature.reveal()),
        wide=WIDTH,
        high=HEIGHT,
        pdf=visit.front.prints is not None,
        camera=True,
    )


def routes(front: Front) -> list[BaseRoute]:
    """The page of the last step, and its paper."""
    area, one = Area.CONSOLE, PATH + "/{id}"
    return [
        page_route(front, f"{one}/receipt", area=area, get=show_receipt, post=send_receipt, explain=explain),
        page_route(front, f"{one}/receipt.pdf", area=area, get=print_receipt, explain=explain),
    ]
