"""The sample institution of the demo: 한빛기관, three branches, staff of each role, twenty members, two hundred devices.

Everybody and everything in it is made up; passwords are drawn anew for each installation.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from otpward.core.formats.detect import read_seed_file
from otpward.core.ids import BranchId, InstitutionId
from otpward.core.model.institution import Branch
from otpward.core.model.member import Role
from otpward.core.model.proof import Assurance
from otpward.core.secret import Secret
from otpward.edges.cli.token import BY
from otpward.ports.desk import House
from otpward.services.oversee.add_branch import add_branch
from otpward.services.oversee.add_member import AddMember, add_member
from otpward.services.oversee.appoint_staff import appoint_staff
from otpward.services.oversee.create_api_key import create_api_key
from otpward.services.oversee.open_institution import OpenInstitution, open_institution
from otpward.services.stock.import_seeds import Entry, ImportSeeds, import_seeds
from otpward.services.stock.transfer import Transfer, transfer

CODE: Final = "hanbit"
DEVICES: Final = 200
_PER_BRANCH: Final = 50

_BRANCHES: Final = (
    ("main", "본점", "Head Office", "서울 중구 남대문로 1", "1 Namdaemun-ro, Jung-gu, Seoul"),
    ("gangnam", "강남지점", "Gangnam Branch", "서울 강남구 테헤란로 12", "12 Teheran-ro, Gangnam-gu, Seoul"),
    ("busan", "부산지점", "Busan Branch", "부산 부산진구 중앙대로 700", "700 Jungang-daero, Busanjin-gu, Busan"),
)
_STAFF: Final = (
    ("teller", "김창구", Role.BRANCH, "main"),
    ("gangnam", "이강남", Role.BRANCH, "gangnam"),
    ("busan", "박부산", Role.BRANCH, "busan"),
    ("helpdesk", "최상담", Role.HELP_DESK, None),
    ("stock", "정발송", Role.STOCK, None),
    ("admin", "한관리", Role.ADMINISTRATOR, None),
    ("auditor", "오감사", Role.AUDITOR, None),
    ("manager", "윤책임", Role.ADMINISTRATOR, None),
)
_MEMBERS: Final = (
    "홍길동", "김하나", "이서준", "박지우", "최민서", "정도윤", "강하은", "조시우", "윤지호", "장서연",
    "임주원", "한예린", "오건우", "서다은", "신유진", "권현우", "황수아", "한빛상사", "Jane Porter", "Minh Tran",
)  # fmt: skip
_COMPANIES: Final = {"m1018": "123-45-67891"}
"""Their business registration numbers, which stand where a person has the birth date. Nobody has this one."""
_MINORS: Final = {"m1017": "2012-03-02"}
"""Too young to apply alone, until 2031."""
SEEN_IN_PERSON: Final = "m1005"
"""Enrolled at a counter: remotely it takes two proofs to get in again."""
_WITHOUT_TOKEN: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIns:
    """What is printed: who can sign in, with which password and device."""

    member_password: str
    staff_password: str
    serials: Mapping[str, str]
    api_key: str

    def write(self, path: Path) -> None:
        """Keep them for the next start, for the owner only."""
        path.touch(mode=0o600)
        path.write_text(
            json.dumps(
                {
                    "member_password": self.member_password,
                    "staff_password": self.staff_password,
                    "serials": dict(self.serials),
                    "api_key": self.api_key,
                },
                indent=1,
            )
        )

    @classmethod
    def read(cls, path: Path) -> "SignIns":
        """What was kept."""
        return cls(**json.loads(path.read_text()))


def open_sample(house: House, seed_file: Path, key_file: Path) -> SignIns:
    """Fill an empty installation. The devices come in through the same import as anybody's."""
    ask = OpenInstitution(
        code=CODE, name_ko="한빛기관", name_en="Hanbit", phone="1588-0000", phone_abroad="+82-2-0000-0000", fee_won=5000
    )
    institution_id = house.do(None, lambda desk: open_institution(ask, desk=desk)).id
    branches = {code: _branch(house, institution_id, index) for index, (code, *_) in enumerate(_BRANCHES)}
    desk = house.desk(institution_id)
    signs = SignIns(
        member_password=f"{desk.letters(4)}-{desk.letters(4)}".lower(),
        staff_password=f"{desk.letters(4)}-{desk.letters(4)}".lower(),
        serials=_owners(seed_file, key_file),
        api_key=house.do(
            institution_id,
            lambda desk: create_api_key(institution_id, frozenset({"verify", "verify:reasons"}), "demo", None, desk=desk),
        ),
    )
    _people(house, institution_id, branches, signs)
    _devices(house, institution_id, branches, signs, seed_file, key_file)
    return signs


def label(login: str) -> str:
    """How the sandbox names the holder of a device."""
    names = {f"m{1001 + index}": name for index, name in enumerate(_MEMBERS)} | {one[0]: one[1] for one in _STAFF}
    return f"{names[login]} ({login})"


def phone_of(index: int) -> str:
    """The mobile number of member or staff number `index`; none that the sandbox treats as broken."""
    return f"+82105550{1101 + index}"


def _branch(house: House, institution_id: InstitutionId, index: int) -> BranchId:
    code, name_ko, name_en, address_ko, address_en = _BRANCHES[index]

    def make(index: int = index) -> BranchId:
        desk = house.desk(institution_id)
        branch = Branch(
            id=BranchId(desk.new_id()),
            institution_id=institution_id,
            code=code,
            name_ko=name_ko,
            name_en=name_en,
            address_ko=address_ko,
            address_en=address_en,
            hours="09:00-16:00",
            phone=f"02-000-00{index + 1:02d}",
        )
        return add_branch(branch, desk=desk).id

    return make()


def _owners(seed_file: Path, key_file: Path) -> dict[str, str]:
    """Whose device is which: the first of the file, one each."""
    key = Secret(bytes.fromhex(key_file.read_text().strip()))
    serials = [record.name for record in read_seed_file(seed_file.read_bytes(), key=key).records]
    holders = [f"m{1001 + index}" for index in range(len(_MEMBERS) - _WITHOUT_TOKEN)] + [one[0] for one in _STAFF]
    return dict(zip(holders, serials, strict=False))


def _people(house: House, institution_id: InstitutionId, branches: Mapping[str, BranchId], signs: SignIns) -> None:
    staff = [(login, name, role, at, signs.staff_password) for login, name, role, at in _STAFF]
    members = [(f"m{1001 + i}", name, None, None, signs.member_password) for i, name in enumerate(_MEMBERS)]
    for index, (login, name, role, at, password) in enumerate([*members, *staff]):
        ask = AddMember(
            institution_id=institution_id,
            login=login,
            name=name,
            birth_date=_on_file(login, index),
            phone=phone_of(index),
            email=f"{login}@member.example",
            language="en" if name.isascii() else "ko",
            password=password,
            proofing=Assurance.HIGH if login == SEEN_IN_PERSON else Assurance.LOW,
        )
        member = add_member(ask, desk=house.desk(institution_id), passwords=house.passwords)
        if role is not None:
            appoint_staff(institution_id, member.id, role, branches[at] if at else None, desk=house.desk(institution_id))


def _on_file(login: str, index: int) -> str:
    born = f"{1960 + index * 7 % 45}-{index % 12 + 1:02d}-{index * 5 % 28 + 1:02d}"
    return (_COMPANIES | _MINORS).get(login, born)


def _devices(
    house: House,
    institution_id: InstitutionId,
    branches: Mapping[str, BranchId],
    signs: SignIns,
    seed_file: Path,
    key_file: Path,
) -> None:
    owners = {serial: login for login, serial in signs.serials.items()}
    data, key = seed_file.read_bytes(), Secret(bytes.fromhex(key_file.read_text().strip()))
    asks = [
        ImportSeeds(
            institution_id=institution_id,
            data=data,
            file_name=seed_file.name,
            by=BY,
            key=key,
            entry=entry,
            owners=owners,
            branch_id=branches["main"],
        )
        for entry in (Entry.ACTIVE, Entry.IN_STOCK)
    ]
    _, stocked = [import_seeds(ask, desk=house.desk(institution_id)) for ask in asks]
    shelf = [row.serial for row in stocked.rows if row.serial and row.serial not in owners]
    for place, code in enumerate(("gangnam", "busan")):
        moved = shelf[place * _PER_BRANCH : (place + 1) * _PER_BRANCH]
        transfer(Transfer(serials=moved, branch_id=branches[code], by=BY), desk=house.desk(institution_id))
