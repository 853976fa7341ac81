"""One batch: devices are scanned into their envelopes, numbers are put on them, labels are printed, and the box is handed in.

One field takes what the scanner reads: the bar code of a letter chooses its envelope, then the device, then the sticker with
the registered number. Everything works with keys alone, and without script.
"""

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.fees import FeeDue
from otpward.clerk.parcels import NothingToSend
from otpward.core.errors import Conflict, Invalid, NotFound
from otpward.core.lifecycle.batch import BatchState
from otpward.core.lifecycle.table import IllegalTransition
from otpward.core.model.member import Area, Operator
from otpward.core.policy.roles import Permission
from otpward.edges.http.console.batch_papers import FORMS, PER_PAGE, paper_routes
from otpward.edges.http.console.batch_words import BATCHES, DONE, LEFT, STEPS, misfit_sentence, state_badge, step_of
from otpward.edges.http.console.door import SHIPMENTS, admit, allowed, told
from otpward.edges.http.console.labels import Labels
from otpward.edges.http.envelopes import Box, Envelope, box_of
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.mail_papers import KINDS
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.deliver.hand_in import HandIn, hand_in
from otpward.services.deliver.leave_out import LeaveOut, leave_out
from otpward.services.deliver.number_parcel import NumberParcel, NumberTaken, number_parcel
from otpward.services.deliver.order_numbers import AskNumbers, ask_numbers
from otpward.services.deliver.print_labels import NotAllMatch, PrintLabels, print_labels
from otpward.services.deliver.scan_in import ScanIn, WrongEnvelope, device_of, scan_in

PATH: Final = "/console/shipments"


def show_batch(visit: Visit) -> Response:
    """The envelope in hand, and all the others."""
    operator = admit(visit, *SHIPMENTS)
    return batch_page(visit, operator, open_box(visit))


def open_box(visit: Visit) -> Box:
    """The batch of this address; raises `NotFound`."""

    def view(uow: UnitOfWork) -> Box:
        batch = uow.batches.first(number=visit.path("no").upper())
        if batch is None:
            raise NotFound("no such batch")
        return box_of(batch, uow=uow)

    return visit.look(view)


def batch_page(
    visit: Visit,
    operator: Operator,
    box: Box,
    *,
    errors: Mapping[str, str] | None = None,
    stop: str = "",
    at: int | None = None,
    status: int | None = None,
) -> Response:
    """The page of a batch, with what stands in the way."""
    orders = visit.front.post.orders
    may = allowed(operator, Permission.SHIP) and operator.branch_id in {None, box.branch.id}
    packing = may and box.batch.state in {BatchState.PACKING, BatchState.LABELLED}
    return visit.page(
        "console/shipments/batch.html",
        values={},
        errors=errors,
        stop=stop,
        status=status,
        box=box,
        here=f"{PATH}/{box.batch.number}",
        envelope=_in_hand(visit, box, at=at, orders=orders) if packing else None,
        badge=lambda one: state_badge(one, visit.words, orders=orders, void=one in box.void),
        state=BATCHES[box.batch.state],
        steps=[visit.words._(step) for step in STEPS],
        step=step_of(box),
        kinds=KINDS,
        forms=FORMS,
        per_page=PER_PAGE,
        places=[(str(one), str(one)) for one in range(1, PER_PAGE + 1)],
        orders=orders,
        may=may,
        packing=packing,
        pdf=visit.front.prints is not None,
        done=told(visit, DONE),
        left=_left(visit),
        label=Labels(visit.words),
        now=visit.front.house.clock.now(),
        camera=packing,
    )


def _in_hand(visit: Visit, box: Box, *, at: int | None, orders: bool) -> Envelope | None:
    """The envelope to be filled: the chosen one, or else the first that misses something."""
    chosen = at if at is not None else _place(visit.query.get("at", ""))
    if chosen is not None and (found := box.at(chosen)) is not None and found.parcel.dispatched_at is None:
        return found
    waiting = (one for one in box.envelopes if one.waits)
    return next((one for one in waiting if not one.packed or (not one.parcel.tracking_number and not orders)), None)


def _left(visit: Visit) -> list[str]:
    """Why some applications are not in a batch that was just made, as its address says: `?left=no_stock.3`."""
    said = []
    for part in visit.query.get("left", "").split(",")[:10]:
        code, _, count = part.partition(".")
        if code in LEFT and count.isdigit() and len(count) < 5:
            said.append(f"{visit.words._(LEFT[code])}: {count}")
    return said


def _place(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None


def send_batch(visit: Visit) -> Response:
    """One act; then the page again, at the next envelope."""
    operator = admit(visit, Permission.SHIP)
    box = open_box(visit)
    at = _place(visit.form.get("at", ""))
    act = _ACTS.get(visit.form.get("act", ""))
    if act is None:
        raise Invalid("no such act", field="act")
    try:
        return visit.go(f"{PATH}/{box.batch.number}?{act(visit, operator, box, at)}")
    except IllegalTransition:
        return batch_page(
            visit, operator, open_box(visit), errors={"": visit.words._("It was handed in meanwhile")}, status=409
        )
    except (Invalid, Conflict) as error:
        wrong = _explained(error, visit, box, at)
        if not wrong:
            raise
        # What was scanned wrongly is said beside the field, and the field keeps the focus: the scanner types on.
        stop, whole = wrong.get("scan", ""), {key: text for key, text in wrong.items() if key != "scan"}
        return batch_page(visit, operator, open_box(visit), errors=whole, stop=stop, at=at, status=422)


def _scan(visit: Visit, operator: Operator, box: Box, at: int | None) -> str:
    """What the scanner read: a letter, a device, or a sticker; which of the last two, the envelope says."""
    text = visit.form.get("scan", "").strip()
    letter = next((one for one in box.envelopes if text and one.case.number == text.upper()), None)
    if letter is not None:
        return f"at={letter.parcel.position}"
    envelope = box.at(at) if at is not None else None
    if envelope is None:
        raise NotFound("no such parcel in this batch")
    position, number = envelope.parcel.position, box.batch.number
    if not envelope.packed:
        scan = ScanIn(batch=number, position=position, serial=text, operator=operator)
        visit.do(lambda desk: scan_in(scan, desk=desk))
        wants_number = not envelope.parcel.tracking_number and not visit.front.post.orders
        return f"at={position}&done=packed" if wants_number else "done=packed"
    label = NumberParcel(batch=number, position=position, tracking_number=text, operator=operator)
    numbered = visit.do(lambda desk: number_parcel(label, desk=desk))
    void = envelope.parcel.labelled_at is not None and numbered.labelled_at is None
    return f"at={position}&done=renumbered" if void else "done=numbered"


def _leave_out(visit: Visit, operator: Operator, box: Box, at: int | None) -> str:
    ask = LeaveOut(batch=box.batch.number, operator=operator, position=at)
    visit.do(lambda desk: leave_out(ask, desk=desk))
    return "done=left_out"


def _ask_numbers(visit: Visit, operator: Operator, box: Box, _at: int | None) -> str:
    if not visit.front.post.orders:
        raise NotFound("no carrier gives numbers here")
    visit.do(lambda desk: ask_numbers(AskNumbers(batch=box.batch.number, operator=operator), desk=desk))
    return "done=asked"


def _hand_in(visit: Visit, operator: Operator, box: Box, _at: int | None) -> str:
    ask = HandIn(batch=box.batch.number, operator=operator)
    gone = hand_in(ask, visit.institution.id, house=visit.front.house)
    return "done=stuck" if gone.stuck else "done=handed_in"


def _labels(visit: Visit, operator: Operator, box: Box, _at: int | None) -> str:
    """Where no PDFs are made, staff say that the labels are on."""
    ask = PrintLabels(batch=box.batch.number, operator=operator)
    visit.do(lambda desk: print_labels(ask, desk=desk))
    return ""


_ACTS: Final = {
    "scan": _scan,
    "labels": _labels,
    "leave_out": _leave_out,
    "dissolve": lambda visit, operator, box, _at: _leave_out(visit, operator, box, None),
    "ask_numbers": _ask_numbers,
    "hand_in": _hand_in,
}


def _explained(error: Invalid | Conflict, visit: Visit, box: Box, at: int | None) -> dict[str, str]:
    """The sentence beside the field, or for the whole page; nothing for what should not happen."""
    _ = visit.words._
    match error:
        case WrongEnvelope():
            envelope = box.at(at) if at is not None else None
            branch = _branch_of(visit, visit.form.get("scan", ""))
            return {"scan": misfit_sentence(error, envelope, visit.words, branch=branch)}
        case Invalid(field="serial"):
            return {"scan": _("Scan or type the serial number")}
        case Invalid(field="tracking_number"):
            return {"scan": _("Check the tracking number: 13 digits, or 2 letters, 9 digits and 2 letters")}
        case NumberTaken():
            return {"scan": _("This tracking number is on another parcel")}
        case NothingToSend():
            return {"scan": _("This application ended meanwhile. Take the device out, and leave the envelope out of the batch")}
        case FeeDue():
            return {"scan": _("The fee of this application is still due. Leave the envelope out, or have the fee paid first")}
        case NotAllMatch():
            places = ", ".join(str(one) for one in error.positions[:20])
            return {"": _("These envelopes are not ready: {places}", places=places)}
        case _:
            return {}


def _branch_of(visit: Visit, serial: str) -> str:
    """At which branch a device lies in the books."""

    def view(uow: UnitOfWork) -> str:
        token = device_of(serial.strip()[:128], uow=uow)
        device = None if token is None else uow.devices.get(token.id)
        branch = uow.branches.first(id=device.branch_id) if device is not None and device.branch_id is not None else None
        return branch.name(visit.lang) if branch is not None else "–"

    return visit.look(view)


def routes(front: Front) -> list[BaseRoute]:
    """The page of a batch, and its papers."""
    page: dict[str, Any] = {"area": Area.CONSOLE, "explain": explain}
    return [page_route(front, f"{PATH}/{{no}}", get=show_batch, post=send_batch, **page), *paper_routes(front)]
