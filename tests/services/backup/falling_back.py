"""Members who fall back on something: sessions, passkeys in software, codes."""

from dataclasses import dataclass, replace
from uuid import UUID

from otpward.clerk.passkeys import Asked, make_challenge
from otpward.core.formats.webauthn.ceremony import Site
from otpward.core.model.backup import Passkey
from otpward.core.model.member import Area, Level, Session
from otpward.core.model.proof import Act, Proof
from otpward.ports.desk import Desk
from otpward.services.backup.add_passkey import AddAnswer, AddPasskey, add_passkey, asked_to_add
from otpward.services.backup.make_recovery_code import MakeRecoveryCode, make_recovery_code
from otpward.services.backup.try_passkey import TryPasskey, asked_to_try, try_passkey
from otpward.services.prove_identity.at_once import Claim
from otpward.services.prove_identity.prove_by_passkey import ProveByPasskey, asked_to_prove, prove_by_passkey
from otpward.services.sign_in.enter_by_passkey import EnterByPasskey, asked_to_enter, enter_by_passkey
from otpward.services.sign_in.sessions import begin_session, digest_of
from tests.fakes.authenticator import ORIGIN, SITE_ID, Authenticator
from tests.services.walk import SOURCE, Walk

SITE = Site(id=SITE_ID, origin=ORIGIN)
HANDLE = bytes(range(32))
ELSEWHERE = b"another browser".ljust(32)


@dataclass
class Person:
    """A member before a browser, in a full session that has just been confirmed."""

    walk: Walk
    session_id: UUID

    @property
    def session(self) -> Session:
        return self.walk.look(lambda uow: uow.sessions.get(self.session_id))

    def challenge(self, asked: Asked) -> bytes:
        house = self.walk.house
        return make_challenge(asked, vault=house.vault, entropy=house.entropy, now=self.walk.now)

    def confirm_again(self, key: UUID | None = None) -> None:
        """An OTP was shown just now."""

        def note(desk: Desk) -> None:
            with desk.uow as uow:
                session = uow.sessions.get(self.session_id)
                uow.sessions.save(replace(session, confirmed_at=desk.now, confirmed_by=key or UUID(int=7)))
                uow.commit()

        self.walk.do(note)

    def add(self, key: Authenticator, answer: str = "", name: str = "내 휴대폰") -> tuple[AddAnswer, Passkey | None]:
        key.user_handle = HANDLE
        asked = asked_to_add(self.session_id, HANDLE, self.walk.browser)
        ask = AddPasskey(
            session_id=self.session_id,
            answer=answer or key.make(self.challenge(asked)),
            name=name,
            user_handle=HANDLE,
            browser=self.walk.browser,
            source=SOURCE,
        )
        return self.walk.do(lambda desk: add_passkey(ask, site=SITE, desk=desk))

    def added(self, key: Authenticator) -> Passkey:
        """One that has been tried, too."""
        _answer, passkey = self.add(key)
        assert passkey is not None
        assert self.tries(key, passkey)
        return self.walk.look(lambda uow: uow.passkeys.get(passkey.id))

    def tries(self, key: Authenticator, passkey: Passkey) -> bool:
        asked = asked_to_try(self.session_id, passkey.id, self.walk.browser)
        ask = TryPasskey(
            session_id=self.session_id,
            passkey_id=passkey.id,
            answer=key.use(self.challenge(asked)),
            browser=self.walk.browser,
            source=SOURCE,
        )
        return self.walk.do(lambda desk: try_passkey(ask, site=SITE, desk=desk))

    def enter(
        self, key: Authenticator, *, answer: str = "", area: Area = Area.PORTAL, secret: str = "", browser: bytes = b""
    ) -> tuple[str, str]:
        """The secret of a full session, and the result."""
        here = browser or self.walk.browser
        answer = answer or key.use(self.challenge(asked_to_enter(area, self.walk.browser)))
        ask = EnterByPasskey(
            institution_id=self.walk.inside, area=area, answer=answer, browser=here, source=SOURCE, secret=secret
        )
        return self.walk.do(lambda desk: enter_by_passkey(ask, site=SITE, desk=desk))

    def prove(self, key: Authenticator, act: Act = Act.APPLY, **claim: object) -> Proof | None:
        ask = ProveByPasskey(
            claim=claim_of(self.walk, act, **claim), answer=key.use(self.challenge(asked_to_prove(act, self.walk.browser)))
        )
        return self.walk.do(lambda desk: prove_by_passkey(ask, site=SITE, desk=desk))

    def make_code(self) -> str:
        ask = MakeRecoveryCode(institution_id=self.walk.inside, session_id=self.session_id, source=SOURCE)
        return make_recovery_code(ask, house=self.walk.house)


def claim_of(walk: Walk, act: Act = Act.APPLY, **changes: object) -> Claim:
    """For this act, in the walk's browser."""
    given = {"institution_id": walk.inside, "act": act, "browser": walk.browser, "source": SOURCE, **changes}
    return Claim(**given)  # type: ignore[arg-type]


def person(walk: Walk, level: Level = Level.FULL) -> Person:
    """The walk's member, signed in."""

    def sit(desk: Desk) -> str:
        with desk.uow as uow:
            made = begin_session(
                walk.inside, walk.member.id, Area.PORTAL, level, desk=desk, confirmed_by=walk.token("SN-00").id
            )
            uow.commit()
        return made

    secret = walk.do(sit)
    found = walk.look(lambda uow: uow.sessions.first(secret_digest=digest_of(secret)))
    assert found is not None
    return Person(walk, found.id)
