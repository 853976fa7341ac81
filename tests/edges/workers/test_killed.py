"""A worker is killed (`kill -9`) while the texts of a campaign leave one by one; each member has one in the end."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from otpward.clerk.mailing import Reminded, remind_all
from otpward.core.ids import MemberId
from otpward.core.lifecycle.notice import NoticeState
from otpward.core.policy.notices import NoticeKind
from otpward.core.secret import Personal
from otpward.services.notices.send_batch import SETTLED
from otpward.settings import read_settings
from tests.edges.workers.conftest import Installation, installed, within
from tests.fakes.surroundings import FixedClock
from tests.sandbox.running import Running

MEMBERS = 250
NOON = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""In Korea; at night no reminder would leave."""
SETTINGS = """
profile = 'test'
database_url = '{database}'
[sms]
base_url = '{outside}'
app_key = 'sandbox'
secret_key_file = 'sandbox.secret'
sender = '1588-0000'
"""


@contextmanager
def working(data: Path, ahead: float) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker of its own; killed at the latest in the end."""
    command = [sys.executable, "-m", "tests.edges.workers.worker", str(data), str(ahead)]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))})
    try:
        yield process
    finally:
        process.kill()
        process.wait(20)


def ask_all(installation: Installation) -> None:
    house = replace(installation.opened.house, clock=FixedClock(NOON))
    member = installation.sample.member

    def act(desk: Any) -> None:
        with desk.uow as uow:
            made = [
                replace(member, id=MemberId(desk.new_id()), login=f"k{n}", phone=Personal(f"+82105571{n:04d}"), version=0)
                for n in range(1000, 1000 + MEMBERS)
            ]
            uow.members.add_all(made)
            asked = [Reminded(member=one, values={"link": f"https://otp.example/r/{one.login}"}) for one in made]
            remind_all(asked, NoticeKind.REMINDER_CAMPAIGN, campaign_id=desk.new_id(), desk=desk)
            uow.commit()

    house.do(installation.inside, act)


def arrived(outside: Running) -> Counter[str]:
    texts = httpx.get(f"{outside.base_url}/api/messages").raise_for_status().json()
    return Counter(one["to"] for one in texts if one["to"].startswith("+82105571"))


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_of_a_campaign_leaves_one_text_for_each(tmp_path: Path, outside: Running) -> None:
    (tmp_path / "sandbox.secret").write_text("not-a-secret")
    (tmp_path / "otpward.toml").write_text(SETTINGS.format(database="", outside=outside.base_url))
    with installed(read_settings(tmp_path, {}), outside) as installation:
        ask_all(installation)
        with working(tmp_path, 0) as worker:
            assert within(30, lambda: arrived(outside).total() >= 10)
            worker.kill()
        before = arrived(outside).total()
        assert 0 < before < MEMBERS, "it was killed in the middle"

        def states() -> Counter[NoticeState]:
            rows = installation.opened.house.look(installation.inside, lambda uow: uow.notices.find(limit=None))
            return Counter(one.state for one in rows)

        assert states() == {NoticeState.HANDING: MEMBERS}, "nobody knows of any of them"
        with working(tmp_path, SETTLED.total_seconds() + 1):
            assert within(30, lambda: states() == {NoticeState.HANDED_OVER: MEMBERS})
    assert Counter(arrived(outside).values()) == {1: MEMBERS}
