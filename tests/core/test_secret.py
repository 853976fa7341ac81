"""What must not be seen does not show itself, wherever it ends up."""

import copy
import json
import logging
import pickle
import traceback
from dataclasses import dataclass

import pytest

from otpward.core.secret import NOTHING, Personal, Secret

HIDDEN = "a value nobody may see"
BOTH = pytest.mark.parametrize("value", [Secret(HIDDEN.encode()), Personal(HIDDEN)], ids=["secret", "personal"])


@dataclass(frozen=True)
class Holder:
    value: Secret | Personal


@BOTH
def test_it_prints_as_dots(value: Secret | Personal, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("test").warning("%s %r %s", value, value, [value, {"a": value}])
    shown = [
        str(value),
        repr(value),
        f"{value}",
        f"{value!r:>40}",
        f"{value!s}",
        repr([value]),
        str(Holder(value)),
        caplog.text,
    ]
    assert not [text for text in shown if HIDDEN in text]
    assert "•••" in str(value)


@BOTH
def test_it_shows_in_no_traceback(value: Secret | Personal) -> None:
    try:
        raise ValueError(value, Holder(value))
    except ValueError as error:
        report = traceback.TracebackException.from_exception(error, capture_locals=True)
    assert "HIDDEN" not in HIDDEN
    assert HIDDEN not in "".join(report.format())


@BOTH
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_is_not_pickled(value: Secret | Personal, protocol: int) -> None:
    for thing in (value, [value], Holder(value)):
        with pytest.raises(TypeError):
            pickle.dumps(thing, protocol)


@BOTH
def test_it_is_not_copied_and_not_turned_into_json(value: Secret | Personal) -> None:
    with pytest.raises(TypeError):
        copy.deepcopy(value)
    with pytest.raises(TypeError):
        json.dumps(value)
    assert not hasattr(value, "__dict__")


@BOTH
def test_reveal_is_the_way_out(value: Secret | Personal) -> None:
    assert value.reveal() in {HIDDEN, HIDDEN.encode()}


def test_equal_values_are_equal_and_no_others() -> None:
    assert Secret(b"a") == Secret(b"a")
    assert Secret(b"a") != Secret(b"b")
    assert Secret(b"a") != b"a"
    assert Personal("a") == Personal("a")
    assert Personal("a") != "a"
    assert len(Secret(b"abc")) == 3
    assert not NOTHING


def test_a_secret_has_no_hash() -> None:
    with pytest.raises(TypeError):
        hash(Secret(b"a"))
