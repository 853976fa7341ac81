"""Who comes for a device, by the policy: the member, or who acts for them, and which papers they bring."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from otpward.core.ids import CaseId, InstitutionId, MemberId
from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Case, Delivery, Reason
from otpward.core.model.member import Member
from otpward.core.policy.applicants import Acting, Relation
from otpward.core.policy.collecting import Collector, collector_of
from otpward.core.policy.document.build import read_policy
from otpward.core.policy.document.requirement import requirement
from otpward.core.policy.papers import Paper
from otpward.core.secret import Personal

_AT = datetime(2026, 11, 23, tzinfo=UTC)
_MEMBER = Member(
    id=MemberId(UUID(int=1)),
    institution_id=InstitutionId(UUID(int=2)),
    login="k1",
    name=Personal("김하나"),
    birth_date=Personal("1980-01-02"),
    phone=Personal(""),
    email=Personal(""),
    phone_print=b"",
    joined_at=_AT,
)


def who(kind: str, *, acting: tuple[str, str] = ("", ""), sent: tuple[str, ...] = (), text: str = "") -> Collector:
    policy = read_policy(text)
    case = Case(
        id=CaseId(UUID(int=3)),
        institution_id=_MEMBER.institution_id,
        number="R-1",
        member_id=_MEMBER.id,
        state=CaseState.READY_TO_COLLECT,
        open_key=None,
        reason=Reason.FAULTY,
        applicant=kind,
        opened_at=_AT,
        acting_name=Personal(acting[0]),
        acting_as=Personal(acting[1]),
    )
    asked = requirement(policy, kind, case.reason, Delivery.BRANCH)
    return collector_of(case, _MEMBER, kind=policy.kinds[kind], asked=asked, sent=sent)


@pytest.mark.parametrize(
    ("kind", "acting", "id_name", "bring"),
    [
        pytest.param("individual", None, "an ID card", [], id="an adult"),
        pytest.param("abroad", None, "a passport", ["entry_record"], id="abroad"),
        pytest.param(
            "minor", Acting.GUARDIAN, "the guardian's ID card", ["family_certificate", "basic_certificate"], id="a minor"
        ),
        pytest.param(
            "corporation",
            Acting.DELEGATE,
            "the delegate's ID card",
            ["business_registration", "corporate_register", "corporate_seal", "power_of_attorney"],
            id="a company",
        ),
        pytest.param("proxy", Acting.PROXY, "the proxy's ID card", ["power_of_attorney", "seal_certificate"], id="a proxy"),
    ],
)
def test_who_stands_at_the_counter_is_who_applied(kind: str, acting: Acting | None, id_name: str, bring: list[str]) -> None:
    comes = who(kind)
    assert comes.acting is acting
    assert comes.id_title.en == id_name
    assert [one.item for one in comes.bring] == bring


def test_the_name_to_compare_is_that_of_who_comes_and_a_birth_date_is_known_of_the_member_only() -> None:
    member, mother = who("individual"), who("minor", acting=("김어진", "mother"))
    assert (member.name.reveal(), member.birth_date.reveal(), member.relation) == ("김하나", "1980-01-02", None)
    assert (mother.name.reveal(), mother.birth_date.reveal(), mother.relation) == ("김어진", "", Relation.MOTHER)


def test_nobody_was_named_where_the_application_was_taken_at_the_counter() -> None:
    assert not who("proxy").name
    assert who("proxy").relation is None


def test_only_an_adult_with_a_proxy_may_come_instead() -> None:
    assert [kind for kind in ("individual", "minor", "corporation", "proxy", "abroad") if who(kind).member_instead] == ["proxy"]


def test_a_paper_that_was_sent_is_not_brought_again_and_the_id_is_looked_at_all_the_same() -> None:
    comes = who("proxy", sent=("proxy_id", "power_of_attorney"))
    assert comes.id_sent
    assert comes.id_kinds == tuple(Paper)
    assert [one.item for one in comes.bring] == ["seal_certificate"]


def test_where_the_policy_asks_for_no_id_any_of_ours_will_do() -> None:
    comes = who("individual", text="[rules.all]\ndocuments = []\n")
    assert comes.id_kinds == tuple(Paper)
    assert not comes.bring


def test_abroad_it_is_the_passport_and_nothing_else() -> None:
    assert who("abroad").id_kinds == (Paper.PASSPORT,)
