"""An authenticator in the browser, as Chromium's own tools make one (CDP, WebAuthn domain)."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import CDPSession

from tests.story.walker import Walker


@dataclass
class Authenticator:
    """One that is built into the person's device."""

    session: CDPSession
    id: str

    def credentials(self) -> list[dict[str, Any]]:
        """What it holds."""
        found: list[dict[str, Any]] = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})["credentials"]
        return found

    def set_back(self) -> None:
        """The counter of its passkey goes back, as that of a copy would."""
        for one in self.credentials():
            self.remove(one)
            self.add({**one, "signCount": 1})

    def remove(self, one: dict[str, Any]) -> None:
        """It is deleted on the device."""
        self.session.send("WebAuthn.removeCredential", {"authenticatorId": self.id, "credentialId": one["credentialId"]})

    def add(self, one: dict[str, Any]) -> None:
        """It is on the device, from wherever."""
        self.session.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": one})

    def answer(self, *, yes: bool) -> None:
        """Whether the person touches it when it asks."""
        asked = {"authenticatorId": self.id, "enabled": yes}
        self.session.send("WebAuthn.setAutomaticPresenceSimulation", asked)


def authenticator(walker: Walker, *, transport: str = "internal", verified: bool = True) -> Authenticator:
    """A new one in this person's browser."""
    session = walker.context.new_cdp_session(walker.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "ctap2Version": "ctap2_1",
        "transport": transport,
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verified,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return Authenticator(session, made["authenticatorId"])
