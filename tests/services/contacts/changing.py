"""A member on the way to another contact, and what a test asks about it."""

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from otpward.clerk.in_person import held_by
from otpward.core.ids import MemberId, ProofId
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.contact_change import Contact, ContactChange
from otpward.core.model.member import Area, Level, Member, Operator
from otpward.core.model.proof import Act, Assurance, Method, Proof
from otpward.core.secret import Personal
from otpward.services.contacts.begin_change import BeginChange, begin_change
from otpward.services.contacts.confirm_change import ChangeAnswer, ConfirmChange, confirm_change
from otpward.services.sign_in.sessions import begin_session, digest_of
from tests.services.walk import SOURCE, Walk

NEW = "010-2345-6789"
NEW_E164 = "+821023456789"
NEW_MAIL = "hong@new.example"


@dataclass
class Changing:
    """A walk with a proof for changing contacts."""

    walk: Walk
    read: set[UUID] = field(default_factory=set)

    def prove(self, method: Method = Method.CERTIFICATE, act: Act = Act.CHANGE_CONTACT, **changes: Any) -> Proof:
        """A proof that has just passed in this browser."""
        walk = self.walk
        tail = Personal("1101" if method in {Method.PHONE_CODE, Method.AGENCY, Method.APP} else "")
        proof = Proof(
            id=ProofId(walk.house.desk(walk.inside).new_id()),
            institution_id=walk.inside,
            act=act,
            method=method,
            level=changes.pop("level", Assurance.SUBSTANTIAL),
            state=ProofState.PASSED,
            browser=changes.pop("browser", walk.browser),
            phone_tail=tail,
            member_id=changes.pop("member_id", walk.member.id),
            started_at=walk.now,
            passed_at=walk.now,
            expires_at=walk.now.replace(year=2027),
        )
        walk.edit(lambda uow: uow.proofs.add(proof))
        return proof

    def seen_at_counter(self, operator: Operator, member_id: MemberId | None = None) -> Proof:
        """The operator has just compared the papers."""
        whose = self.walk.member.id if member_id is None else member_id
        return self.prove(Method.IN_PERSON, browser=held_by(operator), level=Assurance.HIGH, member_id=whose)

    def begin(self, typed: str = NEW, contact: Contact = Contact.PHONE, **changes: Any) -> ContactChange:
        ask = BeginChange(
            member_id=changes.get("member_id", self.walk.member.id),
            contact=contact,
            typed=typed,
            browser=changes.get("browser", self.walk.browser),
            source=SOURCE,
        )
        return self.walk.do(lambda desk: begin_change(ask, desk=desk))

    def code(self) -> str:
        """What the text or mail says that has come since this was last asked."""
        notices = self.walk.look(lambda uow: uow.notices.find(template="contact_code"))
        (fresh,) = [one for one in notices if one.id not in self.read]
        self.read.add(fresh.id)
        found = re.search(r"\d{6}", fresh.text.reveal())
        assert found
        return found.group()

    def confirm(self, change: ContactChange, code: str, **changes: Any) -> ChangeAnswer:
        ask = ConfirmChange(
            change_id=change.id,
            member_id=changes.get("member_id", self.walk.member.id),
            browser=changes.get("browser", self.walk.browser),
            code=code,
            session_id=changes.get("session_id", change.id),
            source=SOURCE,
        )
        return self.walk.do(lambda desk: confirm_change(ask, desk=desk))

    def change(self, typed: str = NEW, contact: Contact = Contact.PHONE) -> Member:
        """The whole way."""
        self.prove()
        change = self.begin(typed, contact)
        assert self.confirm(change, self.code()) is ChangeAnswer.CHANGED
        return self.member

    def sit(self, level: Level = Level.PROVEN) -> UUID:
        """A session of the member."""

        def act(desk: Any) -> UUID:
            with desk.uow as uow:
                secret = begin_session(self.walk.inside, self.walk.member.id, Area.PORTAL, level, desk=desk)
                uow.commit()
            with desk.uow as uow:
                session = uow.sessions.first(secret_digest=digest_of(secret))
            key: UUID = session.id
            return key

        return self.walk.do(act)

    def state_of(self, proof: Proof) -> ProofState:
        return self.walk.look(lambda uow: uow.proofs.get(proof.id)).state

    @property
    def member(self) -> Member:
        return self.walk.look(lambda uow: uow.members.get(self.walk.member.id))

    def running(self) -> list[UUID]:
        """Sessions that have not ended."""
        found = self.walk.look(lambda uow: uow.sessions.find(member_id=self.walk.member.id, ended_at=None))
        return [one.id for one in found]

    def sent(self, template: str) -> set[tuple[str, str]]:
        """To which addresses this was sent."""
        notices = self.walk.look(lambda uow: uow.notices.find(template=template))
        return {(one.channel, one.recipient.reveal()) for one in notices}
