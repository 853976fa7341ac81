"""`otpward campaign`: counted and put forward; nobody is asked before a second person has started it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from otpward.core.model.member import Role
from tests.edges.cli.conftest import otpward, staffed

SEEDS = "B-1,3132333435363738393031323334353637383930,totp,6,30\n"


def test_a_campaign_from_the_shell(tmp_path: Path) -> None:
    data, seeds, owners = tmp_path / "data", tmp_path / "seeds.csv", tmp_path / "owners.csv"
    assert otpward("init", "--institution", "hanbit", "--name", "한빛", "--data", data).code == 0
    assert otpward("member", "add", "--id", "m1", "--name", "홍길동", "--data", data).code == 0
    assert otpward("member", "add", "--id", "boss", "--name", "김책임", "--data", data).code == 0
    staffed(data, "boss", Role.ADMINISTRATOR)
    seeds.write_text(SEEDS, encoding="utf-8")
    owners.write_text("B-1,m1\n", encoding="utf-8")
    assert otpward("token", "import", seeds, "--as", "active", "--owners", owners, "--data", data).code == 0
    assert otpward("campaign", "count", "--data", data, "--json").json == {"members": 1}
    wrong = otpward("campaign", "count", "--expires-until", "31.12.2027", "--data", data)
    assert (wrong.code, "--expires-until is a day like" in wrong.err) == (2, True)
    soon = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
    for option, day in (("--everybody", "2020-01-01"), ("--rest-days=3", soon)):
        assert otpward("campaign", "propose", "Q1", "--ends-on", day, option, "--data", data).code == 2
    put = otpward("campaign", "propose", "Q1", "--ends-on", soon, "--everybody", "--data", data, "--json")
    assert put.json == {"number": 1}
    (told,) = otpward("campaign", "list", "--data", data, "--json").json["campaigns"]
    assert (told["name"], told["state"], told["asked"]) == ("Q1", "proposed", 0)
    assert otpward("campaign", "start", "1", "--by", "m1", "--data", data).code == 1
    assert otpward("campaign", "start", "2", "--by", "boss", "--data", data).code == 2
    begun = otpward("campaign", "start", "1", "--by", "boss", "--data", data, "--json")
    assert begun.json == {"number": 1, "state": "running"}
    assert "state running" in otpward("campaign", "show", "1", "--data", data).out
    assert otpward("campaign", "send-back", "1", "--by", "boss", "--data", data).code == 2
    ended = otpward("campaign", "end", "1", "--by", "boss", "--data", data)
    assert (ended.code, ended.out.strip()) == (0, "campaign 1 is ended")
    assert otpward("campaign", "show", "1", "--watch", "--data", data, "--json").json["state"] == "ended"
    assert otpward("campaign", "show", "7", "--data", data).code == 2
