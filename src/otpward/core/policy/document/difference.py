"""What differs between two policies, key by key, in words."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from otpward.core.policy.document.layout import LAYOUT, Key, Named, Part, Table, titles
from otpward.core.policy.document.model import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One key: what stood there, and what stands there now. None: nothing."""

    path: str
    title_ko: str
    title_en: str
    before: str | None
    after: str | None

    def title(self, language: str) -> str:
        """What the key is, in `ko` or `en`."""
        return self.title_ko if language == "ko" else self.title_en


def differences(before: Policy, after: Policy) -> list[Difference]:
    """Every key whose value changes, in the order of the layout."""
    old, new = _flat(before.tree), _flat(after.tree)
    changed = [path for path in dict.fromkeys([*old, *new]) if old.get(path) != new.get(path)]
    order = list(LAYOUT.keys)
    changed.sort(key=lambda path: order.index(path[0]))
    return [_difference(path, old.get(path), new.get(path)) for path in changed]


def _difference(path: tuple[str, ...], before: str | None, after: str | None) -> Difference:
    ko, en = titles(path)
    return Difference(path=".".join(path), title_ko=ko, title_en=en, before=before, after=after)


def _flat(value: Any, part: Part = LAYOUT, path: tuple[str, ...] = ()) -> Mapping[tuple[str, ...], str]:
    flat: dict[tuple[str, ...], str] = {}
    match part:
        case Key():
            if value is not None:
                flat[path] = written(value)
        case Table():
            for name, inner in part.keys.items():
                if name in value:
                    flat |= _flat(value[name], inner, (*path, name))
        case Named():
            for name, one in value.items():
                flat |= _flat(one, part.each, (*path, name))
    return flat


def written(value: Any) -> str:
    """A value as it is written in the text."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {written(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
