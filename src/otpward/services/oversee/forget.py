"""What was kept for a time only is dropped when the time is over: answers under an Idempotency-Key, counts of tries."""

from otpward.ports.desk import Desk


def forget(*, desk: Desk) -> int:
    """Drop it; how many rows there were."""
    with desk.uow as uow:
        dropped = uow.forget(desk.now)
        uow.commit()
    return dropped
