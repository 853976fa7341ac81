"""The sandbox's post office is down for a day: over real HTTP it is asked less and less often, and caught up with at once."""

from datetime import timedelta
from pathlib import Path

import httpx

from otpward.adapters.delivery.epost import EpostCarrier
from otpward.core.lifecycle.others import ShipmentState
from otpward.core.policy.tracking import PACE
from otpward.core.secret import Secret
from otpward.ports.carrier import Tracking
from otpward.services.deliver.follow_parcels import follow_parcels
from tests.sandbox.running import running_sandbox
from tests.services.walk import TRACKING, Walk


class Counted(EpostCarrier):
    """How often it was asked."""

    asked = 0

    def track(self, tracking_number: str) -> Tracking:
        self.asked += 1
        return super().track(tracking_number)


def test_a_post_office_that_is_down_for_a_day_is_asked_ever_less_and_caught_up_with(walk: Walk, tmp_path: Path) -> None:
    sent = walk.posted()
    with running_sandbox(tmp_path) as world, httpx.Client() as http:
        http.post(f"{world.base_url}/api/parcels", json={"number": TRACKING}).raise_for_status()
        carrier = Counted(world.base_url, Secret(b"not-a-secret"), http, 5)

        def ask() -> int:
            return follow_parcels(walk.inside, house=walk.house, carrier=carrier)

        http.post(f"{world.base_url}/api/post", json={"down": True}).raise_for_status()
        for _ in range(24 * 6):
            assert ask() == 0
            walk.clock.at += PACE
        assert 3 < carrier.asked < 15
        http.post(f"{world.base_url}/api/post", json={"down": False}).raise_for_status()
        http.post(f"{world.base_url}/api/parcels/{TRACKING}/move", json={"state": "in_transit"}).raise_for_status()
        http.post(f"{world.base_url}/api/parcels/{TRACKING}/move", json={"state": "delivered"}).raise_for_status()
        walk.clock.at += timedelta(hours=6)
        assert ask() == 1
    now = walk.look(lambda uow: uow.shipments.get(sent.id))
    assert (now.state, now.misses, now.silent_since) == (ShipmentState.DELIVERED, 0, None)
