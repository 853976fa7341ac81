"""Notices by KakaoTalk through real workers, on both engines: shown there, or as a text where that has no KakaoTalk."""

from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from otpward.core.lifecycle.notice import NoticeState
from otpward.core.model.member import Role
from otpward.core.policy.notices import NoticeKind
from otpward.notifiers import open_notifiers
from otpward.sandbox import talk
from otpward.services.notices.follow_notices import follow_notices
from otpward.services.notices.word_notice import WordNotice, word_notice
from otpward.settings import Talk
from tests.edges.workers.conftest import Installation, within

KIND = NoticeKind.CASE_APPROVED


@pytest.mark.slow
def test_what_kakaotalk_does_not_show_arrives_as_a_text(installation: Installation, work: Callable[..., None]) -> None:
    base, inside, house = installation.outside.base_url, installation.inside, installation.opened.house
    keys = {"provider": "nhn", "app_key": talk.APP_KEY, "sender_key": talk.SENDER_KEY}
    by_talk = Talk(**keys, base_url=base, secret_key_file="sandbox.secret", sender="15880000")  # type: ignore[arg-type]
    notifiers = open_notifiers(replace(installation.opened.settings, alimtalk=by_talk))
    boss = replace(installation.sample.operator, role=Role.ADMINISTRATOR)
    ask = WordNotice(institution_id=inside, operator=boss, kind=KIND, korean="", english="", talk_code="CASE_APPROVED")
    house.do(inside, lambda desk: word_notice(ask, desk=desk))
    mark = {"sqlite": "81", "postgresql": "82"}[installation.opened.engine.dialect.name]
    phones = {"talks": f"+821055{mark}1111", "plain": f"+821055{mark}0067"}
    told = {}
    for login, phone in phones.items():
        installation.add(login, phone)
        [told[login]] = installation.tell(login, KIND, number=f"R-{login}")
    work(notifiers=notifiers)
    assert within(20, lambda: all(installation.notice(one).sent_at is not None for one in told.values()))
    follow_notices(inside, house=house, notifiers=notifiers)
    assert {login: installation.notice(one).state for login, one in told.items()} == {
        "talks": NoticeState.DELIVERED,
        "plain": NoticeState.FAILED,
    }

    def inbox(login: str) -> list[tuple[str, str]]:
        found = httpx.get(f"{base}/api/messages", params={"to": phones[login]}).raise_for_status().json()
        return [(one["kind"], one["state"]) for one in found]

    assert within(20, lambda: len(inbox("plain")) == 2)
    assert (inbox("talks"), inbox("plain")) == ([("talk", "delivered")], [("sms", "delivered"), ("talk", "failed")])
    for one in notifiers.values():
        if hasattr(one, "_http"):
            one._http.close()
