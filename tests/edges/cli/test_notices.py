"""`otpward notices`: seen, worded in somebody's name, given up for ours; and the template of KakaoTalk."""

from pathlib import Path

from otpward.core.model.member import Role
from tests.edges.cli.conftest import otpward, staffed


def test_notices_are_worded_from_the_shell(tmp_path: Path) -> None:
    data, korean, english = tmp_path / "data", tmp_path / "ko.txt", tmp_path / "en.txt"
    assert otpward("init", "--institution", "hanbit", "--name", "한빛", "--data", data).code == 0
    for login, role in (("boss", Role.ADMINISTRATOR), ("desk", Role.HELP_DESK)):
        assert otpward("member", "add", "--id", login, "--name", "김책임", "--data", data).code == 0
        staffed(data, login, role)
    korean.write_text("[{name}] {time} 잠겼어요. {phone}", encoding="utf-8")
    english.write_text("[{name}] {time} locked. {phone}", encoding="utf-8")
    listed = otpward("notices", "list", "--data", data, "--json").json["notices"]
    assert {(one["own"], one["talk_code"]) for one in listed} == {(False, "")}
    words = ("notices", "set", "token_locked", "--ko", korean, "--en", english, "--data", data)
    assert otpward(*words, "--by", "desk").code == 1
    assert otpward(*words, "--by", "nobody").code == 1
    assert "own words" in otpward(*words, "--by", "boss").out
    coded = otpward("notices", "set", "token_locked", "--template", "LOCKED-1", "--by", "boss", "--data", data, "--json").json
    assert (coded["number"], coded["own"], coded["talk_code"]) == (2, True, "LOCKED-1")
    shown = otpward("notices", "show", "token_locked", "--data", data).out
    assert "KakaoTalk: LOCKED-1" in shown
    assert "bytes)" in shown
    ours = otpward("notices", "set", "token_locked", "--ours", "--by", "boss", "--data", data, "--json").json
    assert (ours["own"], ours["talk_code"]) == (False, "LOCKED-1")
    wrong = [("token_locked",), ("nothing", "--ours"), ("token_locked", "--ko", korean), ("phone_code", "--template", "X")]
    for arguments in wrong:
        assert otpward("notices", "set", *arguments, "--by", "boss", "--data", data).code == 2, arguments
