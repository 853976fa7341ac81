"""The test key of `rfc6030/`, kept as numbers: a private key in PEM would make every scanner of secrets cry."""

import json

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.vectors.rows import VECTORS


def private_key_pem(*, other: bool = False, password: bytes | None = None) -> bytes:
    """The private key that belongs to `test-cert.crt`, or another one."""
    if other:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    else:
        numbers = {name: int(text, 16) for name, text in json.loads((VECTORS / "rfc6030/test-key.json").read_text()).items()}
        public = rsa.RSAPublicNumbers(e=numbers.pop("e"), n=numbers.pop("n"))
        key = rsa.RSAPrivateNumbers(public_numbers=public, **numbers).private_key()
    locked = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)
