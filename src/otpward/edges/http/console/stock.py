"""The stock of each branch: on the shelf, set aside, travelling, in quarantine; goods in by scan; when a model is low."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.errors import Invalid, NotFound
from otpward.core.model.member import Area
from otpward.core.policy.roles import Permission
from otpward.core.policy.stock import LOW_BELOW
from otpward.edges.http.console.door import admit, allowed, told
from otpward.edges.http.console.stock_words import after_scan, branch_here, branch_of, told_scan
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.words import later
from otpward.services.oversee.count_stock import count_stock
from otpward.services.stock.set_model_rule import BATTERY_MOST, LOW_MOST, SetModelRule, set_model_rule
from otpward.services.stock.take_in import TakeIn, take_in

PATH: Final = "/console/stock"
_DONE: Final = {"rule": later("Saved.")}
_NUMBER_LONGEST: Final = 6


def show_stock(visit: Visit) -> Response:
    """How many devices lie where."""
    operator = admit(visit, Permission.SEE_STOCK)
    rows = visit.look(lambda uow: count_stock(uow=uow))
    return visit.page(
        "console/stock/stock.html",
        values={},
        rows=rows,
        low_below=LOW_BELOW,
        keeps=allowed(operator, Permission.KEEP_STOCK),
        done=told(visit, _DONE),
    )


def show_goods_in(visit: Visit) -> Response:
    """A field for the scanner."""
    operator = admit(visit, Permission.KEEP_STOCK)
    branch, branches = branch_here(visit, operator)
    scan = told_scan(visit, later("{serial} is on this shelf now."))
    waiting = visit.look(lambda uow: sum(one.count for one in uow.shelf.sums() if one.place == "arrived"))
    return visit.page("console/stock/in.html", values={}, branch=branch, branches=branches, scan=scan, waiting=waiting)


def send_goods_in(visit: Visit) -> Response:
    """One scan."""
    operator = admit(visit, Permission.KEEP_STOCK)
    branch, branches = branch_here(visit, operator)
    serial = visit.form.get("serial", "").strip()
    if branch is None:
        raise NotFound("no branch yet")
    if not serial:
        errors = {"serial": visit.words._("Scan a device, or type its serial number")}
        return visit.page("console/stock/in.html", errors=errors, branch=branch, branches=branches, scan=None, waiting=0)
    ask = TakeIn(serial=serial, branch_id=branch.id, operator=operator)
    scan = visit.do(lambda desk: take_in(ask, desk=desk))
    return visit.go(after_scan(scan, f"{PATH}/in", branch_of(scan, visit), branch=branch.code))


def show_rules(visit: Visit) -> Response:
    """When each model is low."""
    return _rules(visit, {})


def send_rule(visit: Visit) -> Response:
    """Say when one is low."""
    operator = admit(visit, Permission.KEEP_STOCK)
    _ = visit.words._
    code, model = visit.form.get("at", ""), visit.form.get("model", "").strip()
    branch = visit.look(lambda uow: uow.branches.first(code=code)) if code else None
    if code and branch is None:
        raise NotFound("no such branch")
    numbers = {name: visit.form.get(name, "").strip() or "0" for name in ("low_below", "battery_months")}
    errors = {
        name: _("Enter a whole number from 0 to {most}", most=most)
        for name, most in (("low_below", LOW_MOST), ("battery_months", BATTERY_MOST))
        if not (numbers[name].isascii() and numbers[name].isdigit() and len(numbers[name]) <= _NUMBER_LONGEST)
        or int(numbers[name]) > most
    }
    if not errors:
        ask = SetModelRule(
            institution_id=visit.institution.id,
            operator=operator,
            model=model,
            branch_id=None if branch is None else branch.id,
            low_below=int(numbers["low_below"]),
            battery_months=int(numbers["battery_months"]) if branch is None else 0,
        )
        try:
            visit.do(lambda desk: set_model_rule(ask, desk=desk))
        except Invalid as error:
            errors[error.field or ""] = _("Enter a whole number")
    return _rules(visit, errors) if errors else visit.go(f"{PATH}/rules?done=rule")


def _rules(visit: Visit, errors: dict[str, str]) -> Response:
    operator = admit(visit, Permission.KEEP_STOCK)
    rows = visit.look(lambda uow: count_stock(uow=uow))
    rules = visit.look(lambda uow: uow.model_rules.find(order="model"))
    models = sorted({model.model for row in rows for model in row.models} | {rule.model for rule in rules})
    return visit.page(
        "console/stock/rules.html",
        errors=errors,
        values=visit.form,
        rules=rules,
        models=[(model, model or visit.words._("Model not named")) for model in models],
        branches={row.branch.id: row.branch for row in rows if operator.branch_id in {None, row.branch.id}},
        everywhere=operator.branch_id is None,
        done=None if errors else told(visit, _DONE),
    )


def routes(front: Front) -> list[BaseRoute]:
    """The pages of this room."""
    area = Area.CONSOLE
    return [
        page_route(front, PATH, area=area, get=show_stock, explain=explain),
        page_route(front, f"{PATH}/in", area=area, get=show_goods_in, post=send_goods_in, explain=explain),
        page_route(front, f"{PATH}/rules", area=area, get=show_rules, post=send_rule, explain=explain),
    ]
