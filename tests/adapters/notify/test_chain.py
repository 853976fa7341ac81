"""Several gateways: the next is asked where one does not answer; never two take one message, unless one left us unsure."""

from collections.abc import Sequence

import pytest

from otpward.adapters.notify.chain import REST_S, ChainNotifier
from otpward.core.errors import Invalid, Unavailable, Unsure
from otpward.ports.notifier import Channel, Message, Refused, Sent

WARNING = Message(channel=Channel.SMS, to="+821012345678", text="a", reference="1")
REMINDER = Message(channel=Channel.SMS, to="+821012345678", text="a", reference="1", only_once=True)


class One:
    most = 10

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault, self.asked = fault, 0

    def send(self, message: Message) -> Sent:
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        return Sent(provider_reference="r")

    def send_many(self, messages: Sequence[Message]) -> Sequence[Sent | Refused]:
        return [self.send(message) for message in messages[:1]] * len(messages)


def test_the_first_takes_it_and_the_second_is_not_asked() -> None:
    first, second = One(), One()
    chain = ChainNotifier([("first", first), ("second", second)])
    assert chain.send(WARNING).provider == "first"
    assert [one.provider for one in chain.send_many([WARNING, WARNING]) if isinstance(one, Sent)] == ["first", "first"]
    assert second.asked == 0


def test_where_the_first_is_down_the_second_takes_it_and_stays_in_front_for_a_while() -> None:
    now = [0.0]
    first, second = One(Unavailable("down")), One()
    chain = ChainNotifier([("first", first), ("second", second)], clock=lambda: now[0])
    assert chain.send(REMINDER).provider == "second"
    assert chain.send(WARNING).provider == "second"
    assert first.asked == 1
    first.fault, now[0] = None, REST_S
    assert chain.send(WARNING).provider == "first"


@pytest.mark.parametrize(("message", "twice"), [(WARNING, True), (REMINDER, False)], ids=["warning", "reminder"])
def test_where_the_first_leaves_us_unsure_only_a_warning_goes_again(message: Message, twice: bool) -> None:
    first, second = One(Unsure("slow")), One()
    chain = ChainNotifier([("first", first), ("second", second)])
    if twice:
        assert chain.send(message).provider == "second"
    else:
        with pytest.raises(Unsure):
            chain.send(message)
    assert second.asked == int(twice)
    with pytest.raises(Unsure):
        ChainNotifier([("first", One(Unsure("slow"))), ("second", One())]).send_many([message])


def test_what_is_refused_for_good_is_not_taken_elsewhere() -> None:
    second = One()
    with pytest.raises(Invalid):
        ChainNotifier([("first", One(Invalid("bad number"))), ("second", second)]).send(WARNING)
    assert second.asked == 0


def test_with_nobody_there_the_worst_is_told() -> None:
    with pytest.raises(Unsure):
        ChainNotifier([("a", One(Unsure("slow"))), ("b", One(Unavailable("down")))]).send(WARNING)
    with pytest.raises(Unavailable):
        ChainNotifier([]).send(WARNING)
