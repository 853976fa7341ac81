"""What is said while a batch is packed: why a device does not go into an envelope, and what the last act did."""

from collections.abc import Mapping
from typing import Final

from otpward.core.lifecycle.batch import BatchState
from otpward.core.policy.envelopes import Misfit
from otpward.edges.http.envelopes import Box, Envelope
from otpward.edges.http.words import Words, later
from otpward.services.deliver.scan_in import WrongEnvelope

BATCHES: Final[Mapping[BatchState, tuple[str, str]]] = {
    BatchState.PACKING: (later("Being packed"), "info"),
    BatchState.LABELLED: (later("Labels printed"), "warning"),
    BatchState.HANDED_IN: (later("Handed in"), "success"),
    BatchState.DISSOLVED: (later("Dissolved"), "plain"),
}
STEPS: Final = (later("Scan devices"), later("Registered numbers"), later("Labels"), later("Hand in"))
DONE: Final[Mapping[str, str]] = {
    "made": later("The batch is made. Fetch the devices, and scan each into its envelope."),
    "packed": later("It matches. Next envelope."),
    "numbered": later("The number is kept. Next envelope."),
    "renumbered": later("The number is changed. The label of this envelope is void: print it again before you hand in."),
    "asked": later("The carrier is asked for the numbers. They appear here by themselves, even if that takes a while."),
    "left_out": later("The envelope is out of this batch."),
    "handed_in": later("All parcels are on their way, and the members have been told."),
    "stuck": later("Some parcels could not leave. Leave them out, and hand in the rest."),
}
LEFT: Final[Mapping[str, str]] = {
    "no_stock": later("nothing on the shelf"),
    "choice_open": later("came back; the member has not chosen yet"),
    "fee_due": later("the fee is due"),
    "not_here": later("at another branch, or in another batch"),
    "nothing_to_send": later("not waiting for the post any more"),
}
_MISFITS: Final[Mapping[Misfit, str]] = {
    Misfit.UNKNOWN: later("No device has this number. Scan the bar code on the device again"),
    Misfit.ENDED: later("This device is retired. It must not be sent: put it aside"),
    Misfit.TWICE: later("This device is already in envelope {n}. Was it scanned twice?"),
    Misfit.NEIGHBOUR: later("Stop: this device belongs into envelope {n} of this batch"),
    Misfit.ANOTHER_CASE: later("Stop: this device is set aside for another application. Put it back"),
    Misfit.ANOTHER_BRANCH: later("Stop: in our books this device lies at {branch}, not here. Tell the stock keeper"),
    Misfit.STOPPED: later("This device is stopped. It must not be sent: put it aside"),
    Misfit.NOT_SET_ASIDE: later("Stop: this device is set aside for nobody. Put it back, and take {serial}"),
    Misfit.IN_USE: later("Stop: in our books somebody has this device already. Put it aside, and tell the stock keeper"),
}


def misfit_sentence(error: WrongEnvelope, envelope: Envelope | None, words: Words, *, branch: str = "–") -> str:
    """Why the scanned device does not go into this envelope, and what to do."""
    serial = envelope.token.serial if envelope is not None else "–"
    return str(words._(_MISFITS[error.misfit], n=error.belongs or 0, serial=serial, branch=branch))


def state_badge(one: Envelope, words: Words, *, orders: bool, void: bool = False) -> tuple[str, str]:
    """Where an envelope stands: the word and the role of its badge."""
    _ = words._
    parcel = one.parcel
    if parcel.dispatched_at is not None:
        return _("Handed in"), "success"
    if not one.waits:
        return _("Application ended"), "danger"
    if not one.packed:
        return _("To be packed"), "plain"
    if parcel.tracking_number:
        return (_("Label void"), "warning") if void else (_("Ready"), "success")
    if parcel.look_at is not None:
        return _("Carrier refuses the address"), "danger"
    return (_("Waits for its number"), "info") if orders else (_("Number missing"), "warning")


def step_of(box: Box) -> int:
    """Which of the steps is at hand, from 1."""
    if box.batch.state is BatchState.HANDED_IN:
        return len(STEPS) + 1
    if box.batch.state is BatchState.LABELLED and not box.left_to_do:
        return 4
    if any(one.waits and not one.packed for one in box.envelopes):
        return 1
    return 2 if box.left_to_do else 3
