"""What a member can fall back on, and that the last of it stays.

A method is what lets somebody in by itself or beside the password, again and again: a token that takes codes, a passkey that
has worked. A recovery code is none: it works once, it opens only what it takes to bind a new token, and it may be a sheet of
paper in a drawer that is long gone. Whoever had nothing else would be one mistake away from having nothing.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final
from uuid import UUID

from otpward.core.errors import Denied
from otpward.core.ids import TokenId
from otpward.core.model.backup import Passkey
from otpward.core.model.member import Member, Session
from otpward.core.model.token import Token
from otpward.core.policy.verification import standing

CONFIRMED_FOR: Final = timedelta(minutes=5)
"""So long an OTP number or a passkey vouches for changes to what one falls back on (ASVS V7.5.1)."""
PASSKEYS_MOST: Final = 20
CODE_LETTERS: Final = 28
"""Of 30 letters with a bias of 9/256 at most: 135 bits, never under 128 (STANDARDS C-03)."""

_ELSEWHERE: Final = frozenset({"usb", "nfc", "ble", "smart-card"})
_ON_A_PHONE: Final = frozenset({"internal", "hybrid"})


class LastMethod(Denied):
    """It is the last way in; another one comes first."""

    code: ClassVar[str] = "last_method"


class ConfirmFirst(Denied):
    """It is some time since anything but a password was shown; an OTP number or another passkey is asked for."""

    code: ClassVar[str] = "confirm_first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Methods:
    """The ways in that a member has now, by the keys of their tokens and passkeys."""

    tokens: frozenset[UUID] = frozenset()
    passkeys: frozenset[UUID] = frozenset()

    @property
    def count(self) -> int:
        """How many."""
        return len(self.tokens) + len(self.passkeys)

    def without(self, key: UUID) -> "Methods":
        """Those that are left when this one is removed.

        Raises:
            LastMethod: none would be. Removing what is no method (a passkey that never worked) takes nothing away.
        """
        left = Methods(tokens=self.tokens - {key}, passkeys=self.passkeys - {key})
        if not left.count and self.count:
            raise LastMethod("the last way in cannot be removed")
        return left


def methods_of(tokens: Iterable[Token], passkeys: Iterable[Passkey], *, now: datetime) -> Methods:
    """The ways in among these."""
    return Methods(
        tokens=frozenset(one.id for one in tokens if standing(one, now=now) is None),
        passkeys=frozenset(one.id for one in passkeys if one.used_at is not None and works(one)),
    )


def refuse_last(key: UUID, tokens: Iterable[Token], passkeys: Iterable[Passkey]) -> None:
    """Let this passkey be undone only where something else is bound. A stopped device counts: what comes in its place follows
    from it, and who first reported it lost must still be able to put a stranger's passkey out.

    Raises:
        LastMethod: nothing else is.
    """
    if not any(True for _ in tokens) and not any(one.id != key and one.used_at is not None and works(one) for one in passkeys):
        raise LastMethod("the last way in cannot be undone")


def works(passkey: Passkey) -> bool:
    """Whether it may be used: not removed, not asleep since its removal was undone, and no copy of it was seen."""
    return passkey.removed_at is None and passkey.asleep_since is None and passkey.cloned_at is None


def lets_in(passkey: Passkey, member: Member) -> bool:
    """Whether it speaks for the member now. While their phone is lost, what may lie in it does not: only a key that is plugged
    in or held near (in doubt it is the phone: SP 800-63B §4.5)."""
    if not works(passkey) or member.left_at is not None:
        return False
    held_apart = bool(passkey.transports & _ELSEWHERE) and not passkey.transports & _ON_A_PHONE
    return member.phone_lost_at is None or held_apart


def is_copy(passkey: Passkey, sign_count: int) -> bool:
    """Whether the counter stood still or went back (WebAuthn §6.1.1): somebody has a copy. Two zeros count nothing."""
    return bool(sign_count or passkey.sign_count) and sign_count <= passkey.sign_count


def second_tokens(tokens: Collection[Token], about: Collection[TokenId], *, now: datetime) -> list[Token]:
    """The tokens whose codes say who somebody is: in use, without any hold, and not the one that it is about."""
    return [one for one in tokens if not one.holds and standing(one, now=now) is None and one.id not in about]


def refuse_unconfirmed(session: Session, *, now: datetime, besides: UUID | None = None) -> None:
    """Let nobody change what a member falls back on without having shown a factor just now, and not `besides`, the one that it
    is about.

    Raises:
        ConfirmFirst: it is too long ago, or it was that very one.
    """
    at = session.confirmed_at
    if at is None or now - at >= CONFIRMED_FOR or (besides is not None and session.confirmed_by == besides):
        raise ConfirmFirst("an OTP number or another passkey is needed first")
