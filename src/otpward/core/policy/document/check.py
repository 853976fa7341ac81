"""A text's tables are compared with the layout: every fault is found, and what was left out is filled in."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from otpward.core.policy.document.default import DEFAULT
from otpward.core.policy.document.faults import Fault, Flaw
from otpward.core.policy.document.layout import LAYOUT, NOT_GIVEN, Key, Named, Part, Table
from otpward.core.policy.document.text import read_text
from otpward.core.policy.document.values import shown, unknown_key

Tree = Mapping[str, Any]

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")


def faults_of(given: Any, part: Part = LAYOUT, path: str = "") -> Iterable[Fault]:
    """What is wrong with these tables by themselves: keys, kinds of value, bounds."""
    if isinstance(part, Key):
        yield from part.value.faults(path, given)
    elif not isinstance(given, dict):
        yield Fault(flaw=Flaw.WRONG_TYPE, path=path, more={"expected": "a table"})
    elif isinstance(part, Table):
        for name, value in given.items():
            if name in part.keys:
                yield from faults_of(value, part.keys[name], _at(path, name))
            else:
                yield unknown_key(_at(path, name), part.keys)
    else:
        yield from _faults_of_named(given, part, path)


def _faults_of_named(given: Tree, part: Named, path: str) -> Iterable[Fault]:
    if len(given) > part.most:
        yield Fault(flaw=Flaw.TOO_MANY, path=path, more={"most": part.most})
        return
    for name, value in given.items():
        if _NAME.fullmatch(name):
            yield from faults_of(value, part.each, _at(path, name))
        else:
            yield Fault(flaw=Flaw.BAD_NAME, path=shown(_at(path, name)))


def filled(given: Tree, part: Table = LAYOUT, default: Tree | None = None, *, closed: bool = False) -> dict[str, Any]:
    """The tables with everything that was left out, from the default policy or the key's own default. Keys that must be given
    and are not, are not there. `closed`: it was whole once, so nothing comes in that the default has under a name of
    its own."""
    base = default_tree() if default is None else default
    whole: dict[str, Any] = {}
    for name, inner in part.keys.items():
        value = _filled(given.get(name, NOT_GIVEN), inner, base.get(name, NOT_GIVEN), closed)
        if value is not NOT_GIVEN:
            whole[name] = value
    return whole


def _filled(given: Any, part: Part, base: Any, closed: bool) -> Any:
    match part:
        case Key():
            return next((one for one in (given, base, part.default) if one is not NOT_GIVEN), NOT_GIVEN)
        case Table():
            return filled(_tables(given), part, _tables(base), closed=closed)
        case Named():
            names = [
                *(_tables(base) if not closed else ()),
                *(name for name in _tables(given) if closed or name not in _tables(base)),
            ]
            return {
                name: _filled(_tables(given).get(name, NOT_GIVEN), part.each, _tables(base).get(name, NOT_GIVEN), closed)
                for name in names
            }


def missing(whole: Tree, part: Table = LAYOUT, path: str = "") -> Iterable[Fault]:
    """The keys that must be given and are not."""
    for name, inner in part.keys.items():
        here = _at(path, name)
        match inner:
            case Key() if name not in whole:
                yield Fault(flaw=Flaw.MISSING_KEY, path=here)
            case Table():
                yield from missing(whole[name], inner, here)
            case Named(each=Table() as each):
                for own, value in whole[name].items():
                    yield from missing(value, each, _at(here, own))
            case _:
                pass


@cache
def default_tree() -> Tree:
    """The tables of the default policy, as they are written."""
    return read_text(DEFAULT)


def _tables(value: Any) -> Tree:
    return {} if value is NOT_GIVEN else value


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
