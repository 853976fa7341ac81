"""`[sim_swap]`: everything that it takes to ask the carrier, or nothing."""

from datetime import timedelta
from pathlib import Path

import pytest

from otpward.core.secret import Personal
from otpward.provers import open_sim_guard
from otpward.settings import BadSettings, SimSwap, read_settings

ALL = """[sim_swap]
base_url = "https://carrier.example"
token_url = "https://carrier.example/token"
client_id = "us"
secret_file = "keys/some.secret"
decoy = "010-5550-0001"
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "some.secret").write_text("not-a-secret\n")
    return tmp_path


def write(data: Path, text: str) -> Path:
    (data / "otpward.toml").write_text(text, encoding="utf-8")
    return data


def test_without_a_section_nobody_is_asked(data: Path) -> None:
    settings = read_settings(write(data, ""), {})
    assert settings.sim_swap == SimSwap()
    assert open_sim_guard(settings) is None


def test_what_is_set_is_what_is_asked(data: Path) -> None:
    guard = open_sim_guard(read_settings(write(data, ALL + 'hours = 48\non_failure = "allow"\nversion = "v2"'), {}))
    assert guard is not None
    assert (guard.decoy, guard.within, guard.refuses) == (Personal("+821055500001"), timedelta(hours=48), False)
    safe = open_sim_guard(read_settings(write(data, ALL), {}))
    assert safe is not None
    assert (safe.within, safe.refuses) == (timedelta(hours=72), True)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        pytest.param(ALL.replace('decoy = "010-5550-0001"', ""), "[sim_swap] base_url", id="no decoy"),
        pytest.param(ALL.replace('client_id = "us"', ""), "[sim_swap] base_url", id="no client"),
        pytest.param('[sim_swap]\ndecoy = "010-5550-0001"', "[sim_swap] decoy", id="a decoy alone"),
        pytest.param(ALL.replace("010-5550-0001", "112"), "[sim_swap] decoy", id="no phone"),
        pytest.param(
            ALL.replace("https://carrier.example/token", "http://carrier.example/token"), "[sim_swap] token_url", id="http"
        ),
        pytest.param(ALL.replace("some.secret", "no.secret"), "[sim_swap] secret_file", id="no file"),
        pytest.param(ALL + "hours = 0", "[sim_swap] hours", id="no time"),
        pytest.param(ALL + "hours = 241", "[sim_swap] hours", id="more than ten days"),
        pytest.param(ALL + 'on_failure = "guess"', "[sim_swap] on_failure", id="neither"),
        pytest.param(ALL + 'version = "../v1"', "[sim_swap] version", id="a way out of the path"),
        pytest.param(ALL + 'secret = "x"', "secret", id="a secret as a value"),
    ],
)
def test_what_is_wrong_is_named(data: Path, text: str, key: str) -> None:
    with pytest.raises(BadSettings) as refused:
        read_settings(write(data, text), {})
    assert refused.value.field == key
