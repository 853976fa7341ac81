"""Members who have shown who they are, and applications brought as far as a test needs them; services do staff's part."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from otpward.clerk.proofs import written_case
from otpward.core.audit import Actor, ActorKind
from otpward.core.ids import ProofId
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.case import Case, Delivery, Reason
from otpward.core.model.loss import LossKind
from otpward.core.model.member import Area, Level, Member
from otpward.core.model.proof import Act, Method, Proof
from otpward.core.secret import Personal
from otpward.ports.carrier import ParcelState
from otpward.services.apply.approve import approve
from otpward.services.apply.review import Decision
from otpward.services.apply.save_application import SaveApplication, save_application
from otpward.services.apply.start_application import StartApplication, start_application
from otpward.services.apply.submit_application import SubmitApplication, submit_application
from otpward.services.apply.take_up import take_up
from otpward.services.deliver.confirm_delivery import ConfirmDelivery, confirm_delivery
from otpward.services.deliver.dispatch import Dispatch, dispatch
from otpward.services.deliver.plan_shipment import PlanShipment, plan_shipment
from otpward.services.deliver.set_out import SetOut, set_out
from otpward.services.issue.make_app_token import MakeAppToken, make_app_token
from otpward.services.issue.reserve_device import ReserveDevice, reserve_device
from otpward.services.report_loss.report_loss import ReportLoss, report_loss
from otpward.services.sign_in.sessions import begin_session, digest_of
from tests.fakes.sample import Sample

HERE = "127.0.0.1"
TRACKING = "6012345678901"
BROWSER_SECRET = "ab" * 32


@dataclass(frozen=True)
class Story:
    """One member's application, moved on step by step."""

    sample: Sample
    member: Member

    def session(self, level: Level = Level.PROVEN) -> str:
        """The secret of a session of this member."""

        def sit(desk: Any) -> str:
            with desk.uow as uow:
                secret = begin_session(self.member.institution_id, self.member.id, Area.PORTAL, level, desk=desk)
                uow.commit()
            return secret

        return self.sample.house.do(self.member.institution_id, sit)

    def prove(self, browser_secret: str = BROWSER_SECRET) -> None:
        """A proof for applying, passed just now in this browser."""
        house, now = self.sample.house, self.sample.house.clock.now()
        from_policy = house.desk(self.member.institution_id)
        case = house.look(self.member.institution_id, lambda uow: written_case(self.member.id, uow=uow))
        proof = Proof(
            id=ProofId(from_policy.new_id()),
            institution_id=self.member.institution_id,
            act=Act.APPLY,
            method=Method.PHONE_CODE,
            state=ProofState.PASSED,
            browser=digest_of(browser_secret),
            phone_tail=Personal("1101"),
            member_id=self.member.id,
            case_id=None if case is None else case.id,
            started_at=now,
            passed_at=now,
            expires_at=datetime.max.replace(tzinfo=now.tzinfo),
        )

        def keep(desk: Any) -> None:
            with desk.uow as uow:
                uow.proofs.add(proof)
                uow.commit()

        house.do(self.member.institution_id, keep)

    @property
    def case(self) -> Case:
        """The newest one."""
        found = self.sample.house.look(
            self.member.institution_id, lambda uow: uow.cases.first(member_id=self.member.id, order="-opened_at")
        )
        assert found is not None
        return found

    @property
    def operator(self) -> Any:
        """Who acts for the institution."""
        return self.sample.operator

    def _do(self, service: Any, ask: Any) -> Any:
        return self.sample.house.do(self.member.institution_id, lambda desk: service(ask, desk=desk))

    def report_lost(self) -> None:
        """The device in use is reported lost."""
        ask = ReportLoss(
            institution_id=self.member.institution_id,
            login=self.member.login,
            phone=self.member.phone.reveal(),
            kind=LossKind.LOST,
            phone_lost=False,
            browser=digest_of(BROWSER_SECRET),
            once="once",
            source=HERE,
        )
        self._do(report_loss, ask)

    def on_file(self, birth_date: str) -> None:
        """This birth date, or business registration number, stands on file."""

        def change(desk: Any) -> None:
            with desk.uow as uow:
                uow.members.save(replace(uow.members.get(self.member.id), birth_date=Personal(birth_date)))
                uow.commit()

        self.sample.house.do(self.member.institution_id, change)

    @property
    def begun(self) -> int:
        """How many applications the member has."""
        return self.sample.house.look(self.member.institution_id, lambda uow: uow.cases.count(member_id=self.member.id))

    def draft(self, delivery: Delivery | None = None) -> Case:
        """Begun; with a delivery, filled in."""
        inside, mine = self.member.institution_id, self.member.id
        begin = StartApplication(institution_id=inside, member_id=mine, browser=digest_of(BROWSER_SECRET), source=HERE)
        case = self._do(start_application, begin)
        if delivery is not None:
            ask = SaveApplication(
                case_id=case.id,
                member_id=mine,
                source=HERE,
                reason=Reason.FAULTY if case.old_token_id is not None else Reason.FIRST_ISSUE,
                delivery=delivery,
                branch_id=self.sample.branch.id,
                address="04524\n서울 중구 세종대로 1\n3층",
            )
            case = self._do(save_application, ask)
        return case  # type: ignore[no-any-return]

    def sent(self, delivery: Delivery) -> Case:
        """Submitted."""
        case = self.draft(delivery)
        self.prove()
        ask = SubmitApplication(case_id=case.id, member_id=self.member.id, browser=digest_of(BROWSER_SECRET), source=HERE)
        return self._do(submit_application, ask)  # type: ignore[no-any-return]

    def approved(self, delivery: Delivery) -> Case:
        """Checked and approved."""
        case = self.sent(delivery)
        self._do(take_up, Decision(case_id=case.id, operator=self.operator))
        return self._do(approve, Decision(case_id=case.id, operator=self.operator))  # type: ignore[no-any-return]

    def ready_to_collect(self, serial: str) -> Case:
        """A device waits at the counter."""
        case = self.approved(Delivery.BRANCH)
        self._do(reserve_device, ReserveDevice(case_id=case.id, serial=serial, operator=self.operator))
        self._do(set_out, SetOut(case_id=case.id, operator=self.operator))
        return self.case

    def on_its_way(self, serial: str) -> Case:
        """A parcel is with the post."""
        case = self.approved(Delivery.POST)
        self._do(reserve_device, ReserveDevice(case_id=case.id, serial=serial, operator=self.operator))
        parcel = self._do(plan_shipment, PlanShipment(case_id=case.id, operator=self.operator))
        ask = Dispatch(shipment_id=parcel.id, operator=self.operator, serial=serial, tracking_number=TRACKING)
        self._do(dispatch, ask)
        return self.case

    def received(self, serial: str) -> Case:
        """The parcel arrived."""
        case = self.on_its_way(serial)
        house = self.sample.house
        parcel = house.look(self.member.institution_id, lambda uow: uow.shipments.first(case_id=case.id))
        assert parcel is not None
        by = Actor(kind=ActorKind.SYSTEM)
        now = house.clock.now()
        ask = ConfirmDelivery(shipment_id=parcel.id, state=ParcelState.DELIVERED, at=now, place="", by=by)
        self._do(confirm_delivery, ask)
        return self.case

    def app_made(self) -> Case:
        """An app's key waits for its holder."""
        case = self.approved(Delivery.APP)
        return self._do(make_app_token, MakeAppToken(case_id=case.id, operator=self.operator))  # type: ignore[no-any-return]


def seat(browser: Any, story: Story, level: Level = Level.PROVEN) -> None:
    """Put the member before this browser."""
    browser._client.cookies.set("otpward-browser", BROWSER_SECRET)
    browser._client.cookies.set("otpward-portal", story.session(level))
