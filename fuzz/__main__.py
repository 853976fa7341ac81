"""Fuzzes each reader for a while: `python -m fuzz [--seconds 600] [--only pskc,lists,…] [--seed N]`.

Inputs are mutations of the corpus: the test vectors, and what stands in `fuzz/corpus`; with `--led`, where atheris is here,
they are led by coverage. A reader may refuse whatever it likes by a `SeedFileFault`. Any other exception, an input that takes
longer than five seconds, and memory beyond 200 MB are findings; the input is kept in `fuzz/found`.
"""

import argparse
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

from fuzz.readers import READERS
from fuzz.samples import samples

HERE = Path(__file__).resolve().parent
FOUND = HERE / "found"
SLOW_S = 5.0
MEMORY_MAX_KIB = 200 * 1024
LONGEST_OCTETS = 64 * 1024


def main() -> int:
    """Fuzz; 1 if anything was found."""
    asked = _arguments()
    found = 0
    for name in asked.only.split(",") if asked.only else READERS:
        read = READERS[name]
        if asked.led and _has_atheris():
            _led(name, read, asked.seconds)
        found += _mutate(name, read, asked.seconds, random.Random(asked.seed))  # noqa: S311 -- no secret is made
    return int(found > 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=600.0, help="how long each reader is fuzzed")
    parser.add_argument("--only", default="", help=f"which readers, of {', '.join(READERS)}")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same inputs")
    parser.add_argument("--led", action="store_true", help="led by coverage, with atheris; ends after the first reader")
    return parser.parse_args()


def _mutate(name: str, read: Callable[[bytes], object], seconds: float, chance: random.Random) -> int:
    seeds = samples(name)
    until, count, found, slowest = time.monotonic() + seconds, 0, 0, 0.0
    while time.monotonic() < until:
        octets = _mutation(seeds, chance)
        begun = time.monotonic()
        problem = _problem(read, octets)
        took = time.monotonic() - begun
        slowest, count = max(slowest, took), count + 1
        if problem is None and took > SLOW_S:
            problem = f"took {took:.1f} s"
        if problem is not None:
            found += 1
            _keep(name, octets, problem)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if memory > MEMORY_MAX_KIB:
        found += 1
        _say(f"{name}: {memory // 1024} MB of memory")
    _say(f"{name}: {count} inputs, {found} findings, slowest {slowest:.3f} s, {memory // 1024} MB")
    return found


def _problem(read: Callable[[bytes], object], octets: bytes) -> str | None:
    """What went wrong, or None: a refusal is right."""
    try:
        read(octets)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


def _mutation(seeds: Sequence[bytes], chance: random.Random) -> bytes:
    octets = bytearray(chance.choice(seeds))
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        place = chance.randrange(len(octets) + 1)
        match chance.randrange(7):
            case 0:
                octets[place : place + chance.randrange(1, 40)] = b""
            case 1:
                octets[place:place] = chance.randbytes(chance.randrange(1, 9))
            case 2 if octets:
                octets[min(place, len(octets) - 1)] ^= 1 << chance.randrange(8)
            case 3:
                other = chance.choice(seeds)
                start = chance.randrange(len(other) + 1)
                octets[place:place] = other[start : start + chance.randrange(1, 400)]
            case 4:
                piece = bytes(octets[place : place + chance.randrange(1, 300)])
                octets[place:place] = piece * chance.randrange(1, 5)
            case 5:
                numbers = (
                    b"0",
                    b"-1",
                    b"99999999999999999999",
                    b"\x00",
                    b"\xff\xfe",
                    b"<",
                    b'"',
                    b";",
                    b"]]>",
                    b"\\u0000",
                    b"1e999",
                )
                octets[place:place] = chance.choice(numbers)
            case _:
                del octets[place:]
    return bytes(octets[:LONGEST_OCTETS])


def _keep(name: str, octets: bytes, problem: str) -> None:
    FOUND.mkdir(exist_ok=True)
    path = FOUND / f"{name}-{sha256(octets).hexdigest()[:16]}"
    path.write_bytes(octets)
    _say(f"{name}: {problem} ({path})")


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 -- a program


def _has_atheris() -> bool:
    try:
        import atheris  # noqa: F401, PLC0415 -- only where it is installed
    except ImportError:
        return False
    return True


def _led(name: str, read: Callable[[bytes], object], seconds: float) -> None:
    """libFuzzer takes over and ends the process."""
    import atheris  # noqa: PLC0415

    atheris.instrument_all()
    corpus = HERE / "corpus" / name
    words = [sys.argv[0], f"-max_total_time={int(seconds)}", "-rss_limit_mb=400", "-timeout=5", str(corpus)]
    atheris.Setup(words, lambda octets: read(octets) and None)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
