"""Which rooms a role may enter, and that no value is left without a word."""

from typing import Any

import pytest

from otpward.core.audit import ActorKind, AuditEvent
from otpward.core.lifecycle.others import PickUpState, RegistrationState, ShipmentState
from otpward.core.lifecycle.token import Hold
from otpward.core.model.case import Delivery, Documents, Reason
from otpward.core.model.loss import LossKind
from otpward.core.model.member import Role
from otpward.core.model.proof import Method
from otpward.core.model.token import Form
from otpward.core.policy.notices import NoticeKind
from otpward.edges.http.console import labels
from otpward.edges.http.console.history import EVENTS
from otpward.edges.http.console.notice_labels import KINDS
from otpward.edges.http.console.paging import page_number, paged
from otpward.edges.http.console.today import CARDS
from otpward.services.oversee.see_work import QUEUES, Queue
from tests.edges.http.console.staffed import appoint, sit
from tests.fakes.sample import Sample

ROOMS = ("cases", "counter", "losses", "members", "tokens", "shipments", "stock", "audit")
MAY = {
    Role.BRANCH: {"cases", "counter", "losses", "members", "tokens", "stock"},
    Role.HELP_DESK: {"cases", "losses", "members", "tokens"},
    Role.STOCK: {"cases", "tokens", "shipments", "stock"},
    Role.ADMINISTRATOR: set(ROOMS),
    Role.AUDITOR: {"cases", "losses", "tokens", "shipments", "stock", "audit"},
}


@pytest.mark.parametrize("role", Role)
def test_a_role_is_led_to_its_rooms_and_turned_away_from_the_others(browser: Any, sample: Sample, role: Role) -> None:
    sit(browser, sample, appoint(sample, role))
    today = browser.get("/console")
    assert today.status_code == 200
    assert {room for room in ROOMS if f'href="/console/{room}"' in today.text} >= MAY[role]
    entered = {room for room in ROOMS if browser.get(f"/console/{room}").status_code == 200}
    assert entered == MAY[role]
    led = today.text.partition('class="rail"')[2].partition("</nav>")[0]
    assert {room for room in ROOMS if f'href="/console/{room}"' in led} == MAY[role]


@pytest.mark.parametrize("room", ["", *(f"/{room}" for room in ROOMS), "/cases/R-1", "/tokens/SN-00", "/stock"])
def test_a_stranger_is_sent_to_sign_in(browser: Any, sample: Sample, room: str) -> None:
    assert browser.get(f"/console{room}").url.path == "/console/sign-in"


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (labels.REASONS, Reason),
        (labels.DELIVERIES, Delivery),
        (labels.DOCUMENTS, Documents),
        (labels.METHODS, Method),
        (labels.ROLES, Role),
        (labels.LOSS_KINDS, LossKind),
        (labels.FORMS, Form),
        (labels.REGISTRATIONS, RegistrationState),
        (labels.SHIPMENTS, ShipmentState),
        (labels.PICK_UPS, PickUpState),
        (labels.ACTORS, ActorKind),
        (labels.HOLDS, Hold),
        (EVENTS, AuditEvent),
        (KINDS, NoticeKind),
        (CARDS, Queue),
        (QUEUES, Queue),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_every_value_has_its_word(table: Any, values: Any) -> None:
    assert set(table) == set(values)


@pytest.mark.parametrize(
    ("asked", "number"), [("", 1), ("2", 2), ("0", 1), ("-3", 1), ("x", 1), ("٣", 1), ("9" * 40, 1), ("99999999", 10_000)]
)
def test_the_page_in_the_address_is_a_number_or_the_first(asked: str, number: int) -> None:
    assert page_number({"page": asked}) == number


def test_filters_stay_in_the_addresses_of_the_pages_beside() -> None:
    pages = paged("/console/cases", {"state": "draft", "page": "2", "q": "", "done": "x"}, rows=25, total=60)
    assert (pages.before, pages.after) == ("/console/cases?state=draft", "/console/cases?state=draft&page=3")
    assert pages.text == "26–50 / 60"
