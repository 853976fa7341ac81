"""What the counter says of a pass, a device or a signature that is no good: one sentence for each cause, and what to do."""

from datetime import datetime
from typing import Final, assert_never

from otpward.core.model.delivery import PickUp
from otpward.core.policy.applicants import Relation
from otpward.core.policy.rates import PICK_UP_LETTERS
from otpward.core.policy.shelf import Unfit
from otpward.edges.http.address import pick
from otpward.edges.http.applicant_words import RELATED
from otpward.edges.http.front import Visit
from otpward.edges.http.words import Words, later
from otpward.services.deliver.find_pick_up import NoSuchPickUp, PassFault
from otpward.services.deliver.look_at_device import Looked

_UNFIT: Final = {
    Unfit.OLD_ONE: later("This is the member's old device. It is taken back at the end; take the new one from the drawer"),
    Unfit.ENDED: later("This device has ended and will never work again. Put it with those to be destroyed, and take another"),
    Unfit.IN_USE: later("This device is not from the shelf: it is in somebody's hands. Put it aside and find out whose it is"),
    Unfit.SET_ASIDE: later("This device is set aside for somebody else. Put it back, and take another"),
    Unfit.QUARANTINED: later("This device is in quarantine and is given to nobody. Put it back there, and take another"),
    Unfit.ELSEWHERE: later("By the records this device is not on the shelf of this branch. Put it aside, and take another"),
    Unfit.STOPPED: later("This device is stopped. Put it aside, and take another"),
    Unfit.EXPIRED: later("The validity of this device is over. Put it aside, and take another"),
    Unfit.NO_TEST: later("This device only signs transactions and shows no number by itself. Take another"),
}


def say_fault(visit: Visit, refused: NoSuchPickUp) -> str:
    """Why nothing is collected here under a code."""
    _, found = visit.words._, refused.pick_up
    show = visit.front.pages.show(visit.lang)
    if found is None:
        return _("Nothing waits under this code. It has {n} letters and digits; scan it again or type it", n=PICK_UP_LETTERS)
    match refused.fault:
        case PassFault.ELSEWHERE:
            branch = visit.look(lambda uow: uow.branches.get(found.branch_id))
            return _("This waits at {branch}, not here. Ask the member to go there", branch=branch.name(visit.lang))
        case PassFault.COLLECTED:
            day = show.date(_day_of(found))
            return _("This was handed over already on {day}. Do not give out a second device", day=day)
        case PassFault.CANCELLED:
            return _("The application was cancelled, and the device went back to the shelf. The member must apply again")
        case PassFault.TOO_LATE | PassFault.UNKNOWN:
            day = show.date(_day_of(found))
            return _("The last day to collect it was {day}. The member must apply again", day=day)
        case never:
            assert_never(never)


def say_unfit(looked: Looked, words: Words) -> str:
    """Why a device is not given out."""
    if looked.unfit is None:
        return words._("No device has this number. Scan it again, or type the number on its back")
    return words._(_UNFIT[looked.unfit])


def say_relation(acts_as: str, words: Words) -> str:
    """As what somebody acts for the member; empty for the member."""
    relation = pick(Relation, acts_as)
    return "" if relation is None else words._(RELATED[relation])


def _day_of(pick_up: PickUp) -> datetime:
    """The day that matters: when it was collected, or until when it could be."""
    return pick_up.handed_over_at or pick_up.until
