"""A prover as an institution offers it: under a name of its own, with what people read before they go there."""

from collections.abc import Mapping
from dataclasses import dataclass

from otpward.ports.prover import Prover


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One entry of the ways to prove. `asks_person`: it must be told whom to ask (name, birth date, phone) before it begins;
    `asks`: what else the person must add. `issuers` are those of the certificates it takes, `companies` the policies of those
    that are issued to companies."""

    prover: Prover
    title_ko: str
    title_en: str
    asks_person: bool = False
    asks: tuple[str, ...] = ()
    issuers: tuple[str, ...] = ()
    by_phone: bool = False
    companies: tuple[str, ...] = ()

    def title(self, language: str) -> str:
        """What it is called in this language."""
        return self.title_ko if language == "ko" else self.title_en


Providers = Mapping[str, Provider]
"""By the name that settings and addresses use."""
