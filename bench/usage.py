"""What the kernel says of processes and of the machine (proc(5))."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """CPU time up to now: this process's, that of the watched ones, all of the machine's, and what it wanted and other guests
    got."""

    at_s: float
    own_s: float
    watched_s: dict[str, float]
    busy_s: float
    steal_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """CPU time between two moments. `others_s` is what neither this process nor the watched ones used."""

    seconds: float
    own_s: float
    watched_s: dict[str, float]
    others_s: float
    steal_s: float


def moment(watch: Mapping[str, int]) -> Moment:
    """Now. `watch` names processes; each is counted with its family."""
    user, nice, system, _idle, _wait, irq, soft, steal = map(int, (_PROC / "stat").read_text().split()[1:9])
    return Moment(
        at_s=time.perf_counter(),
        own_s=time.process_time(),
        watched_s={name: cpu_s(pid) for name, pid in watch.items()},
        busy_s=(user + nice + system + irq + soft) / _TICKS,
        steal_s=steal / _TICKS,
    )


def between(before: Moment, after: Moment) -> Spent:
    """What was spent from one to the other."""
    own = after.own_s - before.own_s
    watched = {name: after.watched_s[name] - before.watched_s[name] for name in after.watched_s}
    return Spent(
        seconds=after.at_s - before.at_s,
        own_s=own,
        watched_s=watched,
        others_s=max(0.0, after.busy_s - before.busy_s - own - sum(watched.values())),
        steal_s=after.steal_s - before.steal_s,
    )


def family(pid: int) -> list[int]:
    """This process and all that descend from it."""
    found = [pid]
    for parent in found:
        for task in (_PROC / str(parent) / "task").glob("*/children"):
            try:
                found.extend(int(child) for child in task.read_text().split())
            except OSError:  # it ended meanwhile
                continue
    return found


def cpu_s(pid: int) -> float:
    """CPU time of this process and its family, of those that have ended too."""
    ticks = 0
    for one in family(pid):
        try:
            after_name = (_PROC / str(one) / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, after_name[11:15]))
    return ticks / _TICKS


def peak_mb(pid: int) -> float:
    """The most memory that any one process of the family has held at once (VmHWM)."""
    peak = 0.0
    for one in family(pid):
        try:
            lines = (_PROC / str(one) / "status").read_text().splitlines()
        except OSError:
            continue
        peak = max([peak, *(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))])
    return peak
