"""An installation with real workers, and the sandbox as the outside world."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from otpward import wiring
from otpward.adapters.delivery.epost import EpostCarrier
from otpward.adapters.notify.nhn import NhnSmsNotifier
from otpward.adapters.notify.sens import SensSmsNotifier
from otpward.adapters.notify.solapi import SolapiSmsNotifier
from otpward.clerk.notices import tell
from otpward.core.ids import InstitutionId
from otpward.core.model.notice import Notice
from otpward.core.policy.notices import NoticeKind
from otpward.edges.workers.jobs import Jobs, start_jobs
from otpward.notifiers import open_notifiers
from otpward.ports.notifier import Channel
from otpward.services.oversee.add_member import AddMember, add_member
from otpward.settings import Mail, Post, Settings, Sms
from otpward.store.outbox import QUEUE
from tests.fakes.sample import Sample, make_sample
from tests.sandbox.running import Running, running_sandbox


def within(seconds: float, look: Callable[[], bool]) -> bool:
    """Whether it becomes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if look():
            return True
        time.sleep(0.05)
    return look()


@dataclass
class Installation:
    """The house, its workers, and the inbox they send to."""

    opened: wiring.Wiring
    sample: Sample
    outside: Running
    clients: list[httpx.Client] = field(default_factory=list)

    @property
    def inside(self) -> InstitutionId:
        return self.sample.institution.id

    def tell(
        self, login: str, kind: NoticeKind, *, commit: bool = True, only: Channel | None = Channel.SMS, **values: str
    ) -> list[UUID]:
        """Write notices as services do; the ids."""
        desk = self.opened.house.desk(self.inside)
        with desk.uow as uow:
            member = uow.members.first(login=login)
            assert member is not None
            before = {one.id for one in uow.notices.find()}
            tell(member, kind, desk=desk, only=only, phone_lost=False, also=(), undo_not_to=(), case_id=None, **values)
            ids = [one.id for one in uow.notices.find() if one.id not in before]
            if commit:
                uow.commit()
        return ids

    def add(self, login: str, phone: str) -> None:
        ask = AddMember(institution_id=self.inside, login=login, name="x", phone=phone)
        house = self.opened.house
        house.do(self.inside, lambda desk: add_member(ask, desk=desk, passwords=house.passwords))

    def notice(self, notice_id: UUID) -> Notice:
        return self.opened.house.look(self.inside, lambda uow: uow.notices.get(notice_id))

    def texts(self, phone: str) -> list[str]:
        answer = httpx.get(f"{self.outside.base_url}/api/messages", params={"to": phone})
        return [one["text"] for one in answer.raise_for_status().json()]

    def mails(self, address: str) -> list[dict[str, str]]:
        found: list[dict[str, str]] = httpx.get(f"{self.outside.base_url}/api/mails", params={"to": address}).json()
        return found

    def jobs(self, **changes: object) -> Jobs:
        """What `start_workers` starts, with quicker clocks."""
        notifiers, carrier = open_notifiers(self.opened.settings), wiring._carrier(self.opened.settings)
        asking = NhnSmsNotifier | SensSmsNotifier | SolapiSmsNotifier | EpostCarrier
        self.clients += [one._http for one in (*notifiers.values(), carrier) if isinstance(one, asking)]
        plain = Jobs(
            house=self.opened.house,
            institutions=lambda: [InstitutionId(one.id) for one in self.opened.institutions()],
            notifiers=notifiers,
            carrier=carrier,
            pace=timedelta(seconds=1),
            database_url=self.opened.settings.database,
            executor="local",
            queue=QUEUE,
            follow_schedule="* * * * * *",
            deadline_schedule="30 * * * * *",
            forget_schedule="0 17 * * * *",
            first_wait_s=0.2,
        )
        return replace(plain, **changes)  # type: ignore[arg-type]


def started(installation: Installation, **changes: object) -> Callable[[], None]:
    """The workers, running, and how to end them. They start in a thread of their own: where a browser lives in this process,
    Playwright's loop runs in the main one, and the queue will not be set up beside a loop."""
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(start_jobs, installation.jobs(**changes)).result()


@contextmanager
def installed(settings: Settings, outside: Running) -> Iterator[Installation]:
    """An installation with these settings and the people of the sample."""
    wiring.set_up(settings)
    opened = wiring.open_wiring(settings)
    made = Installation(opened, make_sample(opened.house), outside)
    try:
        yield made
    finally:
        for client in made.clients:
            client.close()
        opened.close()


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    return "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.fixture
def installation(tmp_path: Path, outside: Running, database_url: str) -> Iterator[Installation]:
    (tmp_path / "sandbox.secret").write_text("not-a-secret")
    settings = Settings(
        data=tmp_path,
        profile="test",
        database_url=database_url,
        sms=Sms(base_url=outside.base_url, app_key="sandbox", secret_key_file="sandbox.secret", sender="15880000"),
        mail=Mail(host="127.0.0.1", port=outside.smtp_port, sender="otp@hanbit.example", starttls=False),
        post=Post(base_url=outside.base_url, service_key_file="sandbox.secret"),
    )
    with installed(settings, outside) as made:
        yield made


@pytest.fixture
def work(installation: Installation) -> Iterator[Callable[..., None]]:
    """Starts the workers; they end with the test."""
    with ExitStack() as running:

        def start(**changes: object) -> None:
            running.callback(started(installation, **changes))

        yield start
