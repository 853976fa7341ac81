"""What people receive: text messages by phone number, mails by address."""

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from otpward.sandbox import asked
from otpward.sandbox.pages import page
from otpward.sandbox.world import Mail, Text, World


def texts_for(world: World, phone: str | None) -> list[Text]:
    """Newest first; all phones if none is named."""
    return [text for text in reversed(world.memory.texts) if phone is None or text.to == phone]


def mails_for(world: World, to: str | None) -> list[Mail]:
    """Newest first; all mailboxes if none is named."""
    return [mail for mail in reversed(world.memory.mails) if to is None or mail.to == to]


async def all_texts(request: Request) -> Response:
    """Every phone's messages in one list; a number in the search box leads to that phone."""
    wanted = request.query_params.get("to", "").strip()
    phone = asked.phone_number(wanted) if wanted else None
    return page(request, "inbox.html", phone=phone, texts=texts_for(request.app.state.world, phone))


async def one_phone(request: Request) -> Response:
    """One phone's messages."""
    phone = asked.phone_number(request.path_params["phone"])
    return page(request, "inbox.html", phone=phone, texts=texts_for(request.app.state.world, phone))


async def all_mails(request: Request) -> Response:
    """Every mailbox, or the one asked for."""
    to = request.query_params.get("to", "").strip() or None
    return page(request, "mails.html", to=to, mails=mails_for(request.app.state.world, to))


async def texts_as_json(request: Request) -> Response:
    """`GET /api/messages?to=+8210…`: newest first."""
    wanted = request.query_params.get("to")
    texts = texts_for(request.app.state.world, asked.phone_number(wanted) if wanted else None)
    return JSONResponse(
        [
            {
                "id": text.id,
                "to": text.to,
                "from": text.sender,
                "subject": text.subject,
                "text": text.text,
                "kind": text.kind,
                "via": text.via,
                "at": text.at.isoformat(),
                "state": text.state,
                "reference": text.reference,
            }
            for text in texts
        ]
    )


async def mails_as_json(request: Request) -> Response:
    """`GET /api/mails?to=…`: newest first."""
    mails = mails_for(request.app.state.world, request.query_params.get("to"))
    return JSONResponse(
        [
            {
                "id": mail.id,
                "to": mail.to,
                "from": mail.sender,
                "subject": mail.subject,
                "text": mail.text,
                "message_id": mail.message_id,
                "at": mail.at.isoformat(),
            }
            for mail in mails
        ]
    )


ROUTES: Final = [
    Route("/inbox", all_texts),
    Route("/inbox/{phone}", one_phone),
    Route("/mails", all_mails),
    Route("/api/messages", texts_as_json),
    Route("/api/mails", mails_as_json),
]
