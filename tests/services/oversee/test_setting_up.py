"""Institutions, branches, members, staff, keys: what is set up by whoever runs the house."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from otpward.core.errors import Invalid, NotFound, Taken
from otpward.core.ids import MemberId, bucket_of, home_bucket
from otpward.core.model.member import Member, Role
from otpward.services.oversee.add_branch import add_branch
from otpward.services.oversee.add_member import AddMember, add_member
from otpward.services.oversee.appoint_staff import appoint_staff
from otpward.services.oversee.create_api_key import create_api_key
from otpward.services.oversee.open_institution import OpenInstitution, open_institution
from tests.services.walk import Walk


def member(walk: Walk, **changes: Any) -> Member:
    ask = replace(AddMember(institution_id=walk.inside, login="M2001", name="이둘"), **changes)
    return walk.do(lambda desk: add_member(ask, desk=desk, passwords=walk.house.passwords))


def test_a_member_is_added_and_found_by_a_folded_login(walk: Walk) -> None:
    added = member(walk, login=" M2001 ", phone="010-5550-1201", password="long-enough")
    assert (added.login, added.phone.reveal()) == ("m2001", "+821055501201")
    assert bucket_of(added.id) == home_bucket(str(walk.inside), "m2001")
    assert walk.events()[-1] == "member:added=done"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"login": " "}, "id"),
        ({"login": "x" * 101}, "id"),
        ({"name": " "}, "name"),
        ({"language": "fr"}, "language"),
        ({"password": "short"}, "password"),
        ({"phone": "12"}, "phone"),
    ],
)
def test_a_wrong_part_of_a_member_names_its_field(walk: Walk, changes: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        member(walk, **changes)
    assert refused.value.field == field
    assert walk.look(lambda uow: uow.members.first(login="m2001")) is None


def test_a_login_is_taken_once_in_any_case(walk: Walk) -> None:
    with pytest.raises(Taken):
        member(walk, login="M1001")


def test_members_without_a_phone_match_no_report(walk: Walk) -> None:
    added = member(walk)
    assert added.phone_print == b""
    assert walk.report(login="m2001", phone="+821055501201").member_id is None


def test_staff_are_members_appointed_once(walk: Walk) -> None:
    def appoint(key: MemberId) -> None:
        walk.do(lambda desk: appoint_staff(walk.inside, key, Role.BRANCH, walk.sample.branch.id, desk=desk))

    appoint(walk.member.id)
    assert walk.events()[-1] == "staff:appointed=branch"
    with pytest.raises(Taken):
        appoint(walk.member.id)
    with pytest.raises(NotFound):
        appoint(MemberId(walk.house.desk(None).new_id()))


def test_a_branch_code_is_taken_once(walk: Walk) -> None:
    branch = replace(walk.sample.branch, id=walk.house.desk(None).new_id())  # type: ignore[arg-type]
    with pytest.raises(Taken):
        walk.do(lambda desk: add_branch(branch, desk=desk))


def test_an_api_key_is_shown_once_and_kept_as_a_digest(walk: Walk) -> None:
    whole = walk.do(lambda desk: create_api_key(walk.inside, frozenset({"verify"}), "bank", None, desk=desk))
    prefix, handle, secret = whole.split("_")
    kept = walk.look(lambda uow: uow.api_keys.first(handle=handle))
    assert kept is not None
    assert (prefix, kept.scopes, kept.digest) == ("otpw", frozenset({"verify"}), sha256(secret.encode()).digest())
    assert len(bytes.fromhex(secret)) == 32
    assert secret not in repr(kept)
    assert walk.events()[-1] == "api_key:created=done"


@pytest.mark.parametrize("scopes", [frozenset[str](), frozenset({"admin"}), frozenset({"verify", "verify:everything"})])
def test_a_key_has_scopes_that_exist(walk: Walk, scopes: frozenset[str]) -> None:
    with pytest.raises(Invalid):
        walk.do(lambda desk: create_api_key(walk.inside, scopes, "bank", None, desk=desk))


@pytest.mark.parametrize("code", ["", "Hanbit", "한빛", "a b", "a" * 41, "a/b", "../etc"])
def test_an_institutions_code_is_plain(walk: Walk, code: str) -> None:
    ask = OpenInstitution(code=code, name_ko="한", name_en="H", phone="1588-0000", phone_abroad="")
    with pytest.raises(Invalid):
        walk.house.do(None, lambda desk: open_institution(ask, desk=desk))


def test_an_institutions_code_is_taken_once(walk: Walk) -> None:
    ask = OpenInstitution(code="hanbit", name_ko="한", name_en="H", phone="1588-0000", phone_abroad="")
    with pytest.raises(Taken):
        walk.house.do(None, lambda desk: open_institution(ask, desk=desk))
