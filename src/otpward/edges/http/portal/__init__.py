"""The member portal: a page for each step of the story, mobile first, without script too."""

from starlette.routing import BaseRoute

from otpward.edges.http.front import Front
from otpward.edges.http.portal import (
    activate,
    apply,
    cases,
    check,
    guide,
    home,
    lift_report,
    my,
    prove_identity,
    prove_service,
    register,
    report_loss,
    sign_in,
    unlock,
)


def routes(front: Front) -> list[BaseRoute]:
    """Every page of the portal."""
    return [
        *home.routes(front),
        *report_loss.routes(front),
        *lift_report.routes(front),
        *prove_identity.routes(front),
        *prove_service.routes(front),
        *apply.routes(front),
        *cases.routes(front),
        *register.routes(front),
        *activate.routes(front),
        *sign_in.routes(front),
        *my.routes(front),
        *check.routes(front),
        *unlock.routes(front),
        *guide.routes(front),
    ]
