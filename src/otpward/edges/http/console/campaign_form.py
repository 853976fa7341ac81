"""What the form of a new campaign says: read with care, refused with a sentence, and told again in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from otpward.core.errors import OtpwardError
from otpward.core.ids import BranchId
from otpward.core.model.campaign import Campaign, Chosen
from otpward.core.model.institution import Branch
from otpward.core.model.member import Operator, Role
from otpward.core.model.token import Form
from otpward.core.policy.reminding import CAMPAIGN_DAYS_MOST, REST_DAYS, REST_DAYS_MOST
from otpward.core.policy.versions import day_of
from otpward.edges.http.address import pick
from otpward.edges.http.front import Visit
from otpward.edges.http.show import Show
from otpward.edges.http.words import Words, later
from otpward.ports.unit_of_work import UnitOfWork

DAYS: Final = ("expires_from", "expires_until", "fails_until", "unused_since")
FORMS: Final[Mapping[Form, str]] = {
    Form.FOB: later("OTP device"),
    Form.CARD: later("OTP card"),
    Form.APP: later("OTP app"),
}
FIELDS: Final = ("name", "branch", "form", "model", *DAYS, "ends_on", "rest_days", "everybody")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The form, read; `errors` says what cannot be read."""

    chosen: Chosen
    name: str
    ends_on: date | None
    rest_days: int
    everybody: bool
    errors: Mapping[str, str]


def read_form(form: Mapping[str, str], operator: Operator, branches: list[Branch], words: Words) -> Written:
    """Every field on its own, so that all that is wrong is said at once."""
    errors: dict[str, str] = {}
    days = {name: _day(form, name, errors, words) for name in (*DAYS, "ends_on")}
    first, last = days["expires_from"], days["expires_until"]
    if first is not None and last is not None and last < first:
        errors["expires_until"] = words._("The last day is before the first")
    branch = next((one.id for one in branches if str(one.id) == form.get("branch")), None)
    rest = form.get("rest_days", "").strip() or str(REST_DAYS)
    if not (rest.isascii() and rest.isdigit() and len(rest) < 5 and int(rest) <= REST_DAYS_MOST):
        errors["rest_days"] = words._("Enter a number of days, 0 to {n}", n=REST_DAYS_MOST)
        rest = str(REST_DAYS)
    return Written(
        chosen=Chosen(
            branch_id=branch if operator.role is not Role.BRANCH or operator.branch_id is None else operator.branch_id,
            form=pick(Form, form.get("form")),
            model=" ".join(form.get("model", "").split())[:200] or None,
            expires_from=first,
            expires_until=last,
            fails_until=days["fails_until"],
            unused_since=days["unused_since"],
        ),
        name=form.get("name", ""),
        ends_on=days["ends_on"],
        rest_days=int(rest),
        everybody=form.get("everybody") == "yes",
        errors=errors,
    )


def _day(form: Mapping[str, str], name: str, errors: dict[str, str], words: Words) -> date | None:
    text = form.get(name, "").strip()
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        errors[name] = words._("Write the day like {example}", example="2027-03-31")
        return None
    if not 2000 <= found.year < 2100:
        errors[name] = words._("Write the day like {example}", example="2027-03-31")
        return None
    return found


def sentence_for(error: OtpwardError, visit: Visit) -> dict[str, str]:
    """What is said of a campaign that was refused."""
    _ = visit.words._
    until = visit.front.pages.show(visit.lang).date(day_of(visit.front.house.clock.now()) + timedelta(days=CAMPAIGN_DAYS_MOST))
    sentences = {
        "name": _("Give it a name, so that colleagues know it"),
        "ends_on": _("Its last day must be after today and not after {date}", date=until),
        "expires_until": _("The last day is before the first"),
        "rest_days": _("Enter a number of days, 0 to {n}", n=REST_DAYS_MOST),
        "branch": _("Choose one"),
        "everybody": _("No condition is given: every member would be asked. Tick this if you mean that"),
    }
    field = getattr(error, "field", None) or ""
    return {field: sentences[field]} if field in sentences else {"": _("No device in use meets these conditions")}


def told_conditions(campaign: Campaign | Chosen, branches: Mapping[BranchId, str], show: Show, words: Words) -> list[str]:
    """The conditions in words, one each; nothing where everybody is meant."""
    _ = words._
    one = campaign.chosen if isinstance(campaign, Campaign) else campaign
    told = []
    if one.branch_id is not None:
        told.append(_("Branch: {name}", name=branches.get(one.branch_id, "–")))
    if one.form is not None:
        told.append(_("Kind: {name}", name=_(FORMS[one.form])))
    if one.model is not None:
        told.append(_("Model: {name}", name=one.model))
    if one.expires_from is not None and one.expires_until is not None:
        told.append(_("Ends between {first} and {last}", first=show.date(one.expires_from), last=show.date(one.expires_until)))
    elif one.expires_from is not None:
        told.append(_("Ends from {date} on", date=show.date(one.expires_from)))
    elif one.expires_until is not None:
        told.append(_("Ends by {date}", date=show.date(one.expires_until)))
    if one.fails_until is not None:
        told.append(_("Battery or clock forecast to fail by {date}", date=show.date(one.fails_until)))
    if one.unused_since is not None:
        told.append(_("Not used since {date}", date=show.date(one.unused_since)))
    return told


def branches_of(operator: Operator, *, uow: UnitOfWork) -> list[Branch]:
    """Those that this operator can ask for: their own where they sit at one, else all."""
    every = uow.branches.find(order="code")
    own = operator.branch_id if operator.role is Role.BRANCH else None
    return [one for one in every if own in {None, one.id}]
