"""The list of the people who live here: whom to type in where a service asks, and what then goes wrong."""

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from otpward.sandbox.identity.nice_screens import IPIN_PASSWORD
from otpward.sandbox.identity.people import PEOPLE, scenario_of
from otpward.sandbox.pages import page


async def show(request: Request) -> Response:
    """Everybody, the demo's members first."""
    rows = [(person, scenario_of(person.phone)) for person in PEOPLE]
    return page(request, "people.html", rows=rows, password=IPIN_PASSWORD)


async def list_as_json(request: Request) -> Response:
    """`GET /api/people`: what a page of a service would ask for."""
    return JSONResponse(
        [
            {"id": person.id, "name": person.name, "birth_date": person.birth_date.isoformat(), "phone": person.phone}
            for person in PEOPLE
        ]
    )


ROUTES: Final = [Route("/people", show), Route("/api/people", list_as_json)]
