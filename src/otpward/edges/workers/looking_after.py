"""Once a day all devices of an institution are looked after, in the order in which one thing tells of the next."""

from otpward.core.ids import InstitutionId
from otpward.ports.desk import House
from otpward.services.health.begin_renewals import begin_renewals
from otpward.services.health.plan_renewals import plan_renewals
from otpward.services.health.read_clocks import read_clocks
from otpward.services.health.remind_due import remind_due
from otpward.services.health.rest_unused import rest_unused


def look_after(institution_id: InstitutionId, *, house: House) -> dict[str, int]:
    """Clocks are read before anything is foretold, and what will be replaced is announced before it is merely told to end; how
    many each of it made."""
    return {
        "clocks": read_clocks(institution_id, house=house),
        "rested": rest_unused(institution_id, house=house),
        "planned": plan_renewals(institution_id, house=house),
        "begun": begin_renewals(institution_id, house=house),
        "reminded": remind_due(institution_id, house=house),
    }
