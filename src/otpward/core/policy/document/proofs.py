"""Which proofs a policy asks for, and which it may not be content with."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from otpward.core.model.proof import FROM_AFAR, Act, Assurance, Method
from otpward.core.model.token import OWN_FORMS, Form
from otpward.core.policy.combinations import DEFAULT, LEVELS, Combination, Combinations, Shown, level_of
from otpward.core.policy.document.faults import Fault, Flaw

_LOOKING: Final = frozenset({Act.FOLLOW})
_KNOWS_A_PASSWORD: Final = frozenset({Method.SIGN_ON})
"""A sign-on is no proof of who somebody is (본인확인): enough to look, and no more."""


def combinations_of(proofs: Mapping[str, Any]) -> Combinations:
    """The combinations that this part of a policy names; the default where it names none."""
    rules = {act: _sets(proofs[act.value]["any"]) or DEFAULT[act] for act in FROM_AFAR}
    by_form: dict[Form, dict[Act, tuple[Combination, ...]]] = {}
    for act in FROM_AFAR:
        for form in OWN_FORMS:
            named = proofs[act.value][form.value]["any"]
            if named is not None:
                by_form.setdefault(form, {})[act] = _sets(named)
    return Combinations(rules=rules, by_form=by_form)


def weak_proofs(proofs: Mapping[str, Any]) -> Iterable[Fault]:
    """Every combination that shows too little for its act."""
    for act in FROM_AFAR:
        own = proofs[act.value]
        places = [("", own["any"]), *((f".{form.value}", own[form.value]["any"]) for form in OWN_FORMS)]
        for place, named in places:
            for one in _sets(named):
                if not _is_enough(act, one):
                    said = " + ".join(sorted(one))
                    yield Fault(flaw=Flaw.WEAK_PROOF, path=f"proofs.{act}{place}.any", more={"value": said})


def _is_enough(act: Act, one: Combination) -> bool:
    """To look, anything. To act, more than a password. To change what later proofs rest on, as much as an identity service."""
    if act in _LOOKING:
        return True
    if one <= _KNOWS_A_PASSWORD:
        return False
    level = level_of([_expected(method) for method in one])
    return act is not Act.CHANGE_CONTACT or (level is not None and level.rank >= Assurance.SUBSTANTIAL.rank)


def _expected(method: Method) -> Shown:
    return Shown(method=method, level=LEVELS[method], by_phone=method in {Method.PHONE_CODE, Method.APP})


def _sets(named: list[list[str]] | None) -> tuple[Combination, ...]:
    return tuple(frozenset(map(Method, one)) for one in named or ())
