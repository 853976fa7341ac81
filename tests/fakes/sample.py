"""A small institution for tests: a branch, an operator, members, devices whose seeds the test knows."""

import subprocess
from dataclasses import dataclass
from datetime import datetime

from otpward.core.audit import Actor, ActorKind
from otpward.core.ids import BranchId, InstitutionId
from otpward.core.model.institution import Branch, Institution
from otpward.core.model.member import Member, Operator, Role
from otpward.ports.desk import House
from otpward.services.oversee.add_branch import add_branch
from otpward.services.oversee.add_member import AddMember, add_member
from otpward.services.oversee.appoint_staff import appoint_staff
from otpward.services.oversee.create_api_key import create_api_key
from otpward.services.oversee.open_institution import OpenInstitution, open_institution
from otpward.services.stock.import_seeds import Entry, ImportSeeds, import_seeds

BY = Actor(kind=ActorKind.OPERATOR, source="test")
PHONE = "+821055501101"
PASSWORD = "warm-plum-42"


def seed_of(number: int) -> bytes:
    """The seed of sample device `number`: known to the test, used nowhere else."""
    return f"{number:02d}-seed-of-a-device.".encode()


def oath_code(seed: bytes, at: datetime, *, period_s: int = 60) -> str:
    """What the device shows, computed by oathtool and not by us."""
    command = ["oathtool", "--totp", "-s", f"{period_s}s", "-N", f"{at:%Y-%m-%d %H:%M:%S} UTC", seed.hex()]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@dataclass(frozen=True)
class Sample:
    """Handles on what was made. `in_use` is the member's device, `shelf` lies in stock; all TOTP, 60 s, SHA-1."""

    house: House
    institution: Institution
    branch: Branch
    member: Member
    other: Member
    operator: Operator
    in_use: str
    shelf: tuple[str, ...]
    api_key: str


def make_sample(house: House, *, two_people: bool = False, code: str = "hanbit") -> Sample:
    """Fill an empty house."""
    ask = OpenInstitution(
        code=code,
        name_ko="한빛기관",
        name_en="Hanbit",
        phone="1588-0000",
        phone_abroad="+82-2-0000-0000",
        two_people=two_people,
    )
    institution = house.do(None, lambda desk: open_institution(ask, desk=desk))
    inside = institution.id
    branch = Branch(
        id=BranchId(house.desk(inside).new_id()),
        institution_id=inside,
        code="main",
        name_ko="본점",
        name_en="Head Office",
        address_ko="서울 중구",
        address_en="Seoul",
        hours="09:00-16:00",
        phone="02-000-0001",
    )
    add_branch(branch, desk=house.desk(inside))
    member = _member(house, inside, "m1001", "홍길동", PHONE)
    other = _member(house, inside, "m1002", "김하나", "+821055501102")
    teller = _member(house, inside, "teller", "김창구", "+821055501121")
    house.do(inside, lambda desk: appoint_staff(inside, teller.id, Role.ADMINISTRATOR, branch.id, desk=desk))
    _devices(house, inside, branch.id, {0: "m1001", 1: "teller"}, range(2, 8))
    key = house.do(
        inside, lambda desk: create_api_key(inside, frozenset({"verify", "verify:reasons"}), "test", None, desk=desk)
    )
    return Sample(
        house=house,
        institution=institution,
        branch=branch,
        member=member,
        other=other,
        operator=Operator(member_id=teller.id, role=Role.ADMINISTRATOR, branch_id=branch.id, source="127.0.0.1"),
        in_use="SN-00",
        shelf=tuple(f"SN-{number:02d}" for number in range(2, 8)),
        api_key=key,
    )


def _member(house: House, inside: InstitutionId, login: str, name: str, phone: str) -> Member:
    ask = AddMember(
        institution_id=inside,
        login=login,
        name=name,
        phone=phone,
        email=f"{login}@member.example",
        birth_date="1980-01-02",
        password=PASSWORD,
    )
    return house.do(inside, lambda desk: add_member(ask, desk=desk, passwords=house.passwords))


def _devices(house: House, inside: InstitutionId, branch_id: BranchId, owners: dict[int, str], shelf: range) -> None:
    for entry, numbers in ((Entry.ACTIVE, list(owners)), (Entry.IN_STOCK, list(shelf))):
        rows = "".join(f"SN-{number:02d},{seed_of(number).hex()},totp,6,60\n" for number in numbers)
        ask = ImportSeeds(
            institution_id=inside,
            data=rows.encode(),
            file_name="sample.csv",
            by=BY,
            branch_id=branch_id,
            entry=entry,
            owners={f"SN-{number:02d}": login for number, login in owners.items()},
        )
        report = house.do(inside, lambda desk, ask=ask: import_seeds(ask, desk=desk))  # type: ignore[misc]
        assert report.refused == 0, report
