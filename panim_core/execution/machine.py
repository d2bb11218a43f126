"""What this machine gives us: cores and memory that may really be used."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterator
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")


def usable_cores() -> int:
    """Cores that this process may use: affinity and the container's CPU quota considered; at least 1."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity is not None else (os.cpu_count() or 1)
    quota = _quota()
    if quota is not None:
        cores = min(cores, math.ceil(quota))
    return max(1, cores)


def _quota(root: Path = _CGROUP, groups: str | None = None) -> float | None:
    """The CPU quota in cores, the least of our control group's and of those around it; None where there is none.

    Args:
        root: where control groups are mounted; ``cpu`` in it is version 1's.
        groups: which are ours, as in ``/proc/self/cgroup``.
    """
    quotas = [_quota_of(folder) for folder in _groups("cpu", root, groups)]
    return min((quota for quota in quotas if quota is not None), default=None)


def _groups(controller: str, root: Path, groups: str | None) -> Iterator[Path]:
    """Folders of our control group and of those around it."""
    for line in (_read(Path("/proc/self/cgroup")) if groups is None else groups).splitlines() or ["0::/"]:
        _, controllers, path = line.split(":", 2) if line.count(":") > 1 else ("", "", "/")
        if controllers and controller not in controllers.split(","):
            continue
        base = root / controller if controllers else root
        yield from {base, base / path.lstrip("/"), *(base / str(p).lstrip("/") for p in Path(path).parents)}


def _quota_of(folder: Path) -> float | None:
    """Version 2's cpu.max, or version 1's cfs_quota."""
    v2, v1 = _read(folder / "cpu.max").split(), _read(folder / "cpu.cfs_quota_us")
    try:
        if len(v2) == 2 and v2[0] != "max":
            return int(v2[0]) / int(v2[1])
        if v1 and int(v1) > 0:
            return int(v1) / int(_read(folder / "cpu.cfs_period_us"))
    except (ValueError, ZeroDivisionError):
        return None
    return None


def usable_memory_bytes(root: Path = _CGROUP, groups: str | None = None) -> int | None:
    """Memory that may be used now: what is available, what control groups leave, addresses; None if unknown.

    Args:
        root: where control groups are mounted; ``memory`` in it is version 1's.
        groups: which are ours, as in ``/proc/self/cgroup``.
    """
    limits = [_left_of(folder) for folder in _groups("memory", root, groups)]
    for line in _read(Path("/proc/meminfo")).splitlines():
        if line.startswith("MemAvailable:"):
            limits.append(int(line.split()[1]) * 1024)
    if sys.platform != "win32":
        import resource

        addresses = resource.getrlimit(resource.RLIMIT_AS)[0]
        limits.append(addresses if addresses != resource.RLIM_INFINITY else None)
    return min((limit for limit in limits if limit is not None), default=None)


def _left_of(folder: Path) -> int | None:
    """Of a control group's limit, version 2's or 1's, what is not in use; files that may be dropped do not count."""
    for most, used, dropped in (
        ("memory.max", "memory.current", "inactive_file"),
        ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ):
        limit, usage = _read(folder / most), _read(folder / used)
        if limit.isdigit():
            stat = dict(line.split()[:2] for line in _read(folder / "memory.stat").splitlines() if " " in line)
            in_use = int(usage if usage.isdigit() else 0) - int(stat.get(dropped, 0))
            return max(0, int(limit) - max(0, in_use))
    return None


def peak_memory_bytes() -> int:
    """The most memory that this process has taken so far.

    On Linux not from getrusage: that starts with the peak of whoever started this process.
    """
    for line in _read(Path("/proc/self/status")).splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def idle_core_seconds() -> float | None:
    """How long cores have been idle since the machine started, summed over cores; None if unknown."""
    fields = _read(Path("/proc/stat")).partition("\n")[0].split()
    if len(fields) < 6 or fields[0] != "cpu":
        return None
    idle, iowait = int(fields[4]), int(fields[5])
    return (idle + iowait) / os.sysconf("SC_CLK_TCK")


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def ensure_standard_descriptors() -> None:
    """Open /dev/null where stdin, stdout or stderr is closed, so that no pipe of ours gets their numbers."""
    while (fd := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(fd)
