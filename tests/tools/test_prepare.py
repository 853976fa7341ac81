"""What cannot be had is said in one sentence."""

import socket

import pytest

from tools import prepare


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        pytest.param(
            "WARNING: Retrying (Retry(total=1)) after connection broken by 'NewConnectionError(...)'\n"
            "ERROR: No matching distribution found for alembic==1.20.1",
            "does not answer",
            id="no network",
        ),
        pytest.param("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "refused", id="another file"),
        pytest.param("ERROR: No matching distribution found for uvloop==0.23.0", "of uvloop==0.23.0", id="no wheel"),
        pytest.param("ERROR: Could not install: [Errno 28] No space left on device", "disk is full", id="full"),
        pytest.param("noise\nERROR: something new.\n", "ERROR: something new", id="not foreseen"),
    ],
)
def test_a_failed_install_is_explained(said: str, meaning: str) -> None:
    explained = prepare.explain(said)
    assert meaning in explained
    assert "\n" not in explained


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(prepare.CannotPrepare, match="is not a port"):
        prepare.check_port(port)


def test_a_taken_port_is_refused_before_anything_is_installed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(prepare.CannotPrepare, match="is taken"):
        prepare.check_port(str(taken.getsockname()[1]))
