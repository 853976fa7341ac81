"""What waits for a second person about devices: one that is to end, seeds that are to leave."""

from datetime import datetime
from uuid import UUID

from otpward.core.model.member import Member, Operator
from otpward.core.model.retirement import Retirement
from otpward.core.model.seed_export import SeedExport
from otpward.core.policy.rates import REQUEST_LIFE
from otpward.edges.http.badges import STATES
from otpward.edges.http.console.requests import MOST, Kind, Request, name_of
from otpward.edges.http.console.rows import named
from otpward.edges.http.words import Words
from otpward.ports.unit_of_work import UnitOfWork


def retirements(operator: Operator, words: Words, *, uow: UnitOfWork, now: datetime) -> list[Request]:
    """Devices that are to end."""
    wishes = [one for one in uow.retirements.find(decided_at=None, order="asked_at", limit=MOST) if one.open_key]
    people = named(uow.members, (one.asked_by for one in wishes))
    return [_retirement(one, people, operator, words, uow) for one in wishes if now <= one.asked_at + REQUEST_LIFE]


def _retirement(wish: Retirement, people: dict[UUID, Member], operator: Operator, words: Words, uow: UnitOfWork) -> Request:
    token = uow.tokens.get(wish.token_id)
    holders = {one.member_id for one in uow.registrations.find(token_id=token.id, ended_at=None)}
    return Request(
        kind=Kind.RETIRE,
        key=wish.id,
        seen=wish.version,
        name=token.serial,
        href=f"/console/tokens/{token.serial}",
        asked_by=name_of(people, wish.asked_by),
        asked_at=wish.asked_at,
        until=wish.asked_at + REQUEST_LIFE,
        before=words._(STATES[token.state][0]),
        after=words._("Retired"),
        why=wish.reason,
        own=operator.member_id in {wish.asked_by, *holders},
        may=True,
    )


def seed_exports(operator: Operator, words: Words, *, uow: UnitOfWork, now: datetime) -> list[Request]:
    """Seeds that are to leave. Whoever asked did so on the machine and gave a name, which is compared with both of ours."""
    asked = uow.exports.find(approved_at=None, done_at=None, order="asked_at", limit=MOST)
    member = uow.members.get(operator.member_id)
    mine = {member.login.casefold(), member.name.reveal().casefold()}
    return [_export(one, mine, words) for one in asked if now < one.expires_at]


def _export(one: SeedExport, mine: set[str], words: Words) -> Request:
    count = one.serials.count("\n") + 1
    file = words._("A file that is not encrypted") if one.clear else words._("An encrypted file")
    return Request(
        kind=Kind.EXPORT,
        key=one.id,
        seen=one.version,
        name=words.ngettext("{n} device", "{n} devices", count),
        href="",
        asked_by=one.asked_by,
        asked_at=one.asked_at,
        until=one.expires_at,
        before=words._("The seeds are only here"),
        after=file,
        why=one.reason,
        own=one.asked_by.casefold() in mine,
        may=True,
    )
