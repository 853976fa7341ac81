"""What a process that opens other people's files may do: compute for a while in a bounded memory, and nothing else."""

import os
import resource
from typing import Final

_NO_CORE: Final = 0
_MIB: Final = 1024 * 1024


def confine(*, memory_mib: int) -> None:
    """From here on: no file is opened or written, no process started, no core left, and so much memory is all there is.

    Whatever must be imported or loaded has to be there before.
    """
    _lower(resource.RLIMIT_CORE, _NO_CORE)
    _lower(resource.RLIMIT_FSIZE, 0)
    _lower(resource.RLIMIT_NOFILE, _next_descriptor())
    _lower(resource.RLIMIT_NPROC, 0)
    _lower(resource.RLIMIT_AS, memory_mib * _MIB)


def allow_cpu(seconds: int) -> None:
    """Compute so long from now on; then the system ends the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds, hard))


def _next_descriptor() -> int:
    free = os.dup(0)
    os.close(free)
    return free


def _lower(which: int, to: int) -> None:
    _, hard = resource.getrlimit(which)
    limit = to if hard == resource.RLIM_INFINITY else min(to, hard)
    resource.setrlimit(which, (limit, limit))
