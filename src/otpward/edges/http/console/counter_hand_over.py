"""The counter, from the hand-over on: the test OTP, then the receipt. Here it becomes final: the device is handed over,
registered and activated in turn, and what is done stays done if the next one fails."""

from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.fees import FeeDue, fee_of
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.fee import FeeState
from otpward.core.lifecycle.others import PickUpState
from otpward.core.model.member import Area, Operator
from otpward.core.policy.roles import Permission
from otpward.core.policy.verification import Verdict
from otpward.edges.http.console.address import key_of
from otpward.edges.http.console.counter_view import Drawer, Step, read_drawer
from otpward.edges.http.console.door import admit
from otpward.edges.http.console.labels import PAPERS, Labels
from otpward.edges.http.console.tokens import verdict_text
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.services.activate.activate import Activate, activate
from otpward.services.deliver.hand_over import HandOver, hand_over
from otpward.services.register.register_device import RegisterDevice, register_device

PATH: Final = "/console/counter"


def show_test(visit: Visit) -> Response:
    """Step 4: the member enters a test OTP, or takes the device home."""
    drawer = _drawer(visit, admit(visit, Permission.HAND_OVER))
    if not drawer.waits_for_test:
        if drawer.pick_up.state is not PickUpState.READY:
            return visit.go(f"{PATH}/{drawer.pick_up.id}/receipt" if drawer.handed_over else PATH)
        if not _seen(visit, drawer):
            return visit.go(f"{PATH}/{drawer.pick_up.id}/person")
    return _test(visit, drawer)


def send_test(visit: Visit) -> Response:
    """Hand over; and with a test OTP register and activate too. On to the receipt, or what is wrong with the number."""
    operator = admit(visit, Permission.HAND_OVER)
    drawer = _drawer(visit, operator)
    if drawer.tested:
        return visit.go(f"{PATH}/{drawer.pick_up.id}/receipt")
    if not drawer.handed_over and not _seen(visit, drawer):
        return visit.go(f"{PATH}/{drawer.pick_up.id}/person")
    at_home, code = visit.form.get("act") == "home", visit.form.get("code", "")
    if not at_home and not code.strip():
        return _test(visit, drawer, {"code": visit.words._("Enter the number that the OTP shows")})
    if not drawer.handed_over:
        try:
            _hand_over(visit, drawer, operator)
        except FeeDue as error:
            amount = visit.front.pages.show(visit.lang).money(error.amount_won)
            due = visit.words._(
                "The fee of {amount} is still due. Take it and record it, then hand the device over", amount=amount
            )
            return _test(visit, drawer, {"": due})
    if not at_home:
        verdict, left = _wake(visit, _drawer(visit, operator), operator, code)
        if verdict is not Verdict.ACCEPTED:
            return _test(visit, _drawer(visit, operator), {"code": verdict_text(verdict, left, visit.words)})
    return visit.go(f"{PATH}/{drawer.pick_up.id}/receipt")


def show_receipt(visit: Visit) -> Response:
    """Step 5: what was done, to be printed and signed."""
    drawer = _drawer(visit, admit(visit, Permission.HAND_OVER))
    if not drawer.handed_over:
        return visit.go(PATH)
    return visit.page("console/counter/receipt.html", values={}, step=Step.RECEIPT, drawer=drawer, label=Labels(visit.words))


def _hand_over(visit: Visit, drawer: Drawer, operator: Operator) -> None:
    ask = HandOver(
        pick_up_id=drawer.pick_up.id,
        operator=operator,
        paper=visit.query.get("paper", ""),
        same_person=True,
        serial=drawer.token.serial,
    )
    visit.do(lambda desk: hand_over(ask, desk=desk))


def _wake(visit: Visit, drawer: Drawer, operator: Operator, code: str) -> tuple[Verdict, int]:
    case = drawer.case
    if case.state is CaseState.RECEIVED:
        bind = RegisterDevice(case_id=case.id, member_id=case.member_id, serial=drawer.token.serial, by=operator.actor)
        visit.do(lambda desk: register_device(bind, desk=desk))
    test = Activate(case_id=case.id, member_id=case.member_id, code=code, by=operator.actor)
    examined, _case = visit.do(lambda desk: activate(test, desk=desk))
    return examined.verdict, examined.tries_left


def _seen(visit: Visit, drawer: Drawer) -> bool:
    """Whether the steps before this one were taken: a paper seen, this device scanned."""
    return visit.query.get("paper") in PAPERS and visit.query.get("serial") == drawer.token.serial


def _drawer(visit: Visit, operator: Operator) -> Drawer:
    key = key_of(visit.path("id"))
    return visit.look(lambda uow: read_drawer(key, operator=operator, uow=uow))


def _test(visit: Visit, drawer: Drawer, errors: dict[str, str] | None = None) -> Response:
    carried = {name: visit.query.get(name, "") for name in ("paper", "serial")}
    here = f"{PATH}/{drawer.pick_up.id}"
    fee = visit.look(lambda uow: fee_of(drawer.case, uow=uow))
    return visit.page(
        "console/counter/test.html",
        errors=errors,
        values={},
        step=Step.TEST,
        drawer=drawer,
        due=fee if fee is not None and fee.state is FeeState.DUE else None,
        action=f"{here}/test?{urlencode(carried)}",
        back=f"{here}/device?{urlencode({'paper': carried['paper']})}",
    )


def routes(front: Front) -> list[BaseRoute]:
    """The pages of the last two steps."""
    area, one = Area.CONSOLE, PATH + "/{id}"
    return [
        page_route(front, f"{one}/test", area=area, get=show_test, post=send_test, explain=explain),
        page_route(front, f"{one}/receipt", area=area, get=show_receipt, explain=explain),
    ]
