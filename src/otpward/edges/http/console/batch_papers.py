"""The papers of a batch, each asked for by a form, since each is written down: the label sheet (or one label of it), the
covering letters, and the list for the carrier."""

from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.errors import NotFound, Unavailable
from otpward.core.model.member import Area
from otpward.core.policy.roles import Permission
from otpward.edges.http.console.door import admit
from otpward.edges.http.console.spreadsheet import csv_response
from otpward.edges.http.envelopes import Box, box_of, envelopes_of
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.mail_papers import FORMS, PER_PAGE, carrier_rows, label_sheet, letter_sheet
from otpward.edges.http.prints import Printed, Prints
from otpward.ports.printer import Printable, PrinterBusy
from otpward.services.deliver.print_labels import NotAllMatch, PrintLabels, print_labels
from otpward.services.deliver.print_papers import PrintPapers, print_papers

__all__ = ["FORMS", "PER_PAGE", "paper_routes"]
PATH: Final = "/console/shipments"


def _labels(visit: Visit) -> Response:
    operator, prints = admit(visit, Permission.SHIP), _prints(visit)
    only, first = visit.form.get("at", ""), visit.form.get("first", "1")
    position = int(only) if only.isascii() and only.isdigit() and len(only) < 5 else None
    start = int(first) if first.isascii() and first.isdigit() and 1 <= int(first[:4]) <= PER_PAGE else 1
    ask = PrintLabels(batch=visit.path("no").upper(), operator=operator, position=position)
    try:
        batch, parcels = visit.do(lambda desk: print_labels(ask, desk=desk))
    except NotAllMatch as error:
        return visit.go(f"{PATH}/{ask.batch}?at={error.positions[0] if error.positions else 1}")
    box = visit.look(lambda uow: box_of(batch, uow=uow))
    chosen = visit.look(lambda uow: envelopes_of(parcels, uow=uow))
    now = visit.front.house.clock.now()
    sheet = label_sheet(chosen, box, visit.words, visit.institution, first=start, at=now)
    return _printed(visit, prints, sheet, f"{batch.number}-labels" + (f"-{position}" if position else ""), box)


def _letters(visit: Visit) -> Response:
    prints = _prints(visit)
    box = _asked(visit, "letters")
    words = {lang: visit.front.pages.words(lang) for lang in ("ko", "en")}
    sheet = letter_sheet(box, words, visit.institution, at=visit.front.house.clock.now())
    return _printed(visit, prints, sheet, f"{box.batch.number}-letters", box)


def _list(visit: Visit) -> Response:
    form = visit.form.get("form", "")
    box = _asked(visit, "list")
    head, rows = carrier_rows(box, form if form in FORMS else FORMS[0], visit.front.post)
    return csv_response(f"{box.batch.number}.csv", head, rows)


def _asked(visit: Visit, paper: str) -> Box:
    ask = PrintPapers(batch=visit.path("no").upper(), paper=paper, operator=admit(visit, Permission.SHIP))
    batch, _ = visit.do(lambda desk: print_papers(ask, desk=desk))
    return visit.look(lambda uow: box_of(batch, uow=uow))


def _prints(visit: Visit) -> Prints:
    if visit.front.prints is None:
        raise NotFound("no PDFs are made here")
    return visit.front.prints


def _printed(visit: Visit, prints: Prints, sheet: Printable, name: str, box: Box) -> Response:
    def otherwise(error: Unavailable) -> Response:
        busy = isinstance(error, PrinterBusy)
        back = f"{PATH}/{box.batch.number}"
        return visit.page("console/shipments/not_now.html", status=503, values={}, busy=busy, back=back)

    return Printed(prints, sheet, name, otherwise)


def paper_routes(front: Front) -> list[BaseRoute]:
    """Three papers."""
    page: dict[str, Any] = {"area": Area.CONSOLE, "explain": explain}
    return [
        page_route(front, f"{PATH}/{{no}}/labels.pdf", post=_labels, **page),
        page_route(front, f"{PATH}/{{no}}/letters.pdf", post=_letters, **page),
        page_route(front, f"{PATH}/{{no}}/list.csv", post=_list, **page),
    ]
