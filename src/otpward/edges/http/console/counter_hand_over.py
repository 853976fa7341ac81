"""The counter, where it becomes final: with the test OTP the device is handed over, registered and activated in turn, and what
is done stays done if the next one fails."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.fees import FeeDue, StaleFee, due_fee
from otpward.core.errors import Invalid
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.table import IllegalTransition
from otpward.core.model.fee import Means
from otpward.core.model.member import Area, Operator
from otpward.core.policy.proofs import ProofNeeded
from otpward.core.policy.roles import Permission
from otpward.core.policy.verification import Verdict
from otpward.edges.http.address import pick
from otpward.edges.http.console.counter_view import PATH, Drawer, Step, open_drawer
from otpward.edges.http.console.counter_words import say_fault, say_unfit
from otpward.edges.http.console.door import admit
from otpward.edges.http.console.fees import in_words
from otpward.edges.http.console.tokens import verdict_text
from otpward.edges.http.faults import explain
from otpward.edges.http.fee_words import MEANS
from otpward.edges.http.front import Front, Visit, page_route
from otpward.services.activate.activate import Activate, activate
from otpward.services.apply.fees.pay_fee import PayFee, pay_fee
from otpward.services.deliver.exchange_dead import ExchangeDead, SittingOver, exchange_dead, is_same_sitting
from otpward.services.deliver.find_pick_up import NoSuchPickUp, PassFault
from otpward.services.deliver.hand_over import HandOver, TooLate, WrongDevice, hand_over
from otpward.services.deliver.look_at_device import Looked, look_at_device
from otpward.services.register.register_device import RegisterDevice, register_device

INSTEAD: Final = ("yes", "dead")
"""Why another device is given out than the one that was set aside: it is not to be had, or it does not work."""


def show_test(visit: Visit) -> Response:
    """Step 4: the member enters a test OTP, or takes the device home."""
    drawer = open_drawer(visit, admit(visit, Permission.HAND_OVER))
    if drawer.waits_for_test:
        return _test(visit, drawer)
    if not drawer.waits:
        return elsewhere(visit, drawer)
    if drawer.known is None:
        return compare_first(visit, drawer)
    return _test(visit, drawer) if visit.query.get("serial") else visit.go(f"{drawer.here}/device")


def send_test(visit: Visit) -> Response:
    """Hand over; and with a test OTP register and activate too. On to the receipt, or what is wrong with the number."""
    operator = admit(visit, Permission.HAND_OVER)
    drawer = open_drawer(visit, operator)
    if drawer.tested or not (drawer.waits or drawer.waits_for_test):
        return elsewhere(visit, drawer)
    if visit.form.get("act") == "fee":
        return _take_fee(visit, drawer, operator)
    if visit.form.get("act") == "exchange":
        return _exchange(visit, drawer, operator)
    at_home, code = visit.form.get("act") == "home", visit.form.get("code", "")
    if not at_home and not code.strip():
        return _test(visit, drawer, {"code": visit.words._("Enter the number that the OTP shows")})
    if not drawer.handed_over:
        stopped = _hand_over(visit, drawer, operator)
        if stopped is not None:
            return stopped
    if not at_home:
        drawer = open_drawer(visit, operator)
        verdict, left = _wake(visit, drawer, operator, code)
        if verdict is not Verdict.ACCEPTED:
            wrong = {"code": verdict_text(verdict, left, visit.words)}
            return _test(visit, open_drawer(visit, operator), wrong, apart=verdict is Verdict.RESYNC_NEEDED)
    return visit.go(f"{drawer.here}/receipt")


def elsewhere(visit: Visit, drawer: Drawer) -> Response:
    """A step that is over leads to where the hand-over stands."""
    if drawer.waits_for_test:
        return visit.go(f"{drawer.here}/test")
    return visit.go(f"{drawer.here}/receipt" if drawer.handed_over else PATH)


def compare_first(visit: Visit, drawer: Drawer) -> Response:
    """Papers that nobody compared, or too long ago, are compared first."""
    return visit.go(f"{drawer.here}/person?again=yes")


def _hand_over(visit: Visit, drawer: Drawer, operator: Operator) -> Response | None:
    """Hand the device over; or the page that says why it stays here."""
    ask = HandOver(
        pick_up_id=drawer.pick_up.id,
        operator=operator,
        serial=visit.query.get("serial", ""),
        instead=visit.query.get("instead") in INSTEAD,
        dead=visit.query.get("instead") == "dead",
    )
    try:
        visit.do(lambda desk: hand_over(ask, desk=desk))
    except FeeDue as error:
        amount = visit.front.pages.show(visit.lang).money(error.amount_won)
        return _test(visit, drawer, {"": visit.words._("The fee of {amount} is still due. Record it first", amount=amount)})
    except ProofNeeded:
        return compare_first(visit, drawer)
    except WrongDevice as error:
        looked = Looked(token=None, unfit=error.unfit, set_aside=False)
        values = {"serial": say_unfit(looked, visit.words)}
        return visit.page(
            "console/counter/device.html", errors=values, step=Step.DEVICE, drawer=drawer, camera=True, other=None
        )
    except TooLate:
        late = say_fault(visit, NoSuchPickUp(PassFault.TOO_LATE, drawer.pick_up))
        return visit.page("console/counter/code.html", errors={"code": late}, values={}, step=Step.CODE, camera=True)
    except IllegalTransition:
        after = open_drawer(visit, operator)
        return visit.go(f"{after.here}/receipt?late=yes" if after.handed_over else PATH)
    return None


def _exchange(visit: Visit, drawer: Drawer, operator: Operator) -> Response:
    """The dead device stays here, and the test goes on with the one that was scanned; or why that is not given out."""
    _, serial = visit.words._, visit.form.get("serial", "").strip()
    if not serial:
        return _test(visit, drawer, {"serial": _("Scan or type the serial number")})
    if visit.form.get("here") != "yes":
        return _test(visit, drawer, {"here": _("Take the dead device back first")})
    ask = ExchangeDead(pick_up_id=drawer.pick_up.id, operator=operator, serial=serial)
    try:
        visit.do(lambda desk: exchange_dead(ask, desk=desk))
    except WrongDevice as error:
        looked = visit.look(
            lambda uow: look_at_device(serial, drawer.pick_up, drawer.case, uow=uow, now=visit.front.house.clock.now())
        )
        said = say_unfit(Looked(token=looked.token, unfit=error.unfit, set_aside=False), visit.words)
        return _test(visit, drawer, {"serial": _("This is the dead one. Scan another") if looked.set_aside else said})
    except SittingOver:
        over = _("It was handed over too long ago, or by a colleague. Nothing was exchanged")
        return _test(visit, open_drawer(visit, operator), {"": over})
    except IllegalTransition:
        return elsewhere(visit, open_drawer(visit, operator))
    return visit.go(f"{drawer.here}/test")


def _wake(visit: Visit, drawer: Drawer, operator: Operator, code: str) -> tuple[Verdict, int]:
    case = drawer.case
    if case.state is CaseState.RECEIVED:
        bind = RegisterDevice(case_id=case.id, member_id=case.member_id, serial=drawer.token.serial, by=operator.actor)
        visit.do(lambda desk: register_device(bind, desk=desk))
    second = visit.form.get("second", "").strip()
    test = Activate(case_id=case.id, member_id=case.member_id, code=code, second=second, by=operator.actor)
    examined, _case = visit.do(lambda desk: activate(test, desk=desk))
    return examined.verdict, examined.tries_left


def _take_fee(visit: Visit, drawer: Drawer, operator: Operator) -> Response:
    """The fee is recorded here, and the hand-over goes on."""
    seen = visit.form.get("seen", "")
    ask = PayFee(
        case_id=drawer.case.id,
        operator=operator,
        means=pick(Means, visit.form.get("means")),
        reference=visit.form.get("reference", ""),
        seen_version=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else -1,
    )
    try:
        visit.do(lambda desk: pay_fee(ask, desk=desk))
    except Invalid as error:
        wrong = in_words(error, visit.words)
        if not wrong:
            raise
        return _test(visit, drawer, wrong)
    except StaleFee:
        return _test(visit, drawer, {"": visit.words._("The fee was changed meanwhile. Look at what is recorded now")})
    return visit.go(_here(visit, drawer))


def _here(visit: Visit, drawer: Drawer) -> str:
    """This page again, with the device that was chosen."""
    chosen = {name: visit.query[name] for name in ("serial", "instead") if visit.query.get(name)}
    return f"{drawer.here}/test" + (f"?{urlencode(chosen)}" if chosen else "")


def _test(visit: Visit, drawer: Drawer, errors: Mapping[str, str] | None = None, *, apart: bool = False) -> Response:
    return visit.page(
        "console/counter/test.html",
        errors=errors,
        values=visit.form if visit.form.get("act") in {"fee", "exchange"} else {},
        step=Step.TEST,
        drawer=drawer,
        serial=drawer.token.serial if drawer.handed_over else visit.query.get("serial", ""),
        due=visit.look(lambda uow: due_fee(drawer.case, uow=uow)),
        ways=[{"value": one.value, "label": visit.words._(MEANS[one])} for one in Means],
        apart=apart or bool(visit.form.get("second")),
        action=_here(visit, drawer),
        exchanges=_can_exchange(visit, drawer),
        camera=True,
    )


def _can_exchange(visit: Visit, drawer: Drawer) -> bool:
    return is_same_sitting(drawer.pick_up, drawer.case, visit.operator(), now=visit.front.house.clock.now())


def routes(front: Front) -> list[BaseRoute]:
    """The page of the fourth step."""
    return [page_route(front, PATH + "/{id}/test", area=Area.CONSOLE, get=show_test, post=send_test, explain=explain)]
