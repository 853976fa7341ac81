"""The store's promises, kept alike in memory, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Invalid, Moved, NotFound, Taken
from otpward.core.ids import CaseId, InstitutionId, ProofId, TokenId, home_bucket
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import ProofState
from otpward.core.lifecycle.token import Hold, TokenState
from otpward.core.model.case import Case, Reason
from otpward.core.model.kept_evidence import KeptEvidence
from otpward.core.model.proof import Act, Method, Proof
from otpward.core.model.token import Token
from otpward.core.oath.model import Algorithm, TokenKind
from otpward.core.secret import Personal
from otpward.ports.desk import House
from otpward.ports.unit_of_work import Among, Before
from otpward.store.engine import open_engine
from tests.fakes.house import memory_house, sql_house, sqlite_engine
from tests.fakes.sample import Sample, make_sample

BY = Actor(kind=ActorKind.SYSTEM, source="test")


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    if request.param == "memory":
        yield memory_house()
        return
    engine = sqlite_engine(tmp_path) if request.param == "sqlite" else open_engine(request.getfixturevalue("postgres_url"))
    yield sql_house(engine)
    engine.dispose()


@pytest.fixture
def sample(house: House) -> Sample:
    return make_sample(house)


def new_token(sample: Sample, serial: str, **changes: Any) -> Token:
    desk = sample.house.desk(sample.institution.id)
    token_id = TokenId(desk.new_id(home_bucket(str(sample.institution.id), serial)))
    token = Token(
        id=token_id,
        institution_id=sample.institution.id,
        serial=serial,
        state=TokenState.IN_STOCK,
        kind=TokenKind.HOTP,
        algorithm=Algorithm.SHA256,
        digits=8,
        period_s=0,
        seed=b"sealed",
    )
    return replace(token, **changes)


def keep(sample: Sample, *tokens: Token) -> None:
    with sample.house.desk(sample.institution.id).uow as uow:
        for token in tokens:
            uow.tokens.add(token)
        uow.commit()


def look(sample: Sample, view: Any) -> Any:
    return sample.house.look(sample.institution.id, view)


def test_a_row_comes_back_as_it_was(sample: Sample) -> None:
    token = new_token(
        sample,
        "A-1",
        holds=frozenset({Hold.LOST, Hold.LOCKED}),
        high_water=2**62,
        drift_steps=-3,
        locked_until=sample.house.clock.now() + timedelta(microseconds=1),
    )
    keep(sample, token)
    assert look(sample, lambda uow: uow.tokens.get(token.id)) == token
    assert look(sample, lambda uow: uow.tokens.first(serial="A-1")) == token


def test_personal_fields_come_back_and_print_as_dots(sample: Sample) -> None:
    member = look(sample, lambda uow: uow.members.first(login="m1001"))
    assert (member.name.reveal(), member.phone.reveal()) == ("홍길동", "+821055501101")
    assert "홍길동" not in repr(member)


def test_what_is_not_committed_never_was(sample: Sample) -> None:
    token = new_token(sample, "A-2")
    with sample.house.desk(sample.institution.id).uow as uow:
        uow.tokens.add(token)
    assert look(sample, lambda uow: uow.tokens.first(serial="A-2")) is None

    def fail_half_way() -> None:
        with sample.house.desk(sample.institution.id).uow as uow:
            uow.tokens.add(token)
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        fail_half_way()
    assert look(sample, lambda uow: uow.tokens.count(serial="A-2")) == 0


def test_a_save_is_a_compare_and_set(sample: Sample) -> None:
    token = new_token(sample, "A-3")
    keep(sample, token)
    with sample.house.desk(sample.institution.id).uow as uow:
        saved = uow.tokens.save(replace(token, high_water=7))
        assert saved.version == token.version + 1
        with pytest.raises(Moved):
            uow.tokens.save(replace(token, high_water=8))
        uow.commit()
    assert look(sample, lambda uow: uow.tokens.get(token.id)).high_water == 7


def test_what_must_be_unique_is(sample: Sample) -> None:
    keep(sample, new_token(sample, "A-4"))
    with pytest.raises(Taken), sample.house.desk(sample.institution.id).uow as uow:
        uow.tokens.add(new_token(sample, "A-4"))


def test_an_open_case_is_one_a_member_and_token_and_closed_ones_are_many(sample: Sample) -> None:
    # open_key is unique while it is set; several rows may have none
    desk = sample.house.desk(sample.institution.id)

    def case(number: str, open_key: str | None) -> Case:
        return Case(
            id=CaseId(desk.new_id()),
            institution_id=sample.institution.id,
            number=number,
            member_id=sample.member.id,
            state=CaseState.DRAFT,
            open_key=open_key,
            reason=Reason.LOST,
            opened_at=desk.now,
        )

    with desk.uow as uow:
        for one in (case("R-1", None), case("R-2", None), case("R-3", "k")):
            uow.cases.add(one)
        uow.commit()
    with pytest.raises(Taken), sample.house.desk(sample.institution.id).uow as uow:
        uow.cases.add(case("R-4", "k"))


def test_conditions_orders_and_pages(sample: Sample) -> None:
    now = sample.house.clock.now()
    tokens = [new_token(sample, f"B-{n}", high_water=n, locked_until=now + timedelta(hours=n) if n else None) for n in range(4)]
    keep(sample, *tokens)

    def serials(**asked: Any) -> list[str]:
        kind = {"kind": TokenKind.HOTP}
        return [token.serial for token in look(sample, lambda uow: uow.tokens.find(**kind, **asked))]

    assert serials(order="high_water") == ["B-0", "B-1", "B-2", "B-3"]
    assert serials(order="-high_water", limit=2, offset=1) == ["B-2", "B-1"]
    assert serials(serial=Among(frozenset({"B-1", "B-3", "none"})), order="serial") == ["B-1", "B-3"]
    assert serials(locked_until=Before(now + timedelta(hours=2)), order="serial") == ["B-1"]
    assert serials(locked_until=None) == ["B-0"]
    assert serials(high_water=99) == []


def test_one_institution_never_sees_another(house: House) -> None:
    here, there = make_sample(house), make_sample(house, code="other")
    assert house.look(there.institution.id, lambda uow: uow.tokens.first(id=new_token(here, "x").id)) is None
    mine = house.look(here.institution.id, lambda uow: uow.tokens.first(serial="SN-00"))
    theirs = house.look(there.institution.id, lambda uow: uow.tokens.first(serial="SN-00"))
    assert mine is not None
    assert theirs is not None
    assert mine.id != theirs.id
    with pytest.raises(NotFound):
        house.look(there.institution.id, lambda uow: uow.tokens.get(mine.id))
    with pytest.raises(Invalid), house.desk(there.institution.id).uow as uow:
        uow.tokens.save(mine)


def test_audit_lines_are_in_the_transaction_and_newest_first(sample: Sample) -> None:
    token = new_token(sample, "C-1")
    for result, commit in (("one", True), ("two", False), ("three", True)):
        desk = sample.house.desk(sample.institution.id)
        sample.house.clock.move(seconds=1)  # type: ignore[attr-defined]
        with desk.uow as uow:
            uow.audit.append(
                AuditEvent.CODE_REFUSED, token, by=BY, at=desk.now, institution_id=token.institution_id, result=result
            )
            if commit:
                uow.commit()
    lines = look(sample, lambda uow: uow.audit.find(subject_id=token.id))
    assert [line.result for line in lines] == ["three", "one"]
    assert lines[0].subject == "token"


def test_lines_of_one_transaction_keep_their_order(sample: Sample) -> None:
    desk, token = sample.house.desk(sample.institution.id), new_token(sample, "C-2")
    with desk.uow as uow:
        for n in range(12):
            uow.audit.append(
                AuditEvent.CODE_REFUSED, token, by=BY, at=desk.now, institution_id=token.institution_id, result=str(n)
            )
        uow.commit()
    lines = look(sample, lambda uow: uow.audit.find(subject_id=token.id))
    assert [line.result for line in lines] == [str(n) for n in reversed(range(12))]


def test_tries_are_counted_per_window(sample: Sample) -> None:
    hour, inside = timedelta(hours=1), InstitutionId(sample.institution.id)

    def hit(key: bytes) -> int:
        desk = sample.house.desk(inside)
        with desk.uow as uow:
            made = uow.counts.hit(key, at=desk.now, window=hour)
            uow.commit()
        return made

    assert [hit(b"a"), hit(b"a"), hit(b"b")] == [1, 2, 1]
    sample.house.clock.move(hours=1)  # type: ignore[attr-defined]
    assert hit(b"a") == 1


def test_a_provers_word_is_taken_once_at_each_institution(house: House) -> None:
    here, there = make_sample(house), make_sample(house, code="other")

    def word(sample: Sample, provider: str, tx: str) -> None:
        desk = sample.house.desk(sample.institution.id)
        kept = KeptEvidence(
            id=desk.new_id(),
            institution_id=sample.institution.id,
            proof_id=ProofId(desk.new_id()),
            member_id=sample.member.id,
            method=Method.AGENCY,
            provider=provider,
            provider_tx=tx,
            matched=True,
            at=desk.now,
            raw_hash=b"r" * 32,
            ci_print=b"c" * 32,
        )
        with desk.uow as uow:
            uow.evidence.add(kept)
            uow.commit()
        assert look(sample, lambda uow: uow.evidence.first(provider=provider, provider_tx=tx)) == kept

    word(here, "sure", "1")
    word(here, "sure", "2")
    word(here, "safe", "1")
    word(there, "sure", "1")
    with pytest.raises(Taken):
        word(here, "sure", "1")


def test_what_a_prover_needs_again_comes_back_and_belongs_to_one_row(sample: Sample) -> None:
    desk = sample.house.desk(sample.institution.id)
    proofs = [
        Proof(
            id=ProofId(desk.new_id()),
            institution_id=sample.institution.id,
            act=Act.APPLY,
            method=Method.AGENCY,
            state=ProofState.STARTED,
            browser=b"b" * 32,
            phone_tail=Personal(""),
            member_id=member_id,
            provider="sure",
            kept=Personal("tx and nonce"),
            started_at=desk.now,
            expires_at=desk.now,
        )
        for member_id in (sample.member.id, None)
    ]
    with desk.uow as uow:
        for proof in proofs:
            uow.proofs.add(proof)
        uow.members.save(replace(sample.member, ci_print=b"c" * 32))
        uow.commit()
    assert [look(sample, lambda uow, key=one.id: uow.proofs.get(key)) for one in proofs] == proofs
    assert look(sample, lambda uow: [one.login for one in uow.members.find(ci_print=b"c" * 32)]) == ["m1001"]
