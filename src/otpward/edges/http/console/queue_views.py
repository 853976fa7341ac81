"""An operator's own views of the queue: kept, replaced, dropped."""

from urllib.parse import parse_qsl

from starlette.responses import Response

from otpward.core.errors import Invalid
from otpward.core.policy.roles import Permission
from otpward.edges.http.address import key_of
from otpward.edges.http.console.door import admit
from otpward.edges.http.console.queue_query import PATH, address
from otpward.edges.http.front import Visit
from otpward.services.oversee.drop_view import drop_view
from otpward.services.oversee.keep_view import KeepView, keep_view


def send_view(visit: Visit) -> Response:
    """Keep the filters under a name, or drop a view; back to the queue as it was."""
    operator = admit(visit, Permission.SEE_CASES)
    # What is kept is what the page could have made: filters of ours, and nothing that leads elsewhere.
    query = address(dict(parse_qsl(visit.form.get("query", "")[:400]))).partition("?")[2]
    if visit.form.get("act") == "drop":
        key = key_of(visit.form.get("view", ""))
        visit.do(lambda desk: drop_view(operator, key, desk=desk))
        return visit.go(f"{PATH}?{query or 'state='}")
    ask = KeepView(
        institution_id=visit.institution.id,
        operator=operator,
        name=visit.form.get("name", ""),
        query=query,
        first=visit.form.get("first") == "yes",
    )
    try:
        visit.do(lambda desk: keep_view(ask, desk=desk))
    except Invalid as error:
        return visit.go(f"{PATH}?{query or 'state='}&told={error.code}")
    return visit.go(f"{PATH}?{query or 'state='}")
