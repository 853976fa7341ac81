"""A member agrees, in the words that were on the page."""

from dataclasses import dataclass, replace
from typing import ClassVar

from otpward.clerk.consents import consent_to, live_key, write_consent
from otpward.clerk.policy import policy_now
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Conflict, Invalid, Moved, Taken
from otpward.core.ids import InstitutionId, MemberId
from otpward.core.model.consent import Consent, Purpose
from otpward.core.policy.consents import USES, Basis, kept_for
from otpward.ports.desk import Desk


class OtherWords(Conflict):
    """The words have changed since the page was shown; they are shown anew, and nobody agreed to them yet."""

    code: ClassVar[str] = "other_words"


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveConsent:
    """`words` and `kept` are what the page showed, `language` in which."""

    institution_id: InstitutionId
    member_id: MemberId
    purpose: Purpose
    words: int
    kept: int
    language: str
    browser: bytes
    source: str


def give_consent(ask: GiveConsent, *, desk: Desk) -> Consent:
    """The consent that holds from now on, in place of an earlier one to the same; a second press within the moment is the same.

    Raises:
        Invalid: nobody is asked for this (field `purpose`).
        OtherWords: other words, or another time, than go now.
    """
    use = USES[ask.purpose]
    if use.basis is Basis.TOLD:
        raise Invalid("no consent is asked for this", field="purpose")
    with desk.uow as uow:
        kept = kept_for(ask.purpose, policy_now(ask.institution_id, uow=uow, now=desk.now))
        if (ask.words, ask.kept) != (use.version, kept):
            raise OtherWords("the words have changed since")
        before = consent_to(ask.purpose, ask.member_id, uow=uow)
        if before is not None and before.given_at == desk.now:
            return before
        if before is not None:
            uow.consents.save(replace(before, live_for=None))
        consent = Consent(
            id=desk.new_id(),
            institution_id=ask.institution_id,
            member_id=ask.member_id,
            purpose=ask.purpose,
            live_for=live_key(ask.member_id, ask.purpose),
            words=ask.words,
            language=ask.language,
            kept=kept,
            browser=ask.browser,
            given_at=desk.now,
        )
        try:
            uow.consents.add(consent)
        except Taken:  # the other press of a double one was faster: done again, this finds it
            raise Moved("the consent was given meanwhile") from None
        by = Actor(kind=ActorKind.MEMBER, id=ask.member_id, source=ask.source)
        write_consent(AuditEvent.CONSENT_GIVEN, consent, desk=desk, by=by)
        uow.commit()
    return consent
