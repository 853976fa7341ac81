"""What can be set, section by section, with what holds where nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from otpward.core.model.proof import Assurance

SMS_ADDRESSES: Final[Mapping[str, str]] = {
    "nhn": "https://api-sms.cloud.toast.com",
    "sens": "https://sens.apigw.ntruss.com",
    "solapi": "https://api.solapi.com",
    "webhook": "",
}
SMS_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "nhn": ("app_key",),
    "sens": ("access_key", "service_id"),
    "solapi": ("api_key",),
    "webhook": (),
}
"""Which keys belong to which provider; a key of another one is refused, so that none is thought to work that is not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sms:
    """The SMS gateway: NHN Cloud, Naver SENS, Solapi, or by `webhook` a system of the institution's own at `base_url`, which
    gets no codes. Without keys no text message is sent.

    Each provider has keys of its own (`SMS_KEYS`) beside `secret_key_file` and `sender`, which all have. `report_secret_file`
    is the signature that NHN's webhook carries; `signed_secret_file` the secret of who reports by Standard Webhooks.
    """

    provider: str = "nhn"
    base_url: str = ""
    app_key: str = ""
    service_id: str = ""
    access_key: str = ""
    api_key: str = ""
    secret_key_file: str = ""
    sender: str = ""
    report_secret_file: str = ""
    signed_secret_file: str = ""

    @property
    def address(self) -> str:
        """Where the gateway is asked: `base_url`, or the provider's own address."""
        return self.base_url or SMS_ADDRESSES[self.provider]


TALK_ADDRESSES: Final[Mapping[str, str]] = {
    "nhn": "https://kakaotalk-bizmessage.api.nhncloudservice.com",
    "solapi": "https://api.solapi.com",
}
TALK_KEYS: Final[Mapping[str, tuple[str, ...]]] = {"nhn": ("app_key", "sender_key"), "solapi": ("api_key", "channel_id")}
"""Which keys belong to which provider of AlimTalk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """KakaoTalk's AlimTalk by NHN Cloud or Solapi. Without `provider` there is none, and all goes as text messages; which
    template each kind of notice has, the institution says at the console.

    `sender_key` is the channel's key at NHN, `channel_id` at Solapi. With `falls_back` the provider sends the text from
    `sender` where KakaoTalk does not show it; without, it reports so, and we send the text by `[sms]`.
    """

    provider: str = ""
    base_url: str = ""
    app_key: str = ""
    sender_key: str = ""
    api_key: str = ""
    channel_id: str = ""
    secret_key_file: str = ""
    sender: str = ""
    falls_back: bool = False

    @property
    def address(self) -> str:
        """Where it is asked: `base_url`, or the provider's own address."""
        return self.base_url or TALK_ADDRESSES[self.provider]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """The mail server. Without `host` no mail is sent."""

    host: str = ""
    port: int = 587
    sender: str = ""
    starttls: bool = True
    username: str = ""
    password_file: str = ""


POST_PROVIDERS: Final = ("epost", "generic")
"""Who carries letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """The post: `epost` (Korea Post) or `generic` (a carrier with the interface of docs/reference/carrier.md, at `base_url`).

    Without `service_key_file` parcels are followed by hand. `schedule` (cron with seconds) is when it is looked whose turn it
    is; `pace_s` is how soon one parcel is asked about again at first. `page` is where a member sees their parcel, with
    `{number}` in it. `customer_no` and `approval_no` stand in the list for a contract with Korea Post.
    """

    provider: str = "epost"
    base_url: str = "http://openapi.epost.go.kr"
    service_key_file: str = ""
    schedule: str = "0 */10 * * * *"
    pace_s: int = 600
    page: str = "https://service.epost.go.kr/trace.RetrieveDomRigiTraceList.comm?sid1={number}"
    customer_no: str = ""
    approval_no: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimSwap:
    """Whom to ask whether a phone's SIM was changed: a gateway with CAMARA's SIM Swap. Without `base_url` nobody is asked.

    `decoy` is a number of the institution's own, asked about in place of a stranger's; `on_failure` is what becomes of a phone
    when there is no answer.
    """

    base_url: str = ""
    version: str = "v1"
    token_url: str = ""
    client_id: str = ""
    secret_file: str = ""
    scope: str = "sim-swap:check"
    hours: int = 72
    decoy: str = ""
    on_failure: str = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One way to prove who one is, beside the phone code: `[identity.NAME]`. Which keys a type takes says `IDENTITY_KEYS`.

    NAME stands in addresses; `title_ko` and `title_en` are what people read. `level` is how sure this way makes of who it is,
    and `method` as what an OpenID provider counts that proofs identities; `max_age` (seconds) and `acr` (values with spaces
    between) are what is asked of a sign-in there.
    """

    type: str = ""
    title_ko: str = ""
    title_en: str = ""
    base_url: str = ""
    screen_url: str = ""
    auth_url: str = ""
    client_id: str = ""
    secret_file: str = ""
    product_id: str = ""
    services: str = ""
    store_id: str = ""
    channel_key: str = ""
    way: str = ""
    our_address: str = ""
    link_id: str = ""
    client_code: str = ""
    app: str = ""
    call_center: str = ""
    pinned_folder: str = ""
    policies: str = ""
    hosts: str = ""
    issuers: str = ""
    max_age: int = 0
    acr: str = ""
    level: str = ""
    method: str = ""

    @property
    def assurance(self) -> Assurance:
        """How sure it makes: as declared, or as its type does by itself."""
        return Assurance(self.level) if self.level else Assurance.LOW if self.type == "oidc" else Assurance.SUBSTANTIAL

    def title(self, language: str, name: str) -> str:
        """What it is called; without a title its name."""
        return (self.title_ko if language == "ko" else self.title_en) or self.title_ko or self.title_en or name


IDENTITY_KEYS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "nice_v2": (("client_id", "secret_file"), ("base_url", "services")),
    "nice_v1": (("client_id", "secret_file", "product_id"), ("base_url", "screen_url")),
    "portone": (("channel_key", "secret_file", "our_address"), ("base_url", "store_id", "way")),
    "barocert": (("link_id", "secret_file", "client_code", "app"), ("base_url", "auth_url", "call_center")),
    "oidc": (("base_url", "client_id", "secret_file"), ("hosts", "max_age", "acr", "method")),
    "certificate": (("pinned_folder", "policies", "hosts"), ("issuers",)),
}
"""For each type the keys it must have, and those it may have; any other is refused, lest one is thought to work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffSignOn:
    """The institution's sign-on at the door of the console (OpenID Connect). Without `base_url` there is none.

    `staff_claim` is the claim that says a member's login there. `trusts_mfa`: where the provider says that it asked for a
    second factor (RFC 8176), or signed in by one of `mfa_acr`, the OTP is not asked for again.
    """

    title_ko: str = ""
    title_en: str = ""
    base_url: str = ""
    client_id: str = ""
    secret_file: str = ""
    hosts: str = ""
    staff_claim: str = "preferred_username"
    trusts_mfa: bool = False
    mfa_acr: str = ""
    max_age: int = 0
    acr: str = ""

    def title(self, language: str) -> str:
        """What it is called; without a title nothing, and the page says it in words of its own."""
        return (self.title_ko if language == "ko" else self.title_en) or self.title_ko or self.title_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner:
    """The virus scanner that looks through files people send: clamd, at `unix:///run/clamav/clamd.ctl` or
    `tcp://127.0.0.1:3310`. Without `address` nobody looks."""

    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set. `database_url` empty is the SQLite file in the data folder."""

    data: Path
    profile: str = "production"
    institution: str = ""
    public_url: str = "http://127.0.0.1:8080"
    database_url: str = ""
    master_key_file: str = "keys/master.key"
    trusted_proxies: str = "127.0.0.1"
    primary_color: str = "#0b50d0"
    pdf_font_folder: str = ""
    sandbox_url: str = ""
    sms: Sms = field(default_factory=Sms)
    sms_second: Sms = field(default_factory=Sms)
    alimtalk: Talk = field(default_factory=Talk)
    mail: Mail = field(default_factory=Mail)
    post: Post = field(default_factory=Post)
    sim_swap: SimSwap = field(default_factory=SimSwap)
    identity: Mapping[str, Identity] = field(default_factory=dict)
    staff_sign_on: StaffSignOn = field(default_factory=StaffSignOn)
    scanner: Scanner = field(default_factory=Scanner)

    def file(self, name: str) -> Path:
        """A file that a setting names: relative names lie in the data folder."""
        return self.data / name

    @property
    def database(self) -> str:
        """The address of the database, as SQLAlchemy reads it."""
        return self.database_url or f"sqlite:///{self.data / 'otpward.db'}"
