"""A member's way through the services, step by step; a test stops where it wants to look."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeVar, cast

from otpward.clerk.policy import policy_now
from otpward.core.audit import Actor, ActorKind
from otpward.core.ids import CaseId, InstitutionId, MemberId, ProofId
from otpward.core.model.case import Case, Delivery
from otpward.core.model.consent import Consent, Purpose
from otpward.core.model.delivery import PickUp, Shipment
from otpward.core.model.loss import LossKind, LossReport
from otpward.core.model.member import Member, Operator, Role
from otpward.core.model.proof import Act, Proof
from otpward.core.model.token import Token
from otpward.core.policy.consents import USES, kept_for
from otpward.core.policy.papers import Seen
from otpward.core.policy.pick_ups import Who
from otpward.core.policy.verification import Examined, Verdict
from otpward.ports.carrier import ParcelState
from otpward.ports.desk import Desk, House
from otpward.ports.judging import Verification
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.activate.activate import Activate, activate
from otpward.services.apply.approve import approve
from otpward.services.apply.review import Decision
from otpward.services.apply.save_application import SaveApplication, save_application
from otpward.services.apply.start_application import StartApplication, start_application
from otpward.services.apply.submit_application import SubmitApplication, submit_application
from otpward.services.apply.take_up import take_up
from otpward.services.consent.give_consent import GiveConsent, give_consent
from otpward.services.deliver.compare_id import CompareId, compare_id
from otpward.services.deliver.confirm_delivery import ConfirmDelivery, confirm_delivery
from otpward.services.deliver.dispatch import Dispatch, dispatch
from otpward.services.deliver.hand_over import HandOver, hand_over
from otpward.services.deliver.plan_shipment import PlanShipment, plan_shipment
from otpward.services.deliver.set_out import SetOut, set_out
from otpward.services.issue.make_app_token import MakeAppToken, make_app_token
from otpward.services.issue.reserve_device import ReserveDevice, reserve_device
from otpward.services.prove_identity.begin_proof import BeginProof, begin_proof
from otpward.services.prove_identity.check_code import CheckCode, CodeAnswer, check_code
from otpward.services.prove_identity.prove_in_person import ProveInPerson, prove_in_person
from otpward.services.prove_identity.send_code import SendCode, send_code
from otpward.services.register.register_device import RegisterDevice, register_device
from otpward.services.register.show_key import ShowKey, ShownKey, show_key
from otpward.services.report_loss.lift_report import LiftReport, lift_report
from otpward.services.report_loss.report_loss import ReportLoss, report_loss
from otpward.services.verify.verify import Verify, verify
from tests.fakes.sample import PHONE, Sample, oath_code, seed_of
from tests.fakes.surroundings import FixedClock

T = TypeVar("T")

HERE = b"h" * 32
ELSEWHERE = b"e" * 32
SOURCE = "127.0.0.9"
RELYING = Actor(kind=ActorKind.API_KEY, source=SOURCE)
CARRIER = Actor(kind=ActorKind.SYSTEM, source="carrier")
TRACKING = "6012345678901"


@lru_cache(maxsize=4096)
def shown(serial: str, at: datetime) -> str:
    """What a sample device shows."""
    return oath_code(seed_of(int(serial.removeprefix("SN-"))), at)


SEEN = Seen(paper="passport", day=date(2031, 5, 1), photo=True, name=True, birth_date=True)


def other_than(code: str) -> str:
    """A code of as many digits that is not this one."""
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}"


@dataclass
class Walk:
    """`member` is who walks; `phone` their number; both can be changed on the way."""

    sample: Sample
    member: Member = field(init=False)
    phone: str = PHONE
    browser: bytes = HERE

    def __post_init__(self) -> None:
        self.member = self.sample.member

    @property
    def house(self) -> House:
        return self.sample.house

    @property
    def inside(self) -> InstitutionId:
        return self.sample.institution.id

    @property
    def operator(self) -> Operator:
        return self.sample.operator

    @property
    def clock(self) -> FixedClock:
        return cast(FixedClock, self.house.clock)

    @property
    def now(self) -> datetime:
        return self.clock.at

    def colleague(self, role: Role = Role.BRANCH) -> Operator:
        """Somebody else who works here."""
        return replace(self.operator, member_id=self.sample.other.id, role=role)

    def do(self, act: Callable[[Desk], T]) -> T:
        return self.house.do(self.inside, act)

    def look(self, view: Callable[[UnitOfWork], T]) -> T:
        return self.house.look(self.inside, view)

    def token(self, serial: str) -> Token:
        found = self.look(lambda uow: uow.tokens.first(serial=serial))
        assert found is not None
        return found

    def case(self, case_id: CaseId) -> Case:
        return self.look(lambda uow: uow.cases.get(case_id))

    def edit(self, change: Callable[[UnitOfWork], object]) -> None:
        """Arrange something that no service does yet."""
        with self.house.desk(self.inside).uow as uow:
            change(uow)
            uow.commit()

    def events(self) -> list[str]:
        """What the audit says, oldest first."""
        lines = self.look(lambda uow: uow.audit.find(limit=100_000))
        return [f"{line.event}={line.result}" for line in reversed(lines)]

    def told(self, kind: str = "") -> set[tuple[str, str, str]]:
        """Who was told what: login, kind, channel."""
        people = {one.id: one.login for one in self.look(lambda uow: uow.members.find())}
        notices = self.look(lambda uow: uow.notices.find())
        return {(people[one.member_id], one.template, one.channel) for one in notices if kind in one.template}

    def report(self, kind: LossKind = LossKind.LOST, *, phone_lost: bool = False, **changes: Any) -> LossReport:
        ask = ReportLoss(
            institution_id=self.inside,
            login=self.member.login,
            phone=self.phone,
            kind=kind,
            phone_lost=phone_lost,
            browser=self.browser,
            once=self.house.entropy.octets(16).hex(),
            source=SOURCE,
        )
        ask = replace(ask, **changes)
        return self.do(lambda desk: report_loss(ask, desk=desk))

    def begin(self, act: Act, **changes: Any) -> Proof:
        ask = BeginProof(
            institution_id=self.inside,
            act=act,
            browser=self.browser,
            source=SOURCE,
            login=self.member.login,
            phone=self.phone,
        )
        ask = replace(ask, **changes)
        return self.do(lambda desk: begin_proof(ask, desk=desk))

    def send(self, proof: Proof) -> str:
        """Send a code; it is read off the notice, as off the phone. Empty if nothing was sent."""
        before = {one.id for one in self.look(lambda uow: uow.notices.find())}
        ask = SendCode(proof_id=proof.id, browser=proof.browser, source=SOURCE)
        self.do(lambda desk: send_code(ask, desk=desk))
        new = [one for one in self.look(lambda uow: uow.notices.find(template="phone_code")) if one.id not in before]
        return re.findall(r"\d{6}", new[0].text.reveal())[0] if new else ""

    def check(self, proof: Proof, code: str) -> CodeAnswer:
        ask = CheckCode(proof_id=proof.id, browser=proof.browser, code=code, source=SOURCE)
        return self.do(lambda desk: check_code(ask, desk=desk))[0]

    def prove(self, act: Act = Act.APPLY, **changes: Any) -> Proof:
        proof = self.begin(act, **changes)
        assert self.check(proof, self.send(proof)) is CodeAnswer.PASSED
        return self.look(lambda uow: uow.proofs.get(proof.id))

    def see(self, act: Act = Act.APPLY, operator: Operator | None = None, **changes: Any) -> Proof:
        """The member's papers are compared at the counter."""
        ask = ProveInPerson(
            key=ProofId(self.house.desk(self.inside).new_id()),
            institution_id=self.inside,
            member_id=self.member.id,
            operator=operator or self.operator,
            act=act,
            seen=SEEN,
        )
        return self.do(lambda desk: prove_in_person(replace(ask, **changes), desk=desk))

    def lift(self, report: LossReport, code: str) -> Verdict:
        ask = LiftReport(report_id=report.id, member_id=self.member.id, browser=self.browser, code=code, source=SOURCE)
        return self.do(lambda desk: lift_report(ask, desk=desk))

    def start(self, applicant: str = "individual") -> Case:
        ask = StartApplication(
            institution_id=self.inside, member_id=self.member.id, browser=self.browser, source=SOURCE, applicant=applicant
        )
        return self.do(lambda desk: start_application(ask, desk=desk))

    def agree(self, purpose: Purpose = Purpose.DOCUMENTS, **changes: Any) -> Consent:
        """The member agrees, in the words of now."""
        policy = self.look(lambda uow: policy_now(self.inside, uow=uow, now=self.now))
        ask = GiveConsent(
            institution_id=self.inside,
            member_id=self.member.id,
            purpose=purpose,
            words=USES[purpose].version,
            kept=kept_for(purpose, policy),
            language="ko",
            browser=self.browser,
            source=SOURCE,
        )
        return self.do(lambda desk: give_consent(replace(ask, **changes), desk=desk))

    def fill_in(self, case: Case, delivery: Delivery = Delivery.BRANCH) -> Case:
        ask = SaveApplication(
            case_id=case.id,
            member_id=self.member.id,
            source=SOURCE,
            delivery=delivery,
            branch_id=self.sample.branch.id,
            address="서울 중구 세종대로 1",
        )
        return self.do(lambda desk: save_application(ask, desk=desk))

    def submit(self, case: Case) -> Case:
        ask = SubmitApplication(case_id=case.id, member_id=self.member.id, browser=self.browser, source=SOURCE)
        return self.do(lambda desk: submit_application(ask, desk=desk))

    def submitted(self, delivery: Delivery = Delivery.BRANCH) -> Case:
        case = self.fill_in(self.start(), delivery)
        self.prove()
        return self.submit(case)

    def decision(self, case: Case, operator: Operator | None = None, message: str = "") -> Decision:
        return Decision(
            case_id=case.id, operator=operator or self.operator, seen_version=case.version, message=message, reason="확인함"
        )

    def checking(self, delivery: Delivery = Delivery.BRANCH) -> Case:
        case = self.submitted(delivery)
        return self.do(lambda desk: take_up(self.decision(case), desk=desk))

    def approve(self, case: Case, operator: Operator | None = None) -> Case:
        return self.do(lambda desk: approve(self.decision(case, operator), desk=desk))

    def approved(self, delivery: Delivery = Delivery.BRANCH) -> Case:
        return self.approve(self.checking(delivery))

    def reserve(self, case: Case, serial: str) -> Case:
        ask = ReserveDevice(case_id=case.id, serial=serial, operator=self.operator)
        return self.do(lambda desk: reserve_device(ask, desk=desk))

    def set_out(self, case: Case) -> PickUp:
        return self.do(lambda desk: set_out(SetOut(case_id=case.id, operator=self.operator), desk=desk))

    def ready(self, serial: str = "SN-02") -> tuple[Case, PickUp]:
        pick_up = self.set_out(self.reserve(self.approved(), serial))
        return self.case(pick_up.case_id), pick_up

    def compare(self, case: Case, **changes: Any) -> Proof:
        """The papers of whoever collects are compared."""
        ask = CompareId(case_id=case.id, operator=self.operator, who=Who.MEMBER, seen=SEEN)
        return self.do(lambda desk: compare_id(replace(ask, **changes), desk=desk))

    def hand_over(self, pick_up: PickUp, serial: str, **changes: Any) -> Case:
        self.compare(self.case(pick_up.case_id), operator=changes.get("operator", self.operator))
        return self.give(pick_up, serial, **changes)

    def give(self, pick_up: PickUp, serial: str, **changes: Any) -> Case:
        """Only the last step, without comparing anybody."""
        ask = replace(HandOver(pick_up_id=pick_up.id, operator=self.operator, serial=serial), **changes)
        return self.do(lambda desk: hand_over(ask, desk=desk))

    def pack(self, case: Case) -> Shipment:
        return self.do(lambda desk: plan_shipment(PlanShipment(case_id=case.id, operator=self.operator), desk=desk))

    def dispatch(self, shipment: Shipment, serial: str, **changes: Any) -> Shipment:
        ask = Dispatch(shipment_id=shipment.id, operator=self.operator, serial=serial, tracking_number=TRACKING)
        ask = replace(ask, **changes)
        return self.do(lambda desk: dispatch(ask, desk=desk))

    def posted(self, serial: str = "SN-02") -> Shipment:
        return self.dispatch(self.pack(self.reserve(self.approved(Delivery.POST), serial)), serial)

    def arrive(self, shipment: Shipment, state: ParcelState) -> Shipment:
        ask = ConfirmDelivery(shipment_id=shipment.id, state=state, at=self.now, place="서울중앙", by=CARRIER)
        return self.do(lambda desk: confirm_delivery(ask, desk=desk))

    def register(self, case: Case, serial: str, member_id: MemberId | None = None) -> Case:
        ask = RegisterDevice(case_id=case.id, member_id=member_id or self.member.id, serial=serial, source=SOURCE)
        return self.do(lambda desk: register_device(ask, desk=desk))

    def registered(self, serial: str = "SN-02") -> Case:
        _, pick_up = self.ready(serial)
        return self.register(self.hand_over(pick_up, serial), serial)

    def make_app(self, case: Case) -> Case:
        return self.do(lambda desk: make_app_token(MakeAppToken(case_id=case.id, operator=self.operator), desk=desk))

    def key(self, case: Case, member_id: MemberId | None = None) -> ShownKey:
        ask = ShowKey(case_id=case.id, member_id=member_id or self.member.id, source=SOURCE)
        return self.do(lambda desk: show_key(ask, desk=desk))

    def activate(self, case: Case, code: str, member_id: MemberId | None = None, *, second: str = "") -> Examined:
        ask = Activate(case_id=case.id, member_id=member_id or self.member.id, code=code, second=second, source=SOURCE)
        return self.do(lambda desk: activate(ask, desk=desk))[0]

    def done(self, serial: str = "SN-02") -> Case:
        case = self.registered(serial)
        assert self.activate(case, shown(serial, self.now)).verdict is Verdict.ACCEPTED
        return self.case(case.id)

    def ask(self, code: str, *, serial: str | None = None, login: str | None = None) -> Verification:
        if serial is None and login is None:
            login = self.member.login
        question = Verify(institution_id=self.inside, code=code, by=RELYING, login=login, serial=serial)
        return self.do(lambda desk: verify(question, desk=desk))

    def verify(self, code: str, *, serial: str | None = None, login: str | None = None) -> Verdict:
        return self.ask(code, serial=serial, login=login).verdict
