"""A picture as an answer."""

from starlette.responses import Response


def picture(octets: bytes) -> Response:
    """A JPEG that nobody keeps on its way, and that is nothing but a picture to a browser."""
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(octets, media_type="image/jpeg", headers=headers)
