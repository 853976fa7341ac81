"""A real server process, and a fresh token for each test that sends octets to it."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from chaos.site import Site, codes, plain_environment
from chaos.wire import Answer, Wire, request
from otpward.core.ids import InstitutionId
from otpward.core.model.token import Token
from otpward.ports.desk import House

"""A busy machine is not a failure; to wait for a slow client takes twice as long."""


@dataclass
class Door:
    """A running server, and what lies behind it."""

    site: Site
    house: House
    inside: InstitutionId
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def port(self) -> int:
        return self.site.ports[0]

    def fresh(self) -> str:
        """The serial of a token that nobody has used."""
        return f"B{next(self.numbers)}"

    def row(self, serial: str) -> Token:
        token = self.house.look(self.inside, lambda uow: uow.tokens.first(serial=serial))
        assert token is not None
        return token

    def send(self, octets: bytes) -> Answer:
        """The answer on a connection of its own."""
        with Wire(self.port) as wire:
            return wire.ask(octets)

    def assert_swift(self) -> None:
        """Others are answered meanwhile."""
        serial = self.fresh()
        for code in codes(serial, 3):
            assert self.send(request(self.site.key, serial=serial, code=code)).reason == "accepted"


@contextmanager
def open_door(folder: Path, tokens: int, database_url: str = "", servers: int = 1) -> Iterator[Door]:
    """Servers over a new installation with this many tokens, all of the member `v`."""
    environment = plain_environment(**({"OTPWARD_DATABASE_URL": database_url} if database_url else {}))
    site = Site(folder, environment, log=folder / "servers.log")
    site.found()
    site.add_tokens({f"B{number}": "v" for number in range(tokens)})
    site.serve(*["web"] * servers)
    try:
        with site.opened() as (opened, inside):
            yield Door(site, opened.house, inside)
    finally:
        site.kill()
