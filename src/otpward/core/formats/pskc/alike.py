"""The keys of a delivery are mostly alike: what does not tell them apart is judged once and remembered.

A package is known again by everything in it that decides what its record says, but for the serial number, the id of the key and
what lies in its `Secret`. Those are read of each key; so no seed stands in what is remembered.
"""

from collections.abc import Callable
from dataclasses import replace
from operator import itemgetter
from typing import Any, Final, TypeAlias
from xml.etree.ElementTree import Element

from otpward.core.formats.pskc.names import PSKC
from otpward.core.formats.records import KeyKind, SeedRecord

SHAPES_MAX: Final = 16
MODELS_MAX: Final = 64  # of a shape; a file whose keys differ more is read key by key
DEVICE, SERIAL, KEY = f"{PSKC}DeviceInfo", f"{PSKC}SerialNo", f"{PSKC}Key"
DATA, SECRET = f"{PSKC}Data", f"{PSKC}Secret"

Told: TypeAlias = tuple[Any, ...]


class Shape:
    """Which elements a package has, one in another; and the records of such packages, by what is told in them."""

    __slots__ = ("_attributes", "_key", "_texts", "models")

    def __init__(self, package: Element, elements: list[Element], key: Element) -> None:
        secret, serial = key.find(f"{DATA}/{SECRET}"), package.find(f"{DEVICE}/{SERIAL}")
        apart = set() if secret is None else {id(each) for each in secret.iter()}
        rest = [place for place, each in enumerate(elements) if id(each) not in apart]
        self._key = elements.index(key)
        self._attributes = _picker([place for place in rest if place != self._key])
        self._texts = _picker([place for place in rest if not len(elements[place]) and elements[place] is not serial])
        self.models: dict[Told, SeedRecord] = {}

    def told(self, elements: list[Element]) -> Told:
        """The attributes and texts that decide."""
        key = elements[self._key]
        return (
            *[each.text for each in self._texts(elements)],
            *[tuple(each.items()) for each in self._attributes(elements)],
            *[pair for pair in key.items() if pair[0] != "Id"],
        )


class Alike:
    """What is remembered while a file is read."""

    __slots__ = ("_shapes", "_told", "_upon")

    def __init__(self) -> None:
        self._shapes: dict[tuple[tuple[str, ...], tuple[int, ...]], Shape] = {}
        self._upon: Shape | None = None
        self._told: Told = ()

    def model(self, package: Element) -> SeedRecord | None:
        """The record of a package like this one, without what tells them apart; None if there was none yet."""
        elements = list(package.iter())
        shape = tuple([each.tag for each in elements]), tuple([len(each) for each in elements])
        self._upon = self._shapes.get(shape)
        if self._upon is None:
            key = package.find(KEY)
            if key is None or len(self._shapes) == SHAPES_MAX:
                return None
            self._upon = self._shapes[shape] = Shape(package, elements, key)
        self._told = self._upon.told(elements)
        return self._upon.models.get(self._told)

    def remember(self, record: SeedRecord) -> None:
        """This is the record of the package that was asked about last. One that computes with a PIN stands for itself."""
        if self._upon is not None and record.kind is not KeyKind.OCRA and len(self._upon.models) < MODELS_MAX:
            self._upon.models[self._told] = replace(record, row=0, serial=None, key_id=None, seed=None)


def _picker(places: list[int]) -> Callable[[list[Element]], tuple[Element, ...]]:
    """Gives the elements at these places."""
    pick = itemgetter(*places) if len(places) > 1 else None
    return (lambda elements: tuple(elements[place] for place in places)) if pick is None else pick
