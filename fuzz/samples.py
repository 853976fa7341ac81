"""What mutations begin with: the test vectors, and what stands in the corpus."""

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VECTORS = ROOT / "tests" / "vectors"
CORPUS = ROOT / "fuzz" / "corpus"


def samples(name: str) -> list[bytes]:
    """The samples of one reader."""
    found = [path.read_bytes() for path in sorted((CORPUS / name).glob("*"))]
    match name:
        case "pskc":
            found += [path.read_bytes() for folder in ("rfc6030", "drafts", "invalid") for path in _xml(folder)]
        case "uri":
            found += [row["uri"].encode() for row in json.loads((VECTORS / "otpauth/uris.json").read_text())]
        case "migration":
            found += [row["uri"].encode() for row in json.loads((VECTORS / "otpauth/otpauth-migration.json").read_text())]
    return found


def _xml(folder: str) -> list[Path]:
    return sorted((VECTORS / folder).glob("*.xml"))
