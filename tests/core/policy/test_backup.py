"""What a member falls back on: the last of it stays, whatever is removed in whatever order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otpward.core.ids import InstitutionId, MemberId
from otpward.core.model.backup import Passkey
from otpward.core.model.member import Area, Level, Member, Session
from otpward.core.policy.backup import (
    ConfirmFirst,
    LastMethod,
    Methods,
    is_copy,
    lets_in,
    methods_of,
    refuse_unconfirmed,
)
from otpward.core.secret import NOTHING, Personal

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
INSIDE = InstitutionId(UUID(int=1))
MEMBER = Member(
    id=MemberId(UUID(int=2)),
    institution_id=INSIDE,
    login="m1001",
    name=Personal("김하늘"),
    birth_date=NOTHING,
    phone=NOTHING,
    email=NOTHING,
    phone_print=b"",
    joined_at=NOW,
)
PASSKEY = Passkey(
    id=UUID(int=3),
    institution_id=INSIDE,
    member_id=MEMBER.id,
    credential_id=b"c",
    user_handle=b"u",
    public_key=b"k",
    sign_count=5,
    aaguid=UUID(int=0),
    transports=frozenset({"usb"}),
    eligible=False,
    backed_up=False,
    name=Personal("열쇠"),
    added_at=NOW,
    used_at=NOW,
)
SESSION = Session(
    id=UUID(int=4),
    institution_id=INSIDE,
    secret_digest=b"",
    area=Area.PORTAL,
    level=Level.FULL,
    member_id=MEMBER.id,
    begun_at=NOW,
    seen_at=NOW,
    ends_at=NOW + timedelta(hours=12),
    confirmed_at=NOW,
    confirmed_by=PASSKEY.id,
)
KEYS = st.frozensets(st.integers(0, 6).map(lambda n: UUID(int=n)))


@given(KEYS, KEYS, st.lists(st.integers(0, 9).map(lambda n: UUID(int=n)), max_size=20))
def test_after_any_sequence_of_removals_at_least_one_method_remains(
    tokens: frozenset[UUID], passkeys: frozenset[UUID], removed: list[UUID]
) -> None:
    methods = Methods(tokens=tokens, passkeys=passkeys - tokens)
    had = methods.count
    for key in removed:
        try:
            methods = methods.without(key)
        except LastMethod:
            assert methods.count == 1
            assert key in methods.tokens | methods.passkeys
    assert methods.count >= min(had, 1)


@pytest.mark.parametrize(
    ("passkey", "counts"),
    [
        pytest.param(PASSKEY, True, id="one that has worked"),
        pytest.param(replace(PASSKEY, used_at=None), False, id="one that never worked"),
        pytest.param(replace(PASSKEY, removed_at=NOW), False, id="removed"),
        pytest.param(replace(PASSKEY, cloned_at=NOW), False, id="copied"),
    ],
)
def test_a_way_in_is_what_has_worked(passkey: Passkey, counts: bool) -> None:
    assert (methods_of([], [passkey], now=NOW).count == 1) is counts


@pytest.mark.parametrize(
    ("had", "says", "copy"),
    [(0, 0, False), (0, 1, False), (5, 6, False), (5, 5, True), (5, 4, True), (5, 0, True)],
)
def test_a_counter_that_does_not_rise_is_a_copys(had: int, says: int, copy: bool) -> None:
    assert is_copy(replace(PASSKEY, sign_count=had), says) is copy


@pytest.mark.parametrize(
    ("transports", "speaks"),
    [
        ({"usb"}, True),
        ({"usb", "nfc"}, True),
        ({"smart-card"}, True),
        ({"internal"}, False),
        ({"hybrid"}, False),
        ({"usb", "internal"}, False),
        (set[str](), False),
    ],
)
def test_while_the_phone_is_lost_what_may_lie_in_it_does_not_speak(transports: set[str], speaks: bool) -> None:
    passkey = replace(PASSKEY, transports=frozenset(transports))
    assert lets_in(passkey, MEMBER)
    assert lets_in(passkey, replace(MEMBER, phone_lost_at=NOW)) is speaks


@pytest.mark.parametrize(
    ("session", "besides"),
    [
        pytest.param(replace(SESSION, confirmed_at=None), None, id="nothing was shown"),
        pytest.param(replace(SESSION, confirmed_at=NOW - timedelta(minutes=5)), None, id="five minutes ago"),
        pytest.param(SESSION, PASSKEY.id, id="by the very one that it is about"),
    ],
)
def test_a_change_needs_another_factor_just_now(session: Session, besides: UUID | None) -> None:
    with pytest.raises(ConfirmFirst):
        refuse_unconfirmed(session, now=NOW, besides=besides)
    refuse_unconfirmed(SESSION, now=NOW + timedelta(seconds=299), besides=UUID(int=9))
