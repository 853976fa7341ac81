"""Which ways of proving are enough for which act, alone or together, and how sure several make."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

from otpward.core.model.proof import Act, Assurance, Method
from otpward.core.model.token import Form

Combination = frozenset[Method]
Rules = Mapping[Act, tuple[Combination, ...]]

LEVELS: Final[Mapping[Method, Assurance]] = {
    Method.SIGN_ON: Assurance.LOW,
    Method.PHONE_CODE: Assurance.LOW,
    Method.OTP: Assurance.LOW,
    Method.RECOVERY_CODE: Assurance.LOW,
    Method.PASSKEY: Assurance.SUBSTANTIAL,
    Method.APP: Assurance.SUBSTANTIAL,
    Method.AGENCY: Assurance.SUBSTANTIAL,
    Method.CERTIFICATE: Assurance.SUBSTANTIAL,
    Method.IN_PERSON: Assurance.HIGH,
}
"""How sure each makes by itself; a provider's setting may say otherwise of that provider."""


def _alone(*methods: Method) -> tuple[Combination, ...]:
    return tuple(frozenset({one}) for one in methods)


_SERVICES: Final = _alone(Method.AGENCY, Method.CERTIFICATE, Method.APP, Method.PASSKEY)
_ANY: Final = (*_SERVICES, *_alone(Method.PHONE_CODE, Method.OTP, Method.RECOVERY_CODE))
DEFAULT: Final[Rules] = {
    Act.APPLY: _ANY,
    Act.LIFT_LOSS: _ANY,
    Act.UNLOCK: _ANY,
    Act.FOLLOW: (*_ANY, *_alone(Method.SIGN_ON)),
    Act.CHANGE_CONTACT: (
        *_SERVICES,
        frozenset({Method.PHONE_CODE, Method.OTP}),
        frozenset({Method.PHONE_CODE, Method.RECOVERY_CODE}),
    ),
}
"""A sign-on says that somebody knows a password, not who they are (본인확인 it is not): it is enough to look, and no more.
A contact is what later proofs rest on, so a phone code alone does not change it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One thing that was shown. `by_phone`: it came by way of the member's phone, as others may have."""

    method: Method
    level: Assurance
    by_phone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What is asked for: the act, the kinds of device it is about, and how sure enrolment was (ASVS V6.4.4)."""

    act: Act
    forms: frozenset[Form] = frozenset()
    level: Assurance = Assurance.LOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Combinations:
    """For each act the sets of methods of which one is enough. An institution may put its own into their place (`rules`), and
    others for a kind of device (`by_form`)."""

    rules: Rules = field(default_factory=lambda: DEFAULT)
    by_form: Mapping[Form, Rules] = field(default_factory=dict)

    def sets(self, act: Act, form: Form | None = None) -> tuple[Combination, ...]:
        """Which sets are enough for this act, about a device of this kind."""
        own = self.by_form.get(form, {}) if form is not None else {}
        return own.get(act) or self.rules.get(act, ())

    def is_enough(self, need: Need, shown: Collection[Shown]) -> bool:
        """Whether it is: a set of methods is complete for each kind of device, and together they are as sure as enrolment was.
        A person seen with their papers always is."""
        methods = {one.method for one in shown}
        if Method.IN_PERSON in methods:
            return True
        complete = all(any(one <= methods for one in self.sets(need.act, form)) for form in need.forms or {None})
        return complete and (level := level_of(shown)) is not None and level.rank >= need.level.rank

    def helps(self, need: Need, method: Method) -> bool:
        """Whether this method is part of any way to do it; before it is known which devices it is about, of a way for any."""
        known = [self.sets(need.act, form) for form in need.forms]
        if known:
            return all(any(method in one for one in sets) for sets in known)
        return any(method in one for form in (None, *self.by_form) for one in self.sets(need.act, form))

    def missing(self, need: Need, shown: Collection[Shown], offered: Iterable[Shown]) -> int | None:
        """How many more of what is offered it takes; None if there is no way but in person."""
        if self.is_enough(need, shown):
            return 0
        had = {one.method for one in shown}
        open_to = list({one: None for one in offered if one.method not in had and self.helps(need, one.method)})
        for size in range(1, len(open_to) + 1):
            if any(self.is_enough(need, [*shown, *more]) for more in combinations(open_to, size)):
                return size
        return None


COMBINATIONS: Final = Combinations()


def level_of(shown: Collection[Shown]) -> Assurance | None:
    """How sure all of it makes: the surest, and one level more where another stands beside it that is independent of it. What
    came by one phone is one thing, however often it came."""
    if not shown:
        return None
    surest = max(one.level.rank for one in shown)
    independent = {"phone" if one.by_phone else one.method for one in shown}
    ranks = list(Assurance)
    return ranks[min(surest + (len(independent) > 1), len(ranks)) - 1]


def expected(method: Method, *, by_phone: bool = False) -> Shown:
    """What this method will count as, as far as that is known before."""
    return Shown(method=method, level=LEVELS[method], by_phone=by_phone or method in {Method.PHONE_CODE, Method.APP})
