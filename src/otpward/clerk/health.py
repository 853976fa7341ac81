"""A device's clock is read when a number of it is taken, and what that foretells is kept beside it."""

from dataclasses import replace

from otpward.core.model.health import DriftSample, Health
from otpward.core.model.token import Token
from otpward.core.oath.model import TokenKind
from otpward.core.policy.forecast import drift_of, with_sample
from otpward.ports.desk import Desk


def read_clock(token: Token, *, desk: Desk) -> None:
    """Keep one more reading, if it says something new. Never on the way of the many codes a second: what they teach is read in
    rounds (`services.health.read_clocks`)."""
    if token.kind is not TokenKind.TOTP or token.used_at is None:
        return
    kept = desk.uow.health.first(id=token.id)
    samples = with_sample(() if kept is None else kept.samples, DriftSample(token.used_at, token.drift_steps))
    if samples is None:
        return
    drift = drift_of(samples)
    drift_on = None if drift is None else drift.leaves_on
    if kept is None:
        desk.uow.health.add(Health(id=token.id, institution_id=token.institution_id, samples=samples, drift_on=drift_on))
    else:
        desk.uow.health.save(replace(kept, samples=samples, drift_on=drift_on))
