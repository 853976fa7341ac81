"""What the workers do: notices leave once, trouble with one holds up nobody else, parcels move cases."""

import time
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from otpward.core.ids import CaseId
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import ShipmentState
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.case import Case, Delivery, Reason
from otpward.core.model.delivery import Shipment
from otpward.core.policy.notices import NoticeKind
from otpward.ports.notifier import Channel, Message, Sent
from tests.edges.workers.conftest import Installation, within

pytestmark = pytest.mark.slow

Work = Callable[..., None]


def test_a_committed_notice_goes_out_once_and_a_rolled_back_one_never(installation: Installation, work: Work) -> None:
    phone = "+821055509001"
    installation.add("one", phone)
    before = len(installation.texts(phone))
    [sent] = installation.tell("one", NoticeKind.CASE_SUBMITTED, number="R-261123-YES")
    installation.tell("one", NoticeKind.CASE_SUBMITTED, commit=False, number="R-261123-NEVER")
    assert len(installation.texts(phone)) == before, "nothing works yet"
    work()
    assert within(20, lambda: installation.notice(sent).sent_at is not None)
    time.sleep(1.5)
    fresh = installation.texts(phone)[: len(installation.texts(phone)) - before]
    assert len(fresh) == 1
    assert "R-261123-YES" in fresh[0]
    assert installation.notice(sent).provider_reference != ""


def test_a_mail_goes_out_too(installation: Installation, work: Work) -> None:
    before = len(installation.mails("m1002@member.example"))
    [sent] = installation.tell("m1002", NoticeKind.CASE_SUBMITTED, only=Channel.MAIL, number="R-261123-MAIL")
    work()
    assert within(20, lambda: installation.notice(sent).sent_at is not None)
    mails = installation.mails("m1002@member.example")
    assert len(mails) == before + 1
    assert "R-261123-MAIL" in mails[0]["text"]


def test_a_text_that_carried_a_code_is_erased_after_sending(installation: Installation, work: Work) -> None:
    phone = "+821055509002"
    installation.add("two", phone)
    [code] = installation.tell("two", NoticeKind.PHONE_CODE, code="482913", minutes="10")
    [plain] = installation.tell("two", NoticeKind.CASE_SUBMITTED, number="R-261123-TWO")
    assert "482913" in installation.notice(code).text.reveal()
    work()
    assert within(20, lambda: None not in {installation.notice(code).sent_at, installation.notice(plain).sent_at})
    assert installation.notice(code).text.reveal() == ""
    assert "R-261123-TWO" in installation.notice(plain).text.reveal()
    assert any("482913" in text for text in installation.texts(phone))


def test_a_gateway_that_is_down_holds_up_nobody_and_is_given_up(installation: Installation, work: Work) -> None:
    """More texts for the broken number than there are senders, all before the one that can go."""
    installation.add("broken", "+821055500007")
    installation.add("three", "+821055509003")
    stuck = [installation.tell("broken", NoticeKind.PHONE_CODE, code=f"48291{n}", minutes="10")[0] for n in range(6)]
    [fine] = installation.tell("three", NoticeKind.CASE_SUBMITTED, number="R-261123-THREE")
    began = time.monotonic()
    work(attempts=4, first_wait_s=0.5)
    assert within(20, lambda: installation.notice(fine).sent_at is not None)
    waited = time.monotonic() - began
    assert installation.notice(stuck[-1]).failed_at is None, f"the other was sent after {waited:.1f} s, while these still wait"
    assert within(40, lambda: all(installation.notice(one).failed_at is not None for one in stuck))
    assert {installation.notice(one).sent_at for one in stuck} == {None}
    assert {installation.notice(one).text.reveal() for one in stuck} == {""}


def test_a_gateway_that_comes_back_gets_what_waited(installation: Installation, work: Work) -> None:
    [notice] = installation.tell("m1001", NoticeKind.CASE_SUBMITTED, number="R-261123-BACK")
    real = installation.jobs().notifiers
    tries: list[str] = []

    class Flaky:
        """Down three times, then as it should be."""

        def send(self, message: Message) -> Sent:
            tries.append(message.reference)
            if len(tries) <= 3:
                raise Unavailable("the gateway sleeps")
            return real[Channel.SMS].send(message)

    from otpward.core.errors import Unavailable  # noqa: PLC0415 - beside its only use

    work(notifiers={Channel.SMS: Flaky()})
    assert within(20, lambda: installation.notice(notice).sent_at is not None)
    assert tries == [str(notice)] * 4


def test_what_a_carrier_refuses_for_good_is_not_tried_again(installation: Installation, work: Work) -> None:
    installation.add("refused", "+821055500027")
    [notice] = installation.tell("refused", NoticeKind.CASE_SUBMITTED, number="R-261123-NO")
    work()
    assert within(20, lambda: installation.notice(notice).failed_at is not None)
    lines = installation.opened.house.look(installation.inside, lambda uow: uow.audit.find(subject_id=notice))
    assert [line.event.value for line in lines] == ["notice:failed"]


def on_its_way(installation: Installation, number: str, serial: str) -> tuple[CaseId, Shipment]:
    """A case whose device is in the post under this number."""
    desk = installation.opened.house.desk(installation.inside)
    sample = installation.sample
    with desk.uow as uow:
        token = uow.tokens.first(serial=serial)
        assert token is not None
        uow.tokens.save(replace(token, state=TokenState.IN_TRANSIT))
        case = Case(
            id=CaseId(desk.new_id()),
            institution_id=installation.inside,
            number=f"R-261123-{number[-7:]}",
            member_id=sample.member.id,
            state=CaseState.IN_TRANSIT,
            open_key=number,
            reason=Reason.LOST,
            delivery=Delivery.POST,
            new_token_id=token.id,
            opened_at=desk.now,
        )
        uow.cases.add(case)
        parcel = Shipment(
            id=desk.new_id(),
            institution_id=installation.inside,
            case_id=case.id,
            member_id=sample.member.id,
            token_id=token.id,
            branch_id=sample.branch.id,
            state=ShipmentState.DISPATCHED,
            tracking_number=number,
            planned_at=desk.now,
            dispatched_at=desk.now,
            ask_at=desk.now,
        )
        uow.shipments.add(parcel)
        uow.commit()
    return case.id, parcel


def unused_number(installation: Installation) -> str:
    """A number that the sandbox's post office has not seen, as two engines share one."""
    parcels = httpx.get(f"{installation.outside.base_url}/api/parcels").json()
    return f"68901{10_000_000 + len(parcels) * 10:08d}"


def travel(installation: Installation, number: str, *states: str) -> None:
    base = f"{installation.outside.base_url}/api/parcels"
    httpx.post(base, json={"number": number}).raise_for_status()
    for state in states:
        httpx.post(f"{base}/{number}/move", json={"state": state}).raise_for_status()


def test_a_parcel_that_moves_moves_its_case(installation: Installation, work: Work) -> None:
    number = unused_number(installation)
    case_id, parcel = on_its_way(installation, number, "SN-02")
    work()
    house, inside = installation.opened.house, installation.inside
    travel(installation, number, "in_transit")
    assert within(15, lambda: house.look(inside, lambda uow: uow.shipments.get(parcel.id)).place != "")
    assert house.look(inside, lambda uow: uow.cases.get(case_id)).state is CaseState.IN_TRANSIT
    httpx.post(f"{installation.outside.base_url}/api/parcels/{number}/move", json={"state": "delivered"}).raise_for_status()
    assert within(15, lambda: house.look(inside, lambda uow: uow.cases.get(case_id)).state is CaseState.RECEIVED)
    assert house.look(inside, lambda uow: uow.tokens.first(serial="SN-02")).state is TokenState.ISSUED  # type: ignore[union-attr]
    assert house.look(inside, lambda uow: uow.shipments.get(parcel.id)).state is ShipmentState.DELIVERED


def test_a_parcel_that_cannot_be_filed_does_not_hold_up_the_next(installation: Installation, work: Work) -> None:
    """Its device was written off meanwhile; it stays where it is for staff to see, and the others go on."""
    first, second = unused_number(installation), f"{int(unused_number(installation)) + 5}"
    on_its_way(installation, first, "SN-02")
    case_id, _ = on_its_way(installation, second, "SN-03")
    house, inside = installation.opened.house, installation.inside
    with house.desk(inside).uow as uow:
        token = uow.tokens.first(serial="SN-02")
        assert token is not None
        uow.tokens.save(replace(token, state=TokenState.RETIRED))
        uow.commit()
    for number in (first, second):
        travel(installation, number, "in_transit", "delivered")
    work()
    assert within(15, lambda: house.look(inside, lambda uow: uow.cases.get(case_id)).state is CaseState.RECEIVED)
