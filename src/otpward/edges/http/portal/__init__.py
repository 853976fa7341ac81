"""The member portal: a page for each step of the story, mobile first, without script too."""

from starlette.routing import BaseRoute

from otpward.edges.http.front import Front
from otpward.edges.http.portal import (
    activate,
    apply,
    apply_documents,
    backup,
    backup_codes,
    backup_passkeys,
    cases,
    check,
    consents,
    contacts,
    guide,
    home,
    lift_report,
    my,
    printed,
    prove_backup,
    prove_branch,
    prove_certificate,
    prove_identity,
    prove_service,
    register,
    report_loss,
    sign_in,
    sign_in_otherwise,
    unlock,
)


def routes(front: Front) -> list[BaseRoute]:
    """Every page of the portal."""
    return [
        *home.routes(front),
        *report_loss.routes(front),
        *lift_report.routes(front),
        *prove_identity.routes(front),
        *prove_certificate.routes(front),
        *prove_service.routes(front),
        *prove_branch.routes(front),
        *prove_backup.routes(front),
        *apply.routes(front),
        *apply_documents.routes(front),
        *consents.routes(front),
        *cases.routes(front),
        *printed.routes(front),
        *register.routes(front),
        *activate.routes(front),
        *sign_in.routes(front),
        *sign_in_otherwise.routes(front),
        *my.routes(front),
        *backup.routes(front),
        *backup_codes.routes(front),
        *backup_passkeys.routes(front),
        *contacts.routes(front),
        *check.routes(front),
        *unlock.routes(front),
        *guide.routes(front),
    ]
