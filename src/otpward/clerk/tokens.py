"""A token moves, is held, is freed, or has a code judged: the row and the audit line together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from otpward.clerk.health import read_clock
from otpward.clerk.notices import tell
from otpward.core.audit import Actor, AuditEvent
from otpward.core.lifecycle.others import RegistrationEvent, RegistrationState, advance_registration
from otpward.core.lifecycle.place import AFTER, Place
from otpward.core.lifecycle.token import Hold, TokenEvent, TokenState, advance
from otpward.core.model.token import Device, Registration, Token, TokenHold
from otpward.core.oath.model import TokenKind
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.verification import Examined, Verdict, examine, examine_pair
from otpward.core.secret import Secret
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Among, UnitOfWork
from otpward.ports.vault import About

_LIVE = Among(frozenset({RegistrationState.LIVE}))
_BOUND = Among(frozenset({RegistrationState.PENDING, RegistrationState.LIVE}))
_SEED: Final = "token.seed"
_TOLD = frozenset({Hold.LOCKED, Hold.BLOCKED})


def move_token(
    token: Token,
    event: TokenEvent,
    written: AuditEvent,
    *,
    desk: Desk,
    by: Actor,
    case_id: UUID | None = None,
    place: Place | None = None,
    detail: Mapping[str, str | int] | None = None,
    judged: Device | None = None,
) -> Token:
    """The token after `event`, saved and audited, and the device where that event puts it, or at `place`.

    Its device is saved, too: read it again before you save it. `judged`: the device as it was looked at before, for who decided
    by it; read anew it could lie in a box meanwhile. Raises `IllegalTransition`.
    """
    moved = desk.uow.tokens.save(replace(token, state=advance(token.state, event)))
    device = judged or desk.uow.devices.get(token.id)
    to = place or AFTER.get(event, device.place)
    holder_id = device.holder_id if to is device.place else None
    if to is Place.MEMBER and to is not device.place and case_id is not None:
        holder_id = desk.uow.cases.get(case_id).member_id
    desk.uow.devices.save(replace(device, state=moved.state, place=to, holder_id=holder_id))
    institution_id = moved.institution_id
    desk.uow.audit.append(written, moved, by=by, at=desk.now, institution_id=institution_id, case_id=case_id, detail=detail)
    return moved


def hold_token(token: Token, hold: Hold, *, desk: Desk, by: Actor, report_id: UUID | None = None, reason: str = "") -> Token:
    """Stop the token for this reason, at once. A second time nothing changes, but a wish to lift it is void: there is new
    cause."""
    if hold in token.holds:
        for line in desk.uow.holds.find(token_id=token.id, hold=hold, lifted_at=None):
            if line.lift_asked_by is not None:
                desk.uow.holds.save(replace(line, lift_asked_by=None, lift_asked_at=None))
        return token
    held = desk.uow.tokens.save(replace(token, holds=token.holds | {hold}))
    desk.uow.holds.add(
        TokenHold(
            id=desk.new_id(),
            institution_id=token.institution_id,
            token_id=token.id,
            hold=hold,
            placed_at=desk.now,
            placed_by=by.kind,
            report_id=report_id,
            reason=reason,
        )
    )
    detail = {"hold": hold.value}
    desk.uow.audit.append(AuditEvent.TOKEN_HELD, held, by=by, at=desk.now, institution_id=held.institution_id, detail=detail)
    return held


def free_token(token: Token, hold: Hold, *, desk: Desk, by: Actor) -> Token:
    """Lift this hold; the others stay."""
    freed = desk.uow.tokens.save(replace(token, holds=token.holds - {hold}))
    for line in desk.uow.holds.find(token_id=token.id, hold=hold, lifted_at=None):
        desk.uow.holds.save(replace(line, lifted_at=desk.now, lifted_by=by.kind))
    detail = {"hold": hold.value}
    desk.uow.audit.append(AuditEvent.TOKEN_FREED, freed, by=by, at=desk.now, institution_id=freed.institution_id, detail=detail)
    return freed


def open_seed(token: Token, *, desk: Desk) -> Secret:
    """The seed in the clear, for one computation; raises `SealBroken`."""
    return desk.vault.unseal(token.seed, about=About(token.institution_id, token.id, _SEED))


def seal_seed(seed: Secret, *, institution_id: UUID, token_id: UUID, desk: Desk) -> bytes:
    """The seed as it is stored."""
    return desk.vault.seal(seed.reveal(), about=About(institution_id, token_id, _SEED))


def seal_seeds(seeds: Sequence[Secret], *, institution_id: UUID, token_ids: Sequence[UUID], desk: Desk) -> list[bytes]:
    """Many seeds as they are stored."""
    plains = [seed.reveal() for seed in seeds]
    return desk.vault.seal_all(plains, institution_id=institution_id, row_ids=token_ids, field=_SEED)


def judge_code(
    token: Token,
    typed: str,
    *,
    desk: Desk,
    by: Actor,
    awake: frozenset[TokenState] = frozenset({TokenState.ACTIVE}),
    despite: frozenset[Hold] = frozenset(),
    case_id: UUID | None = None,
) -> Examined:
    """Judge a code, save what it did to the token, and write it down. The caller commits, whatever the verdict."""
    examined = examine(token, typed, seed=lambda: open_seed(token, desk=desk), now=desk.now, awake=awake, despite=despite)
    return file_verdict(examined, before=token, desk=desk, by=by, case_id=case_id)


def judge_among(
    tokens: Sequence[Token],
    typed: str,
    *,
    desk: Desk,
    by: Actor,
    despite: frozenset[Hold] = frozenset(),
    line_id: UUID | None = None,
) -> list[Examined]:
    """Judge a code that any of these tokens may have shown. The one that accepts it is the only one filed, so that using one
    token never counts against another; a code that none accepts counts against each."""
    tokens = [token for token in tokens if token.kind is not TokenKind.OCRA] or tokens  # those show nothing unasked
    examined = [
        examine(token, typed, seed=lambda token=token: open_seed(token, desk=desk), now=desk.now, despite=despite)  # type: ignore[misc]
        for token in tokens
    ]
    pairs = list(zip(tokens, examined, strict=True))
    accepted = [pair for pair in pairs if pair[1].verdict is Verdict.ACCEPTED][:1]
    ids = [line_id, *[None] * len(pairs)]
    return [
        file_verdict(one, before=token, desk=desk, by=by, line_id=its_id)
        for (token, one), its_id in zip(accepted or pairs, ids, strict=False)
    ]


def judge_pair(
    token: Token,
    first: str,
    second: str,
    *,
    desk: Desk,
    by: Actor,
    awake: frozenset[TokenState] = frozenset({TokenState.ACTIVE}),
    case_id: UUID | None = None,
) -> Examined:
    """Judge two consecutive codes; otherwise as `judge_code`."""
    examined = examine_pair(token, first, second, seed=lambda: open_seed(token, desk=desk), now=desk.now, awake=awake)
    return file_verdict(examined, before=token, desk=desk, by=by, case_id=case_id)


def file_verdict(
    examined: Examined,
    *,
    before: Token,
    desk: Desk,
    by: Actor,
    case_id: UUID | None = None,
    line_id: UUID | None = None,
) -> Examined:
    """Save the token as judged, with the audit line of the verdict and of any hold that came or went with it. Whoever holds a
    token that is now locked is told (RFC 4226 §7.3, SP 800-63B §4.6)."""
    accepted = examined.verdict is Verdict.ACCEPTED
    saved = desk.uow.tokens.save(examined.token) if examined.changed else examined.token
    if accepted and (saved.drift_steps or before.drift_steps):
        read_clock(saved, desk=desk)
    event = AuditEvent.CODE_ACCEPTED if accepted else AuditEvent.CODE_REFUSED
    result = examined.verdict.value
    desk.uow.audit.append(
        event,
        saved,
        by=by,
        at=desk.now,
        institution_id=saved.institution_id,
        case_id=case_id,
        result=result,
        line_id=line_id,
    )
    for hold in sorted(saved.holds - before.holds):
        line = TokenHold(
            id=desk.new_id(),
            institution_id=saved.institution_id,
            token_id=saved.id,
            hold=hold,
            placed_at=desk.now,
            placed_by="system",
        )
        desk.uow.holds.add(line)
        detail = {"hold": hold.value}
        desk.uow.audit.append(
            AuditEvent.TOKEN_HELD, saved, by=by, at=desk.now, institution_id=saved.institution_id, detail=detail
        )
    for hold in sorted(before.holds - saved.holds):
        for line in desk.uow.holds.find(token_id=saved.id, hold=hold, lifted_at=None):
            desk.uow.holds.save(replace(line, lifted_at=desk.now, lifted_by="system"))
        detail = {"hold": hold.value}
        desk.uow.audit.append(
            AuditEvent.TOKEN_FREED, saved, by=by, at=desk.now, institution_id=saved.institution_id, detail=detail
        )
    if (saved.holds - before.holds) & _TOLD:
        for registration in desk.uow.registrations.find(token_id=saved.id, state=_BOUND):
            tell(desk.uow.members.get(registration.member_id), NoticeKind.TOKEN_LOCKED, desk=desk)
    return replace(examined, token=saved)


def live_registrations(uow: UnitOfWork, member_id: UUID) -> list[Registration]:
    """The member's live registrations, newest first. A temporary pass is none of theirs to keep: it signs in to nothing here,
    proves nothing and is followed by nothing; it only verifies."""
    live = uow.registrations.find(member_id=member_id, state=_LIVE, order="-live_at")
    passes = {one.token_id for one in uow.passes.find(member_id=member_id, ended_at=None)}
    return [one for one in live if one.token_id not in passes]


def live_tokens(uow: UnitOfWork, member_id: UUID) -> list[Token]:
    """The tokens that the member's live registrations name, newest first."""
    return [uow.tokens.get(registration.token_id) for registration in live_registrations(uow, member_id)]


def retire_token(token: Token, *, desk: Desk, by: Actor, case_id: UUID | None = None) -> Token:
    """The token ends, and every registration of it with it."""
    retired = move_token(token, TokenEvent.RETIRE, AuditEvent.TOKEN_RETIRED, desk=desk, by=by, case_id=case_id)
    for registration in desk.uow.registrations.find(token_id=token.id):
        if registration.state is not RegistrationState.ENDED:
            ended = advance_registration(registration.state, RegistrationEvent.END)
            desk.uow.registrations.save(replace(registration, state=ended, ended_at=desk.now))
    return retired
