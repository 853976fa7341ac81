"""An app token's key is shown, as QR code and as text, until it has been tested."""

from dataclasses import dataclass, replace

from otpward.clerk.tokens import open_seed
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Conflict, NotFound
from otpward.core.ids import CaseId, MemberId
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.token import LOSS_HOLDS, Hold
from otpward.core.model.case import Delivery
from otpward.core.oath.base32 import grouped_key
from otpward.core.oath.uri import make_uri
from otpward.core.secret import Secret
from otpward.ports.desk import Desk
from otpward.services.register.register_device import bind


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowKey:
    """A proven member opens the page that binds their app."""

    case_id: CaseId
    member_id: MemberId
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownKey:
    """The key, as an otpauth URI and as base32 in groups of four; both only for this one page."""

    uri: Secret
    grouped: Secret
    digits: int
    period_s: int


def show_key(ask: ShowKey, *, desk: Desk) -> ShownKey:
    """Register the app token of this case, if it is not yet, and show its key. Each showing is audited.

    Raises:
        NotFound: not this member's case.
        Conflict: the case is not for an app, or the token was tested already: then the key is never shown again.
    """
    by = Actor(kind=ActorKind.MEMBER, id=ask.member_id, source=ask.source)
    with desk.uow as uow:
        case = uow.cases.get(ask.case_id)
        if case.member_id != ask.member_id:
            raise NotFound("no such case")
        if case.delivery is not Delivery.APP or case.new_token_id is None:
            raise Conflict("this application is not for an app")
        if case.state not in {CaseState.RECEIVED, CaseState.REGISTERED}:
            raise Conflict("the key is not shown any more")
        token = uow.tokens.get(case.new_token_id)
        if token.holds & (LOSS_HOLDS | {Hold.SUSPENDED}):
            raise Conflict("the token is stopped")
        if case.state is CaseState.RECEIVED:
            bind(case, token, desk=desk, by=by)
            uow.devices.save(replace(uow.devices.get(token.id), key_shown_at=desk.now))
        uow.audit.append(
            AuditEvent.TOKEN_KEY_SHOWN, token, by=by, at=desk.now, institution_id=case.institution_id, case_id=case.id
        )
        member = uow.members.get(case.member_id)
        institution = uow.institutions.get(case.institution_id)
        seed = open_seed(token, desk=desk)
        uri = make_uri(parameters=token.parameters, seed=seed, issuer=institution.name(member.language), account=member.login)
        uow.commit()
    return ShownKey(uri=uri, grouped=grouped_key(seed), digits=token.digits, period_s=token.period_s)
