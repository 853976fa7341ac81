"""Settings are read once and checked whole; a bad one names the file, the key and what was expected."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from otpward.core.errors import Invalid
from otpward.settings import BadSettings, Mail, Post, Settings, Sms, read_settings

NOTHING: Mapping[str, str] = {}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with a secret in a file."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "some.secret").write_text("not-a-secret\n")
    (tmp_path / "keys" / "empty").write_text(" \n")
    (tmp_path / "keys" / "two words").write_text("not a-secret\n")
    (tmp_path / "keys" / "korean").write_text("비밀\n", encoding="utf-8")
    return tmp_path


def write(data: Path, text: str) -> Path:
    (data / "otpward.toml").write_text(text, encoding="utf-8")
    return data


def refusal(data: Path, environment: Mapping[str, str] = NOTHING) -> BadSettings:
    with pytest.raises(BadSettings) as caught:
        read_settings(data, environment)
    return caught.value


def test_an_empty_file_is_enough(data: Path) -> None:
    settings = read_settings(write(data, ""), NOTHING)
    assert settings == Settings(data=data)
    assert settings.database == f"sqlite:///{data}/otpward.db"
    assert settings.profile == "production"


def test_everything_that_can_be_set_is_read(data: Path) -> None:
    text = """
        profile = "test"
        institution = "hanbit"
        public_url = "https://otp.hanbit.example"
        database_url = "postgresql://otpward@db.example:5433/otp?sslmode=verify-full"
        master_key_file = "/etc/otpward/master.key"
        trusted_proxies = "10.0.0.1, 192.0.2.0/24"
        primary_color = "#0b50d0"
        pdf_font_folder = "fonts"
        sandbox_url = "http://127.0.0.1:8081"
        [sms]
        base_url = "https://sms.example"
        app_key = "k"
        secret_key_file = "keys/some.secret"
        sender = "15880000"
        report_secret_file = "keys/some.secret"
        signed_secret_file = "keys/some.secret"
        [mail]
        host = "mail.example"
        port = 25
        sender = "otp@hanbit.example"
        starttls = true
        username = "otp"
        password_file = "keys/some.secret"
        [post]
        base_url = "http://post.example"
        service_key_file = "keys/some.secret"
        schedule = "*/5 0-30 8,20 * * 1-5"
        pace_s = 60
        page = "https://post.example/{number}"
        customer_no = "0001"
        approval_no = "0002"
        [identity.nice]
        type = "nice_v2"
        title_ko = "휴대폰 본인확인"
        title_en = "Phone identity check"
        client_id = "c"
        secret_file = "keys/some.secret"
        services = "phone, ipin"
        [identity.own-sign-on]
        type = "oidc"
        base_url = "https://sign-on.example"
        client_id = "c"
        secret_file = "keys/some.secret"
    """
    (data / "fonts").mkdir()
    (data / "fonts" / "Ours.OTF").touch()
    settings = read_settings(write(data, text), NOTHING)
    plain = Settings(data=data)
    for kind, there, default in (
        (Settings, settings, plain),
        (Sms, settings.sms, Sms()),
        (Mail, settings.mail, Mail()),
        (Post, settings.post, Post()),
    ):
        for one in fields(kind):
            # SENS and Solapi are beside NHN, which is the default: the tests of their keys follow below.
            others = {"provider", "service_id", "access_key", "api_key"}
            if one.name not in {"data", "starttls", "primary_color", *others} and not is_dataclass(getattr(default, one.name)):
                assert getattr(there, one.name) != getattr(default, one.name), f"the test above leaves out {one.name}"
    assert [one.type for one in settings.identity.values()] == ["nice_v2", "oidc"]
    assert settings.identity["nice"].title("en", "nice") == "Phone identity check"
    assert settings.identity["own-sign-on"].title("ko", "own-sign-on") == "own-sign-on"
    assert settings.database == "postgresql+psycopg://otpward@db.example:5433/otp?sslmode=verify-full"
    assert settings.file(settings.master_key_file) == Path("/etc/otpward/master.key")
    assert settings.file("keys/x") == data / "keys" / "x"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Sms()),
        ("[sms]\nprovider = 'nhn'", Sms()),
        ("[sms]\nsender = '02 123'", Sms(sender="02 123")),
        (
            "[sms]\nprovider = 'sens'\naccess_key = 'AK'\nservice_id = 'ncp:sms:kr:1:x'\nsender = '02-123-4567'\n"
            "secret_key_file = 'keys/some.secret'",
            Sms(
                provider="sens",
                access_key="AK",
                service_id="ncp:sms:kr:1:x",
                sender="02-123-4567",
                secret_key_file="keys/some.secret",
            ),
        ),
        (
            "[sms]\nprovider = 'solapi'\napi_key = 'AK'\nsender = '0215880000'\nsecret_key_file = 'keys/some.secret'",
            Sms(provider="solapi", api_key="AK", sender="0215880000", secret_key_file="keys/some.secret"),
        ),
    ],
    ids=["nothing", "nhn by name", "nhn switched off", "sens", "solapi"],
)
def test_texts_go_through_one_of_three(data: Path, text: str, expected: Sms) -> None:
    assert read_settings(write(data, text), NOTHING).sms == expected


@pytest.mark.parametrize(
    ("sms", "address"),
    [
        (Sms(), "https://api-sms.cloud.toast.com"),
        (Sms(provider="sens"), "https://sens.apigw.ntruss.com"),
        (Sms(provider="solapi"), "https://api.solapi.com"),
        (Sms(provider="sens", base_url="https://sens.apigw.gov-ntruss.com"), "https://sens.apigw.gov-ntruss.com"),
    ],
    ids=["nhn", "sens", "solapi", "the cloud for public bodies"],
)
def test_each_provider_has_an_address_that_can_be_set(sms: Sms, address: str) -> None:
    assert sms.address == address


_SENS = "[sms]\nprovider = 'sens'\nsecret_key_file = 'keys/some.secret'\nsender = '0212345678'\n"
_SOLAPI = _SENS.replace("sens", "solapi")

SIGN_ON = "[identity.sso]\ntype = 'oidc'\nbase_url = 'https://sso.example'\nclient_id = 'c'\nsecret_file = 'keys/some.secret'\n"
STAFF = "[staff_sign_on]\nbase_url = 'https://sso.example'\nclient_id = 'c'\nsecret_file = 'keys/some.secret'\n"
IDENTITY = "[identity.nice]\ntype = 'nice_v2'\nclient_id = 'c'\nsecret_file = 'keys/some.secret'\n"
_HOOK = "[sms]\nprovider = 'webhook'\nbase_url = 'https://otp.example/in'\nsecret_key_file = 'keys/some.secret'\n"
_TALK = "[alimtalk]\nprovider = 'solapi'\napi_key = 'k'\nchannel_id = 'KA01'\nsecret_key_file = 'keys/some.secret'\n"
BAD = {
    "identity without tables": ("identity = 'nice'", "[identity]", "must be tables, such as [identity.nice]"),
    "identity that is text": ("[identity]\nnice = 'x'", "[identity.nice]", "must be a table"),
    "identity name": ("[identity.Nice]\ntype = 'oidc'", "[identity.Nice]", "lower-case letters, digits, hyphens"),
    "identity type": ("[identity.x]\ntype = 'ipin'", "[identity.x] type", "nice_v1, nice_v2, oidc, portone, not 'ipin'"),
    "identity unknown key": (f"{IDENTITY}colour = 'red'", "[identity.nice] colour", "is not a setting"),
    "identity of two types": (f"{IDENTITY}channel_key = 'k'", "[identity.nice] channel_key", "belongs to another type"),
    "identity without a secret": (
        "[identity.nice]\ntype = 'nice_v2'\nclient_id = 'c'",
        "[identity.nice] secret_file",
        "is needed for type 'nice_v2'",
    ),
    "identity without its file": (
        "[identity.nice]\ntype = 'nice_v2'\nclient_id = 'c'\nsecret_file = 'keys/none'",
        "[identity.nice] secret_file",
        "keys/none, which is not there",
    ),
    "identity service": (f"{IDENTITY}services = 'phone,pigeon'", "[identity.nice] services", "must be of ipin, phone"),
    "identity level": (f"{IDENTITY}level = 'sure'", "[identity.nice] level", "must be of high, low, substantial, not 'sure'"),
    "identity levels": (f"{IDENTITY}level = 'low,high'", "[identity.nice] level", "must be of high, low, substantial"),
    "identity method of another type": (f"{IDENTITY}method = 'agency'", "[identity.nice] method", "belongs to another type"),
    "sign-on as an agency": (f"{SIGN_ON}method = 'agency'", "[identity.sso] method", "level must be substantial or high"),
    "sign-on as a low agency": (
        f"{SIGN_ON}method = 'agency'\nlevel = 'low'",
        "[identity.sso] method",
        "level must be substantial or high",
    ),
    "sign-on as a passport": (f"{SIGN_ON}method = 'in_person'", "[identity.sso] method", "must be of agency, sign_on"),
    "sign-on max_age": (f"{SIGN_ON}max_age = -1", "[identity.sso] max_age", "must be seconds"),
    "sign-on acr": (f"{SIGN_ON}acr = ' gold'", "[identity.sso] acr", "must be values with single spaces between"),
    "staff sign-on without its client": (
        "[staff_sign_on]\nbase_url = 'https://sso.example'",
        "[staff_sign_on] client_id",
        "is needed",
    ),
    "staff sign-on without its issuer": ("[staff_sign_on]\ntrusts_mfa = true", "[staff_sign_on] base_url", "is needed"),
    "staff sign-on over http": (
        f"{STAFF.replace('https', 'http')}",
        "[staff_sign_on] base_url",
        "must be https://",
    ),
    "staff sign-on claim": (f"{STAFF}staff_claim = 'e mail'", "[staff_sign_on] staff_claim", "must be the name of a claim"),
    "staff sign-on without a claim": (f"{STAFF}staff_claim = ''", "[staff_sign_on] staff_claim", "is needed"),
    "staff sign-on mfa_acr": (
        f"{STAFF}trusts_mfa = true\nmfa_acr = 'a  b'",
        "[staff_sign_on] mfa_acr",
        "must be values with single spaces between",
    ),
    "staff sign-on mfa_acr for nothing": (f"{STAFF}mfa_acr = 'gold'", "[staff_sign_on] mfa_acr", "without trusts_mfa = true"),
    "staff sign-on unknown key": (f"{STAFF}level = 'high'", "[staff_sign_on] level", "is not a setting"),
    "identity over http": (f"{IDENTITY}base_url = 'http://nice.example'", "[identity.nice] base_url", "must be https://"),
    "identity without its roots": (
        "[identity.paper]\ntype = 'certificate'\npolicies = '1.2'\nhosts = 'h'\npinned_folder = 'keys/none'",
        "[identity.paper] pinned_folder",
        "keys/none, which is not there",
    ),
    "unknown key": (
        'colour = "red"',
        "colour",
        "is not a setting; expected one of alimtalk, database_url, identity, institution",
    ),
    "unknown section": ("[smtp]\nhost = 'x'", "smtp", "is not a setting"),
    "unknown key in a section": (
        "[sms]\nsecret_key = 'x'",
        "[sms] secret_key",
        "expected one of access_key, api_key, app_key, base_url, provider, report_secret_file, secret_key_file,",
    ),
    "data": ('data = "/srv"', "data", "use --data or OTPWARD_DATA"),
    "number for text": ("profile = 1", "profile", "must be text in quotes, not 1"),
    "list for text": ("institution = ['a']", "institution", "must be text in quotes"),
    "text for number": ("[mail]\nport = '25'", "[mail] port", "must be a whole number, not '25'"),
    "yes for number": ("[mail]\nport = true", "[mail] port", "must be a whole number"),
    "fraction for number": ("[mail]\nport = 25.0", "[mail] port", "must be a whole number"),
    "text for yes": ("[mail]\nstarttls = 'yes'", "[mail] starttls", "must be true or false"),
    "number for yes": ("[mail]\nstarttls = 1", "[mail] starttls", "must be true or false"),
    "text for section": ("sms = 'x'", "[sms]", "must be a table"),
    "list for section": ("[[mail]]\nport = 1", "[mail]", "must be a table"),
    "profile": ("profile = 'prod'", "profile", "one of demo, production, test, not 'prod'"),
    "institution": ("institution = 'Han Bit'", "institution", "lower-case letters, digits, hyphens"),
    "no scheme": ("public_url = 'otp.example'", "public_url", "must be https://…, not 'otp.example'"),
    "other scheme": ("public_url = 'ftp://otp.example'", "public_url", "must be https://…"),
    "no host": ("public_url = 'https://'", "public_url", "must be https://…"),
    "http elsewhere": ("public_url = 'http://otp.example'", "public_url", "must be https:// except on this machine itself"),
    "nearly loopback": ("public_url = 'http://127.0.0.1.evil.example'", "public_url", "must be https:// except"),
    "loopback as user": ("public_url = 'http://127.0.0.1@otp.example'", "public_url", "must be https://…"),
    "torn address": ("public_url = 'http://[::1'", "public_url", "is not an address"),
    "port of words": ("public_url = 'https://otp.example:https'", "public_url", "is not an address"),
    "mysql": ("database_url = 'mysql://x@y/z'", "database_url", "must be postgresql://user@host/database"),
    "a path": ("database_url = '/var/lib/otp.db'", "database_url", "must be postgresql://user@host/database"),
    "no database": ("database_url = 'postgresql://'", "database_url", "must be postgresql://user@host/database"),
    "relative sqlite": ("database_url = 'sqlite:///otp.db'", "database_url", "sqlite:////whole/path"),
    "sqlite in memory": ("database_url = 'sqlite://'", "database_url", "sqlite:////whole/path"),
    "password in the file": (
        "database_url = 'postgresql://u:hidden@h/d'",
        "database_url",
        "must not hold a password; put it into OTPWARD_DATABASE_URL",
    ),
    "password behind it": ("database_url = 'postgresql://u@h/d?password=hidden'", "database_url", "must not hold a password"),
    "no key file": ("master_key_file = ''", "master_key_file", "must name a file"),
    "everybody's proxy": (
        "trusted_proxies = '*'",
        "trusted_proxies",
        "must be addresses or networks with commas between, not '*'",
    ),
    "proxy by name": ("trusted_proxies = '10.0.0.1,proxy'", "trusted_proxies", "not 'proxy'"),
    "no folder of fonts": ("pdf_font_folder = 'nowhere'", "pdf_font_folder", "which is no folder; leave it out"),
    "a folder without fonts": ("pdf_font_folder = 'keys'", "pdf_font_folder", "in which lies no font"),
    "colour": ("primary_color = 'blue'", "primary_color", "a colour is written #rrggbb"),
    "pale colour": ("primary_color = '#ffff00'", "primary_color", "at least 4.5 is needed"),
    "sms over http": ("[sms]\nbase_url = 'http://sms.example'", "[sms] base_url", "must be https:// except"),
    "sms without a secret": ("[sms]\napp_key = 'k'\nsender = '1'", "[sms] app_key", "needs secret_key_file and sender"),
    "sms without a sender": (
        "[sms]\napp_key = 'k'\nsecret_key_file = 'keys/some.secret'",
        "[sms] app_key",
        "needs secret_key_file and sender",
    ),
    "sms by nobody": ("[sms]\nprovider = 'aligo'", "[sms] provider", "must be one of nhn, sens, solapi, webhook, not 'aligo'"),
    "sms by a number": ("[sms]\nprovider = 3", "[sms] provider", "must be text in quotes, not 3"),
    "sens without keys": (_SENS, "[sms] provider", "'sens' needs access_key and service_id beside it"),
    "sens without all": (
        "[sms]\nprovider = 'sens'",
        "[sms] provider",
        "'sens' needs access_key and service_id and secret_key_file and sender beside it",
    ),
    "solapi without a key": (_SOLAPI, "[sms] provider", "'solapi' needs api_key beside it"),
    "solapi without a secret": (
        "[sms]\nprovider = 'solapi'\napi_key = 'k'\nsender = '1588'",
        "[sms] provider",
        "'solapi' needs secret_key_file beside it",
    ),
    "solapi's key for nhn": (
        "[sms]\napi_key = 'k'",
        "[sms] api_key",
        "belongs to provider 'solapi'; provider 'nhn' takes app_key",
    ),
    "nhn's key for sens": (
        _SENS + "app_key = 'k'",
        "[sms] app_key",
        "belongs to provider 'nhn'; provider 'sens' takes access_key and service_id",
    ),
    "sens' key for solapi": (_SOLAPI + "access_key = 'k'", "[sms] access_key", "belongs to provider 'sens'"),
    "key in two lines": (
        _SOLAPI + 'api_key = "hidden\\r\\nX: y"',
        "[sms] api_key",
        "must be the letters, digits, colons and hyphens that the provider's console shows",
    ),
    "webhook alone": (_HOOK, "[sms] provider", "needs [sms_second] beside it"),
    "webhook to nowhere": ("[sms]\nprovider = 'webhook'", "[sms] provider", "needs base_url and secret_key_file"),
    "webhook in the clear": (_HOOK.replace("https", "http"), "[sms] base_url", "https"),
    "webhook with a key": (_HOOK + "api_key = 'x'", "[sms] api_key", "belongs to provider 'solapi'"),
    "AlimTalk by another": ("[alimtalk]\nprovider = 'sens'", "[alimtalk] provider", "must be one of nhn, solapi"),
    "AlimTalk by nobody": ("[alimtalk]\nchannel_id = 'x'", "[alimtalk] provider", "must be one of nhn, solapi"),
    "AlimTalk with nhn's key": (_TALK + "sender_key = 'x'", "[alimtalk] sender_key", "is not of provider 'solapi'"),
    "AlimTalk without a channel": ("[alimtalk]\nprovider = 'solapi'\napi_key = 'k'", "[alimtalk]", "needs channel_id"),
    "AlimTalk from nobody": (_TALK + "sender = 'me'", "[alimtalk] sender", "must be a number of digits"),
    "korean key": (_SENS + "access_key = '키'\nservice_id = 'ncp:sms:kr:1:x'", "[sms] access_key", "must be the letters"),
    "service with a slash": (_SENS + "access_key = 'k'\nservice_id = 'a/../b'", "[sms] service_id", "must be the letters"),
    "sender of letters": (
        _SOLAPI.replace("0212345678", "한빛") + "api_key = 'k'",
        "[sms] sender",
        "must be a number of digits and hyphens, not '한빛'",
    ),
    "solapi over http": (
        _SOLAPI + "api_key = 'k'\nbase_url = 'http://api.solapi.example'",
        "[sms] base_url",
        "must be https:// except",
    ),
    "missing secret": ("[sms]\nsecret_key_file = 'keys/none'", "[sms] secret_key_file", "keys/none, which is not there"),
    "folder for a secret": ("[sms]\nsecret_key_file = 'keys'", "[sms] secret_key_file", "keys, which is not there"),
    "empty secret": (
        "[mail]\nusername = 'u'\npassword_file = 'keys/empty'",
        "[mail] password_file",
        "must hold one line of ASCII without spaces",
    ),
    "two words": (
        "[mail]\nusername = 'u'\npassword_file = 'keys/two words'",
        "[mail] password_file",
        "must hold one line of ASCII",
    ),
    "korean secret": ("[post]\nservice_key_file = 'keys/korean'", "[post] service_key_file", "must hold one line of ASCII"),
    "mail port": ("[mail]\nport = 70000", "[mail] port", "must be 1 to 65535, not 70000"),
    "mail without a sender": ("[mail]\nhost = 'mail.example'", "[mail] sender", "must be a mail address, not ''"),
    "user without a password": ("[mail]\nusername = 'u'", "[mail] username", "and password_file come together"),
    "password in the clear": (
        "[mail]\nhost = 'm.example'\nsender = 'o@h'\nusername = 'u'\npassword_file = 'keys/some.secret'\nstarttls = false",
        "[mail] starttls",
        "must be true where a password is sent to another machine",
    ),
    "scanner far away": ("[scanner]\naddress = 'tcp://scan.example:3310'", "[scanner] address", "must be a socket or port"),
    "scanner without a port": ("[scanner]\naddress = 'tcp://127.0.0.1'", "[scanner] address", "must be a socket or port"),
    "scanner by its path": ("[scanner]\naddress = '/run/clamd.ctl'", "[scanner] address", "must be a socket or port"),
    "scanner nowhere": ("[scanner]\naddress = 'unix://'", "[scanner] address", "must be a socket or port"),
    "scanner of no kind": ("[scanner]\nengine = 'clamd'", "[scanner] engine", "is not a setting"),
    "post address": ("[post]\nbase_url = 'openapi.example'", "[post] base_url", "must be https://…"),
    "an unknown post": ("[post]\nprovider = 'dove'", "[post] provider", "must be one of epost, generic"),
    "no pace": ("[post]\npace_s = 0", "[post] pace_s", "must be 1 to 86400"),
    "a page without number": ("[post]\npage = 'https://post.example/'", "[post] page", "with {number} in it"),
    "schedule of five": ("[post]\nschedule = '*/10 * * * *'", "[post] schedule", "must be cron with seconds"),
    "schedule out of range": ("[post]\nschedule = '0 75 * * * *'", "[post] schedule", "must be cron with seconds"),
    "schedule of words": (
        "[post]\nschedule = 'every ten minutes or more often'",
        "[post] schedule",
        "must be cron with seconds",
    ),
    "schedule of nothing": ("[post]\nschedule = '*/0 * * * * *'", "[post] schedule", "must be cron with seconds"),
}


@pytest.mark.parametrize("address", ["", "unix:///run/clamav/clamd.ctl", "tcp://127.0.0.1:3310", "tcp://localhost:3310"])
def test_a_virus_scanner_is_on_this_machine(data: Path, address: str) -> None:
    assert read_settings(write(data, f"[scanner]\naddress = '{address}'"), {}).scanner.address == address


@pytest.mark.parametrize(("text", "key", "expected"), BAD.values(), ids=BAD.keys())
def test_a_bad_setting_names_file_key_and_what_was_expected(data: Path, text: str, key: str, expected: str) -> None:
    error = refusal(write(data, text))
    assert str(error).startswith(f"{data / 'otpward.toml'}: ")
    assert key in str(error)
    assert expected in str(error)
    assert "hidden" not in str(error)
    assert "\n" not in str(error)
    assert isinstance(error, Invalid)


@pytest.mark.parametrize(
    "url",
    [
        "https://otp.example",
        "https://otp.example:8443",
        "http://127.0.0.1:8080",
        "http://localhost",
        "http://[::1]:8080",
    ],
)
def test_http_is_for_this_machine_only(data: Path, url: str) -> None:
    assert read_settings(write(data, f"public_url = '{url}'"), NOTHING).public_url == url


@pytest.mark.parametrize(
    ("written", "used"),
    [
        ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql+psycopg://u@/d?host=%2Frun%2Fpg", "postgresql+psycopg://u@/d?host=%2Frun%2Fpg"),
        ("postgresql://u@[::1]:5432/d", "postgresql+psycopg://u@[::1]:5432/d"),
        ("postgresql://u@h/d?passfile=/etc/otpward/pgpass", "postgresql+psycopg://u@h/d?passfile=/etc/otpward/pgpass"),
        ("sqlite:////srv/otp.db", "sqlite:////srv/otp.db"),
    ],
)
def test_a_database_address_is_taken_as_people_write_it(data: Path, written: str, used: str) -> None:
    assert read_settings(write(data, f"database_url = '{written}'"), NOTHING).database == used
    assert read_settings(write(data, ""), {"OTPWARD_DATABASE_URL": written}).database == used


def test_the_environment_comes_first_and_may_hold_a_password(data: Path) -> None:
    write(data, "database_url = 'postgresql://u@file.example/d'")
    settings = read_settings(data, {"OTPWARD_DATABASE_URL": "postgresql://u:hidden@env.example/d"})
    assert settings.database == "postgresql+psycopg://u:hidden@env.example/d"
    assert read_settings(data, {"OTPWARD_DATABASE_URL": ""}).database == "postgresql+psycopg://u@file.example/d"


@pytest.mark.parametrize("url", ["mysql://u:hidden@h/d", "postgresql://u:hidden@h:port/d", "postgresql://", "otp.db"])
def test_a_bad_address_in_the_environment_is_named_as_that(data: Path, url: str) -> None:
    error = refusal(write(data, ""), {"OTPWARD_DATABASE_URL": url})
    assert str(error).startswith("OTPWARD_DATABASE_URL in the environment: it must be postgresql://user@host/database")
    assert "hidden" not in str(error)


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"profile = ", "is not TOML: "),
        (b"\xff\xfe", "is not TOML: "),
        (b"[sms]\n[sms]", "is not TOML: "),
        (b"a = 1\na = 2", "is not TOML"),
    ],
    ids=["half", "not text", "section twice", "key twice"],
)
def test_what_is_not_toml_is_said_to_be_none(data: Path, octets: bytes, expected: str) -> None:
    (data / "otpward.toml").write_bytes(octets)
    assert expected in str(refusal(data))


def test_a_missing_file_says_how_it_is_made(data: Path) -> None:
    assert str(refusal(data)) == f"{data / 'otpward.toml'} is missing; make it with `otpward init`"
    (data / "otpward.toml").mkdir()
    assert "cannot be read: Is a directory" in str(refusal(data))


def test_settings_cannot_be_changed(data: Path) -> None:
    settings = read_settings(write(data, ""), NOTHING)
    with pytest.raises(AttributeError):
        settings.profile = "demo"  # type: ignore[misc]
