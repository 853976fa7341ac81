"""Who collects, by which paper they are known, which device they are given, what they sign, and what becomes of the old one."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from otpward.core.audit import AuditEvent
from otpward.core.errors import Denied, Invalid, TooOften
from otpward.core.formats.signature import NoSignature
from otpward.core.ids import BranchId
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import ProofState
from otpward.core.lifecycle.table import IllegalTransition
from otpward.core.lifecycle.token import Hold, TokenState
from otpward.core.model.case import Case
from otpward.core.model.delivery import PickUp, Signed
from otpward.core.model.member import Role
from otpward.core.model.proof import Act, Assurance, Method
from otpward.core.policy.applicants import Relation
from otpward.core.policy.papers import PapersUnfit
from otpward.core.policy.pick_ups import Who
from otpward.core.policy.proofs import ProofNeeded
from otpward.core.policy.shelf import Unfit
from otpward.core.secret import Personal
from otpward.services.deliver.expire_pick_ups import expire_pick_ups
from otpward.services.deliver.find_pick_up import NoSuchPickUp, PassFault, find_pick_up
from otpward.services.deliver.hand_over import WrongDevice
from otpward.services.deliver.remind_pick_ups import remind_pick_ups
from otpward.services.deliver.sign_receipt import NothingToSign, SignReceipt, sign_receipt
from otpward.services.deliver.take_back import NotTheOldOne, StillNeeded, TakeBack, take_back
from tests.services.walk import SEEN, Walk, shown

STROKES = "10,10 20,20 30,15;40,40 50,50 60,45"


def acted_for(walk: Walk, case: Case, name: str = "홍어머니", relation: str = "mother", kind: str = "minor") -> Case:
    named = replace(case, acting_name=Personal(name), acting_as=Personal(relation), applicant=kind)
    walk.edit(lambda uow: uow.cases.save(named))
    return walk.case(case.id)


def change_token(walk: Walk, serial: str, **changes: Any) -> str:
    walk.edit(lambda uow: uow.tokens.save(replace(walk.token(serial), **changes)))
    return serial


def change_device(walk: Walk, serial: str, **changes: Any) -> str:
    token = walk.token(serial)
    walk.edit(lambda uow: uow.devices.save(replace(uow.devices.get(token.id), **changes)))
    return serial


def closed(walk: Walk, pick_up: PickUp) -> PickUp:
    return walk.look(lambda uow: uow.pick_ups.get(pick_up.id))


def test_a_hand_over_leaves_a_proof_in_person_of_the_highest_level(walk: Walk) -> None:
    case, pick_up = walk.ready()
    walk.compare(case)
    walk.give(pick_up, "SN-02")
    kept = closed(walk, pick_up)
    assert kept.proof_id is not None
    proof = walk.look(lambda uow: uow.proofs.first(id=kept.proof_id))
    assert proof is not None
    assert (proof.act, proof.method, proof.level, proof.state) == (
        Act.COLLECT,
        Method.IN_PERSON,
        Assurance.HIGH,
        ProofState.SPENT,
    )
    assert (proof.case_id, proof.member_id) == (case.id, walk.member.id)
    [line] = walk.look(lambda uow: uow.audit.find(subject_id=proof.id, event=AuditEvent.PROOF_PASSED))
    assert (line.actor_id, line.result, line.detail["compared"]) == (
        walk.operator.member_id,
        "passport",
        "photo name birth_date",
    )
    assert (kept.seen, kept.collected_by.reveal(), kept.collected_as.reveal()) == ("passport", "", "")


def test_without_papers_compared_nothing_is_handed_over(walk: Walk) -> None:
    _, pick_up = walk.ready()
    with pytest.raises(ProofNeeded):
        walk.give(pick_up, "SN-02")
    assert walk.token("SN-02").state is TokenState.RESERVED


@pytest.mark.parametrize("why", ["too late", "another operator", "another act", "another case", "used"])
def test_what_was_compared_is_for_this_device_by_this_operator_once_and_soon(walk: Walk, why: str) -> None:
    case, pick_up = walk.ready()
    if why == "another act":
        walk.see(Act.APPLY)
    elif why == "another case":
        proof = walk.compare(case)
        walk.edit(lambda uow: uow.proofs.save(replace(uow.proofs.get(proof.id), case_id=None)))
    elif why == "another operator":
        walk.compare(case, operator=replace(walk.operator, member_id=walk.sample.other.id))
    else:
        proof = walk.compare(case)
        if why == "too late":
            walk.clock.move(minutes=10)
        else:
            walk.edit(lambda uow: uow.proofs.save(replace(uow.proofs.get(proof.id), state=ProofState.SPENT)))
    with pytest.raises(ProofNeeded):
        walk.give(pick_up, "SN-02")


@pytest.mark.parametrize(
    ("changes", "flaw"),
    [({"paper": "library card"}, "paper"), ({"day": None}, "day"), ({"photo": False}, "photo"), ({"name": False}, "name")],
    ids=str,
)
def test_the_papers_are_looked_at_whole(walk: Walk, changes: dict[str, Any], flaw: str) -> None:
    case, _ = walk.ready()
    with pytest.raises(PapersUnfit) as refused:
        walk.compare(case, seen=replace(SEEN, **changes))
    assert list(refused.value.flaws) == [flaw]


def test_compared_again_what_was_seen_before_is_void(walk: Walk) -> None:
    case, pick_up = walk.ready()
    walk.compare(case)
    walk.compare(case, seen=replace(SEEN, paper="driver_license"))
    walk.give(pick_up, "SN-02")
    assert closed(walk, pick_up).seen == "driver_license"


def test_a_guardian_collects_for_the_member_and_is_written_down(walk: Walk) -> None:
    case, pick_up = walk.ready()
    case = acted_for(walk, case)
    with pytest.raises(Invalid) as refused:
        walk.compare(case, who=Who.MEMBER)
    assert refused.value.field == "who"
    walk.compare(case, who=Who.ACTING, seen=replace(SEEN, birth_date=False))
    walk.give(pick_up, "SN-02")
    kept = closed(walk, pick_up)
    assert (kept.collected_by.reveal(), kept.collected_as.reveal()) == ("홍어머니", "mother")
    assert "홍어머니" not in repr(kept)


@pytest.mark.parametrize("who", list(Who))
def test_whoever_sent_a_proxy_may_come_themselves(walk: Walk, who: Who) -> None:
    case, pick_up = walk.ready()
    walk.compare(acted_for(walk, case, "홍배우", "spouse", "proxy"), who=who)
    walk.give(pick_up, "SN-02")
    assert bool(closed(walk, pick_up).collected_by) is (who is Who.ACTING)


def test_who_acts_for_a_member_and_is_not_named_yet_is_named_at_the_counter(walk: Walk) -> None:
    case, pick_up = walk.ready()
    case = acted_for(walk, case, "", "")
    for field, name in {"name": "", "relation": "홍아버지"}.items():
        with pytest.raises(Invalid) as refused:
            walk.compare(case, who=Who.ACTING, name=name, relation=Relation.SPOUSE)
        assert refused.value.field == field
    walk.compare(case, who=Who.ACTING, name=" 홍  아버지 ", relation=Relation.FATHER)
    walk.give(pick_up, "SN-02")
    assert closed(walk, pick_up).collected_by.reveal() == "홍 아버지"


def test_nobody_named_nobody_else_collects(walk: Walk) -> None:
    case, _ = walk.ready()
    with pytest.raises(Invalid):
        walk.compare(case, who=Who.ACTING)


def test_nobody_compares_themselves_nor_at_another_branch_nor_without_the_role(walk: Walk) -> None:
    case, _ = walk.ready()
    elsewhere = replace(walk.operator, branch_id=BranchId(walk.house.desk(None).new_id()))
    own = replace(walk.operator, member_id=walk.member.id)
    for operator in (elsewhere, own, walk.colleague(Role.HELP_DESK), walk.colleague(Role.STOCK)):
        with pytest.raises(Denied):
            walk.compare(case, operator=operator)


def test_another_device_takes_the_place_of_the_one_set_aside(walk: Walk) -> None:
    case, pick_up = walk.ready("SN-02")
    walk.compare(case)
    with pytest.raises(WrongDevice) as told:
        walk.give(pick_up, "sn-03")
    assert told.value.unfit is None
    done = walk.give(pick_up, "sn-03", instead=True)
    other, before = walk.token("SN-03"), walk.token("SN-02")
    assert (done.new_token_id, closed(walk, pick_up).token_id) == (other.id, other.id)
    assert (other.state, before.state) == (TokenState.ISSUED, TokenState.IN_STOCK)
    assert walk.look(lambda uow: uow.devices.get(before.id)).case_id is None
    assert walk.look(lambda uow: uow.devices.get(other.id)).case_id == case.id
    assert walk.events()[-5:] == [
        "proof:spent=done",
        "token:released=done",
        "token:reserved=done",
        "token:handed_over=done",
        "case:received=received",
    ]


def elsewhere_in(walk: Walk) -> BranchId:
    return BranchId(walk.house.desk(None).new_id())


UNFIT: dict[Unfit, Callable[[Walk], str]] = {
    Unfit.OLD_ONE: lambda walk: "SN-00",
    Unfit.IN_USE: lambda walk: "SN-01",
    Unfit.ENDED: lambda walk: change_token(walk, "SN-03", state=TokenState.RETIRED),
    Unfit.SET_ASIDE: lambda walk: change_token(walk, "SN-03", state=TokenState.RESERVED),
    Unfit.QUARANTINED: lambda walk: change_token(walk, "SN-03", state=TokenState.QUARANTINED),
    Unfit.ELSEWHERE: lambda walk: change_device(walk, "SN-03", branch_id=elsewhere_in(walk)),
    Unfit.STOPPED: lambda walk: change_token(walk, "SN-03", holds=frozenset({Hold.SUSPENDED})),
    Unfit.EXPIRED: lambda walk: change_token(walk, "SN-03", valid_until=walk.now),
}


@pytest.mark.parametrize("unfit", UNFIT)
def test_what_is_not_given_out_is_told_and_nothing_is_half_done(walk: Walk, unfit: Unfit) -> None:
    case, pick_up = walk.ready("SN-02")
    walk.compare(case)
    serial = UNFIT[unfit](walk)
    before = (walk.token(serial), walk.token("SN-02"), closed(walk, pick_up), walk.case(case.id), walk.events())
    with pytest.raises(WrongDevice) as told:
        walk.give(pick_up, serial, instead=True)
    assert told.value.unfit is unfit
    assert before == (walk.token(serial), walk.token("SN-02"), closed(walk, pick_up), walk.case(case.id), walk.events())


@pytest.mark.parametrize("serial", ["SN-99", "", "'; --"])
def test_an_unknown_device_is_not_given_out(walk: Walk, serial: str) -> None:
    case, pick_up = walk.ready()
    walk.compare(case)
    with pytest.raises(WrongDevice):
        walk.give(pick_up, serial, instead=True)


def test_one_set_aside_that_was_written_off_meanwhile_gives_way_to_another(walk: Walk) -> None:
    case, pick_up = walk.ready("SN-02")
    change_token(walk, "SN-02", state=TokenState.RETIRED)
    walk.compare(case)
    with pytest.raises(WrongDevice) as told:
        walk.give(pick_up, "SN-02")
    assert told.value.unfit is Unfit.ENDED
    walk.give(pick_up, "SN-03", instead=True)
    assert walk.token("SN-02").state is TokenState.RETIRED


def test_two_counters_with_one_pass_give_out_one_device(walk: Walk) -> None:
    """The slower one, whose page was open all the while, is refused and gives nothing out."""
    case, pick_up = walk.ready("SN-02")
    colleague = replace(walk.operator, member_id=walk.sample.other.id)
    walk.compare(case)
    walk.compare(case, operator=colleague)
    walk.give(pick_up, "SN-02")
    for serial, instead in (("SN-02", False), ("SN-03", True)):
        with pytest.raises(IllegalTransition):
            walk.give(pick_up, serial, operator=colleague, instead=instead)
    assert walk.token("SN-03").state is TokenState.IN_STOCK


def fault(walk: Walk, pick_up: PickUp, **changes: Any) -> PassFault:
    operator = replace(walk.operator, **changes)
    with pytest.raises(NoSuchPickUp) as told:
        walk.do(lambda desk: find_pick_up(pick_up.code.reveal(), operator=operator, desk=desk))
    assert told.value.pick_up is not None
    return told.value.fault


def test_each_pass_that_is_no_good_says_why(walk: Walk) -> None:
    case, pick_up = walk.ready("SN-02")
    assert fault(walk, pick_up, branch_id=elsewhere_in(walk)) is PassFault.ELSEWHERE
    walk.clock.move(days=14)
    assert fault(walk, pick_up) is PassFault.TOO_LATE
    walk.clock.move(seconds=1)
    walk.do(lambda desk: expire_pick_ups(desk=desk))
    assert fault(walk, pick_up) is PassFault.TOO_LATE
    walk.edit(lambda uow: uow.cases.save(replace(uow.cases.get(case.id), state=CaseState.CANCELLED)))
    assert fault(walk, pick_up) is PassFault.CANCELLED


def test_a_pass_is_good_once(walk: Walk) -> None:
    _, pick_up = walk.ready("SN-02")
    walk.hand_over(pick_up, "SN-02")
    assert fault(walk, pick_up) is PassFault.COLLECTED


def test_nobody_tries_codes_out(walk: Walk) -> None:
    _, pick_up = walk.ready("SN-02")

    def find(typed: str) -> PickUp:
        return walk.do(lambda desk: find_pick_up(typed, operator=walk.operator, desk=desk))

    for number in range(30):
        with pytest.raises(NoSuchPickUp):
            find(f"AAAA{number:04d}")
    with pytest.raises(TooOften):
        find(pick_up.code.reveal())
    walk.clock.move(minutes=10)
    assert find(pick_up.code.reveal()).id == pick_up.id


def test_a_member_is_reminded_once_before_the_last_day(walk: Walk) -> None:
    def remind() -> int:
        return len(walk.do(lambda desk: remind_pick_ups(desk=desk)))

    walk.ready("SN-02")
    walk.clock.move(days=11, seconds=-1)
    assert remind() == 0
    walk.clock.move(seconds=2)
    assert (remind(), remind()) == (1, 0)
    assert walk.told("reminder") == {("m1001", "pick_up_reminder", "sms"), ("m1001", "pick_up_reminder", "mail")}


def test_what_was_collected_or_ended_is_not_reminded_of(walk: Walk) -> None:
    _, pick_up = walk.ready("SN-02")
    walk.hand_over(pick_up, "SN-02")
    walk.clock.move(days=13)
    assert walk.do(lambda desk: remind_pick_ups(desk=desk)) == []


def test_who_did_not_collect_in_time_is_told(walk: Walk) -> None:
    walk.ready("SN-02")
    walk.clock.move(days=14, seconds=1)
    walk.do(lambda desk: expire_pick_ups(desk=desk))
    assert ("m1001", "pick_up_expired", "sms") in walk.told()


def sign(walk: Walk, pick_up: PickUp, **changes: Any) -> PickUp:
    ask = SignReceipt(pick_up_id=pick_up.id, operator=walk.operator, how=Signed.SCREEN, strokes=STROKES)
    return walk.do(lambda desk: sign_receipt(replace(ask, **changes), desk=desk))


def test_the_receipt_is_signed_once_on_the_screen(walk: Walk) -> None:
    _, pick_up = walk.ready("SN-02")
    with pytest.raises(NothingToSign):
        sign(walk, pick_up)
    walk.hand_over(pick_up, "SN-02")
    signed = sign(walk, pick_up)
    assert (signed.signed, signed.signed_at, signed.signature.reveal()) == (Signed.SCREEN, walk.now, STROKES)
    assert walk.events()[-1] == "pickup:signed=screen"
    with pytest.raises(NothingToSign):
        sign(walk, pick_up, how=Signed.PAPER)


def test_signed_on_paper_nothing_is_kept_but_that(walk: Walk) -> None:
    _, pick_up = walk.ready("SN-02")
    walk.hand_over(pick_up, "SN-02")
    signed = sign(walk, pick_up, how=Signed.PAPER)
    assert (signed.signed, bool(signed.signature)) == (Signed.PAPER, False)


@pytest.mark.parametrize(
    "strokes",
    ["", "1,1", "1,1 2,2 3,3", "<svg>", "1,1 2,2 3,3 4,4 5,5 601,5", f"{'1,1 ' * 9}x", ";".join(["1,1"] * 9000), "１,１ " * 8],
    ids=["none", "a dot", "a slip", "markup", "outside", "letters", "too long", "wide digits"],
)
def test_what_is_no_signature_is_not_kept(walk: Walk, strokes: str) -> None:
    _, pick_up = walk.ready("SN-02")
    walk.hand_over(pick_up, "SN-02")
    with pytest.raises(NoSignature):
        sign(walk, pick_up, strokes=strokes)
    assert closed(walk, pick_up).signed is None


def back(walk: Walk, pick_up: PickUp, serial: str = "sn-00", **changes: Any) -> PickUp:
    ask = replace(TakeBack(pick_up_id=pick_up.id, operator=walk.operator, serial=serial), **changes)
    return walk.do(lambda desk: take_back(ask, desk=desk))


def test_the_old_device_is_taken_back_once_the_new_one_works(walk: Walk) -> None:
    _, pick_up = walk.ready("SN-02")
    case = walk.register(walk.hand_over(pick_up, "SN-02"), "SN-02")
    with pytest.raises(StillNeeded):
        back(walk, pick_up)
    walk.activate(case, shown("SN-02", walk.now))
    with pytest.raises(NotTheOldOne):
        back(walk, pick_up, "SN-03")
    taken = back(walk, pick_up)
    assert taken.old_back_at == walk.now
    assert walk.events()[-1] == "token:taken_back=done"
    old = walk.token("SN-00")
    assert (old.state, walk.look(lambda uow: uow.devices.get(old.id)).branch_id) == (TokenState.RETIRED, walk.sample.branch.id)
    assert back(walk, pick_up) == taken


def test_acts_on_a_hand_over_are_for_its_branch_and_never_ones_own(walk: Walk) -> None:
    _, pick_up = walk.ready("SN-02")
    walk.hand_over(pick_up, "SN-02")
    for operator in (
        replace(walk.operator, branch_id=elsewhere_in(walk)),
        replace(walk.operator, member_id=walk.member.id),
        walk.colleague(Role.AUDITOR),
    ):
        acts: list[Callable[[Any], object]] = [
            lambda one: sign(walk, pick_up, operator=one),
            lambda one: back(walk, pick_up, operator=one),
        ]
        for act in acts:
            with pytest.raises(Denied):
                act(operator)
