"""An OpenID provider that does as it is told: each path answers what a test put there, and remembers that it was asked."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from otpward.core.formats.jws import pack

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
GOOD_HEADER = {"alg": "RS256", "kid": "one", "typ": "JWT"}


def jwk(key: rsa.RSAPrivateKey, kid: str) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    return {"kty": "RSA", "kid": kid, "n": pack(numbers.n.to_bytes(256, "big")), "e": "AQAB"}


def part(members: object) -> str:
    return pack(json.dumps(members).encode())


def signed(header: dict[str, Any], claims: dict[str, Any], key: rsa.RSAPrivateKey = KEY) -> str:
    text = f"{part(header)}.{part(claims)}"
    return f"{text}.{pack(key.sign(text.encode(), padding.PKCS1v15(), SHA256()))}"


@dataclass
class Told:
    """`answers`: by path, (status, document or octets); a redirect is (status, address)."""

    base_url: str = ""
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    wait_s: float = 0.0
    asked: list[str] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    carried: list[dict[str, str]] = field(default_factory=list)

    def describe(self, **changed: Any) -> None:
        """The document at its place, with these members otherwise."""
        whole = {
            "issuer": self.base_url,
            "authorization_endpoint": f"{self.base_url}/authorize",
            "token_endpoint": f"{self.base_url}/token",
            "jwks_uri": f"{self.base_url}/jwks",
        }
        self.answers["/.well-known/openid-configuration"] = (200, whole | changed)

    def grant(self, id_token: str, **more: Any) -> None:
        """What the next code is changed into."""
        self.answers["/token"] = (200, {"id_token": id_token, "access_token": "access", "token_type": "Bearer"} | more)


@contextmanager
def provider() -> Iterator[Told]:
    told = Told()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append(self.path)
            told.carried.append(dict(self.headers))
            told.sent.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            time.sleep(told.wait_s)
            status, document = told.answers.get(self.path, (404, {}))
            body = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", document)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - so named above
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A client that hangs up on us is what these tests are about."""

    with Server(("127.0.0.1", 0), Handler) as server:
        told.base_url = f"http://127.0.0.1:{server.server_address[1]}"
        told.describe()
        told.answers["/jwks"] = (200, {"keys": [jwk(KEY, "one")]})
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield told
        server.shutdown()
        thread.join()
