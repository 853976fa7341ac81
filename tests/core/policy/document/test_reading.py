"""A text is a policy, or every reason why not is said in one sentence each."""

import pytest

from otpward.core.model.case import Delivery, Reason
from otpward.core.model.proof import Act, Method
from otpward.core.model.token import Form
from otpward.core.policy.document.build import check_octets, read_policy
from otpward.core.policy.document.default import DEFAULT
from otpward.core.policy.document.faults import SENTENCES, BadPolicy, Fault, Flaw
from otpward.core.policy.document.requirement import requirement
from otpward.core.policy.document.text import OCTETS_MAX

_LONG = "가" * 301


def faults(text: str | bytes) -> list[Fault]:
    with pytest.raises(BadPolicy) as caught:
        check_octets(text if isinstance(text, bytes) else text.encode())
    return list(caught.value.faults)


BAD = {
    "ten megabytes": (b"#" * 10_000_000, Flaw.TOO_LARGE, ""),
    "one octet too many": (b"#" * (OCTETS_MAX + 1), Flaw.TOO_LARGE, ""),
    "not UTF-8": (b"[words]\nmember = '\xff'", Flaw.NOT_UTF8, ""),
    "UTF-16": ("[words]".encode("utf-16"), Flaw.NOT_UTF8, ""),
    "not TOML": ("fee: 5000", Flaw.NOT_TOML, ""),
    "JSON": ('{"fee": 1}', Flaw.NOT_TOML, ""),
    "half of a text": ("[rules.all]\nfee_won =", Flaw.NOT_TOML, ""),
    "a key twice": ("[rules.all]\nfee_won = 1\nfee_won = 2", Flaw.TWICE, ""),
    "a table twice": ("[rules.all]\n[rules.all]", Flaw.TWICE, ""),
    "a line without an end": ("a" * 2001, Flaw.LONG_LINE, ""),
    "nested without an end": ("a = [" + "\n".join(["[" * 1000] * 200), Flaw.TOO_DEEP, ""),
    "a number of 1,900 digits": ("[rules.all]\nfee_won = " + "9" * 1900, Flaw.TOO_BIG, "rules.all.fee_won"),
    "an unknown table": ("[fees]\nwon = 1", Flaw.UNKNOWN_KEY, "fees"),
    "an unknown key": ("[rules.all]\nfee = 1", Flaw.UNKNOWN_KEY, "rules.all.fee"),
    "an unknown act": ("[proofs.vote]\nany = [['otp']]", Flaw.UNKNOWN_KEY, "proofs.vote"),
    "an unknown language": ("[words]\nmember = {ko='가', en='a', fr='b'}", Flaw.UNKNOWN_KEY, "words.member.fr"),
    "Korean is missing": ("[words]\nmember = {en='a'}", Flaw.MISSING_LANGUAGE, "words.member"),
    "English is missing": ("[refusals]\nown = {ko='가'}", Flaw.MISSING_LANGUAGE, "refusals.own"),
    "one of two is empty": ("[contact]\nhours = {ko='', en='9 to 6'}", Flaw.EMPTY, "contact.hours.ko"),
    "an empty sentence": ("[requests]\nown = {ko=' ', en='a'}", Flaw.EMPTY, "requests.own.ko"),
    "a long sentence": (f"[requests]\nown = {{ko='{_LONG}', en='a'}}", Flaw.LONG_TEXT, "requests.own.ko"),
    "a control character": ('[contact]\nphone = "1\\u0000"', Flaw.CONTROL, "contact.phone"),
    "a line break in a name": ("[words]\nmember = {ko=\"가\\n나\", en='a'}", Flaw.CONTROL, "words.member.ko"),
    "a text for a number": ("[rules.all]\nfee_won = '5000'", Flaw.WRONG_TYPE, "rules.all.fee_won"),
    "a truth for a number": ("[rules.all]\nfee_won = true", Flaw.WRONG_TYPE, "rules.all.fee_won"),
    "a fraction": ("[rules.all]\nfee_won = 1.5", Flaw.WRONG_TYPE, "rules.all.fee_won"),
    "a number for a truth": ("[rules.all]\ntwo_people = 1", Flaw.WRONG_TYPE, "rules.all.two_people"),
    "a number for a table": ("rules = 1", Flaw.WRONG_TYPE, "rules"),
    "a number for a text": ("[contact]\nphone = 1588", Flaw.WRONG_TYPE, "contact.phone"),
    "a text for both languages": ("[words]\nmember = '회원'", Flaw.WRONG_TYPE, "words.member"),
    "a negative fee": ("[rules.all]\nfee_won = -1", Flaw.NEGATIVE, "rules.all.fee_won"),
    "a fee of 10^30": (f"[rules.all]\nfee_won = {10**30}", Flaw.TOO_BIG, "rules.all.fee_won"),
    "no days for a draft": ("[deadlines]\ndraft_days = 0", Flaw.TOO_SMALL, "deadlines.draft_days"),
    "a name that is none": ("[documents.ID-Card]\n", Flaw.BAD_NAME, "documents.ID-Card"),
    "too many kinds": ("".join(f"[kinds.k{n}]\n" for n in range(21)), Flaw.TOO_MANY, "kinds"),
    "a paper without a name": ("[documents.own]\nmonths = 3", Flaw.MISSING_KEY, "documents.own.name"),
    "a reason that is none": ("[rules.own]\nreasons = ['bored']", Flaw.NOT_ONE_OF, "rules.own.reasons"),
    "a reason twice": ("[rules.own]\nreasons = ['lost', 'lost']", Flaw.REPEATED, "rules.own.reasons"),
    "a paper that nobody describes": ("[rules.all]\ndocuments = ['diploma']", Flaw.NOT_THERE, "rules.all.documents"),
    "a kind that nobody describes": ("[rules.own]\nkinds = ['student']", Flaw.NOT_THERE, "rules.own.kinds"),
    "like nobody": ("[kinds.minor]\nlike = 'student'", Flaw.NOT_THERE, "kinds.minor.like"),
    "like itself": ("[kinds.minor]\nlike = 'minor'", Flaw.CYCLE, "kinds.minor.like"),
    "like one another": (
        "[kinds.individual]\nlike='abroad'\n[kinds.abroad]\nlike='individual'",
        Flaw.CYCLE,
        "kinds.individual.like",
    ),
    "the rule for all for some": ("[rules.all]\nreasons = ['lost']", Flaw.WRONG_TYPE, "rules.all.reasons"),
    "reminders out of order": ("[reminders]\nexpiry_days = [7, 30]", Flaw.WRONG_TYPE, "reminders.expiry_days"),
    "a clock that is none": ("[reminders]\nquiet_from = '24:00'", Flaw.WRONG_TYPE, "reminders.quiet_from"),
    "a zone by name": ("[reminders]\nquiet_zone = 'Asia/Seoul'", Flaw.WRONG_TYPE, "reminders.quiet_zone"),
    "a zone off the map": ("[reminders]\nquiet_zone = '+15:00'", Flaw.WRONG_TYPE, "reminders.quiet_zone"),
    "a way that is none": ("[reminders]\nways = ['pigeon']", Flaw.NOT_ONE_OF, "reminders.ways"),
    "no way at all": ("[reminders]\nways = []", Flaw.EMPTY, "reminders.ways"),
    "no proof at all": ("[proofs.apply]\nany = []", Flaw.NO_PROOF, "proofs.apply.any"),
    "an empty proof": ("[proofs.apply]\nany = [[]]", Flaw.NO_PROOF, "proofs.apply.any"),
    "a password to apply": ("[proofs.apply]\nany = [['sign_on']]", Flaw.WEAK_PROOF, "proofs.apply.any"),
    "a password for a card": ("[proofs.unlock.card]\nany = [['sign_on']]", Flaw.WEAK_PROOF, "proofs.unlock.card.any"),
    "a phone code to change the phone": (
        "[proofs.change_contact]\nany = [['phone_code']]",
        Flaw.WEAK_PROOF,
        "proofs.change_contact.any",
    ),
    "in person is always enough": ("[proofs.apply]\nany = [['in_person']]", Flaw.NOT_ONE_OF, "proofs.apply.any"),
    "the help desk approves": ("[rules.all]\napprovers = ['help_desk']", Flaw.CANNOT_APPROVE, "rules.all.approvers"),
    "nobody approves": ("[rules.all]\napprovers = []", Flaw.EMPTY, "rules.all.approvers"),
    "a paper for an app that is shown at a counter": (
        "[rules.by_app]\ndocuments = ['id_card']\n[documents.id_card]\nshown = ['counter', 'delivery']",
        Flaw.CANNOT_SHOW,
        "documents.id_card.shown",
    ),
    "a paper shown nowhere": ("[documents.passport]\nshown = []", Flaw.EMPTY, "documents.passport.shown"),
    "nothing to apply for": ("[rules.all]\noffered = false", Flaw.NOTHING_OFFERED, "rules"),
}


@pytest.mark.parametrize(("text", "flaw", "path"), BAD.values(), ids=BAD)
def test_a_bad_text_is_refused_with_a_sentence_of_its_own(text: str | bytes, flaw: Flaw, path: str) -> None:
    found = faults(text)
    assert (flaw, path) in [(one.flaw, one.path) for one in found], found
    for fault in found:
        assert fault.path in fault.sentence("en")
        assert fault.sentence("ko") != fault.sentence("en")


def test_every_flaw_has_a_sentence_and_can_be_provoked() -> None:
    assert set(SENTENCES) == set(Flaw) == {flaw for _, flaw, _ in BAD.values()}


def test_all_faults_are_told_at_once_and_none_hides_another() -> None:
    found = faults("[rules.all]\nfee_won = -1\nfee = 2\n[words]\nmember = {ko='가'}")
    assert [one.flaw for one in found] == [Flaw.NEGATIVE, Flaw.UNKNOWN_KEY, Flaw.MISSING_LANGUAGE]


def test_the_line_of_a_slip_is_named() -> None:
    assert faults("[words]\n\nfee: 1")[0].sentence("en") == "Line 3 is not TOML"


def test_what_somebody_wrote_is_read_back_short_and_printable() -> None:
    [fault] = faults('[rules.all]\n"' + "a" * 500 + '\\u0007" = 1')
    assert len(fault.path) < 100
    assert fault.path.isprintable()


def test_an_empty_text_is_the_default_and_the_default_says_everything() -> None:
    assert read_policy("").tree == read_policy(DEFAULT).tree


def test_what_is_said_replaces_that_and_nothing_else() -> None:
    own = read_policy("[rules.all]\nfee_won = 5000\n[documents.id_card]\nmonths = 6")
    assert own.documents["id_card"].months == 6
    assert own.documents["id_card"].title == read_policy("").documents["id_card"].title
    assert requirement(own, "individual", Reason.LOST, Delivery.POST).fee_won == 5000
    assert requirement(own, "individual", Reason.LOST, Delivery.POST).working_days == 4


def test_a_kind_of_ones_own_follows_the_one_that_it_is_like() -> None:
    text = "[kinds.pupil]\nname = {ko='학생', en='A pupil'}\nlike = 'minor'\n[rules.pupil]\nkinds = ['pupil']\nfee_won = 1"
    asked = requirement(read_policy(text), "pupil", Reason.LOST, Delivery.BRANCH)
    assert [one.document.name for one in asked.papers] == ["guardian_id", "family_certificate", "basic_certificate"]
    assert asked.fee_won == 1


def test_proofs_are_named_by_act_and_by_kind_of_device() -> None:
    text = "[proofs.apply]\nany = [['certificate'], ['phone_code', 'passkey']]\n[proofs.apply.card]\nany = [['certificate']]"
    proofs = read_policy(text).proofs
    alone, both = frozenset({Method.CERTIFICATE}), frozenset({Method.PHONE_CODE, Method.PASSKEY})
    assert proofs.sets(Act.APPLY) == proofs.sets(Act.APPLY, Form.FOB) == (alone, both)
    assert proofs.sets(Act.APPLY, Form.CARD) == (alone,)
    assert proofs.sets(Act.UNLOCK) == read_policy("").proofs.sets(Act.UNLOCK)


@pytest.mark.parametrize(
    "part", ["a", "'a'", '"a"', '"\\"\\\\"', " a "], ids=["bare", "literal", "quoted", "escaped", "spaced"]
)
def test_a_dotted_key_of_many_parts_is_refused_before_it_is_parsed(part: str) -> None:
    assert faults(".".join([part] * 200) + " = 1")[0].flaw is Flaw.TOO_DEEP


def test_dots_in_sentences_and_remarks_are_only_dots() -> None:
    check_octets(f"[requests]\nown = {{ko = '{'.' * 200}', en = \"{'.' * 200}\"}} # {'.' * 200}".encode())


def test_a_text_of_nothing_but_faults_is_answered_shortly() -> None:
    assert len(faults("".join(f"k{number} = 1\n" for number in range(5000)))) == 100
