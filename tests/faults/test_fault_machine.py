"""Faults of the machine: rows 27, 28 and 34."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from decode import count_frames
from faulty import Faulty

from panim_core.execution import machine, process

# ---- 27: little shared memory

SMALL = 'mount -t tmpfs -o size={size} none {place} && exec "$@"'


def in_a_small_world(faulty: Faulty, size: str, place: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Run `command` where `place` is a tmpfs of that size."""
    unshare = ["unshare", "-m", "sh", "-c", SMALL.format(size=size, place=place), "sh"]
    if os.geteuid() != 0 or subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("needs the right to mount a small tmpfs in a namespace of its own")
    return faulty.run(*unshare, *command, env={"TMPDIR": place})


def test_shared_memory_of_64_kib_is_enough(faulty: Faulty) -> None:
    faulty.clip(frames=50)
    command = [sys.executable, "-m", "panim_core.cli", "render", "clip.py", "-o", "out.rgba", "--workers", "2"]
    done = in_a_small_world(faulty, "64k", "/dev/shm", *command)
    assert done.returncode == 0, done.stderr
    faulty.is_whole(50)


NO_MEMFD = """
import os, sys
vars(os).pop("memfd_create", None)
from panim_core import cli
cli.main(sys.argv[1:])
"""


def test_without_anonymous_memory_a_full_disk_is_a_clear_error(faulty: Faulty) -> None:
    """Where the system has no memfd, slots are a file without a name; it is allocated, so that no write is a SIGBUS."""
    faulty.clip(frames=50)
    arguments = ["render", "clip.py", "-o", "out.rgba", "--workers", "2", "--json"]
    place = faulty.folder / "small"
    place.mkdir()
    done = in_a_small_world(faulty, "32k", str(place), sys.executable, "-c", NO_MEMFD, *arguments)
    faulty.failed(done, 2)
    assert "panim: no memory for" in done.stderr
    assert "use fewer workers (--workers) or a smaller --size" in done.stderr
    enough = in_a_small_world(faulty, "4m", str(place), sys.executable, "-c", NO_MEMFD, *arguments)
    assert enough.returncode == 0, enough.stderr
    faulty.is_whole(50)


def test_slots_that_no_memory_holds_are_refused(faulty: Faulty) -> None:
    faulty.clip()
    (faulty.folder / "settings.json").write_text('{"workers": 2, "slots": 4096}')
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20)); {NO_MEMFD}"
    command = [sys.executable, "-c", limited, "render", "clip.py", "-o", "o.mp4", "--settings", "settings.json"]
    done = faulty.run(*command, "--size", "4096x4096")
    faulty.failed(done, 2)
    assert done.stderr == (
        "panim: no memory for 10 frames of 67.1 MB (File too large); use fewer workers (--workers) "
        "or a smaller --size\n"
    )


# ---- 28: standard streams closed


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_matter(faulty: Faulty, closed: str) -> None:
    faulty.clip('print("from the clip"); print("and its errors", file=sys.stderr)')
    command = f'"{sys.executable}" -m panim_core.cli render clip.py -o out.mp4 --json {closed}'
    done = subprocess.run(
        ["sh", "-c", command], cwd=faulty.folder, env=faulty._environment(None), capture_output=True, timeout=45
    )
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    assert count_frames(faulty.folder / "out.mp4") == 10


@pytest.mark.parametrize("number", [1, 2])
def test_a_stream_that_nobody_reads_is_no_matter(faulty: Faulty, number: int) -> None:
    faulty.clip('print("from the clip" * 100, flush=True)')
    read, write = os.pipe()
    os.close(read)
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, ("stdout", "stderr")[number - 1]: write}
    process = faulty.start("--json", output="out.rgba", **streams)
    os.close(write)
    out, err = process.communicate(timeout=45)
    assert process.returncode == 0, (out, err)
    faulty.is_whole()
    assert "Traceback" not in (out or "") + (err or "")
    assert "Exception ignored" not in (err or "")


def test_the_reader_of_the_messages_leaves_midway(faulty: Faulty) -> None:
    faulty.clip('print("from the clip" * 100, flush=True); time.sleep(0.05)', frames=20)
    process = faulty.start(output="out.rgba")
    process.stderr.readline()
    process.stderr.close()
    process.stdout.close()
    assert process.wait(timeout=45) == 0
    faulty.is_whole(20)


@pytest.mark.parametrize("arguments", [["list-plugins"], ["doctor"], ["--help"], ["render"]])
def test_other_commands_with_closed_streams(faulty: Faulty, arguments: list[str]) -> None:
    command = f'"{sys.executable}" -m panim_core.cli {" ".join(arguments)} <&- >&-'
    done = subprocess.run(
        ["sh", "-c", command], cwd=faulty.folder, env=faulty._environment(None), capture_output=True, timeout=45
    )
    assert done.returncode == (2 if arguments == ["render"] else 0), done.stderr
    assert b"Traceback" not in done.stderr


# ---- 34: few cores


def test_one_core_by_affinity(faulty: Faulty) -> None:
    faulty.clip()
    core = min(os.sched_getaffinity(0))
    done = faulty.start("--json", output="out.rgba", preexec_fn=lambda: os.sched_setaffinity(0, {core}))
    stdout, stderr = done.communicate(timeout=45)
    assert done.returncode == 0, stderr
    assert json.loads(stdout)["workers"] == 1
    faulty.is_whole()


def test_the_system_does_not_know_its_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.delattr(os, "process_cpu_count", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert machine.usable_cores() == 1


@pytest.mark.parametrize(("asked", "others"), [(None, "1"), ("", "1"), ("3", "3"), ("4,2", "4")])
def test_threads_of_libraries_are_as_many_as_the_user_gives_to_openmp(
    monkeypatch: pytest.MonkeyPatch, asked: str | None, others: str
) -> None:
    """OpenBLAS and MKL go by that if they have no number of their own."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if asked is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", asked)
    assert process._few_threads()["OPENBLAS_NUM_THREADS"] == others


V1, V2 = "3:cpuset:/\n2:cpu,cpuacct:/docker/x\n0::/", "0::/user.slice/job"
QUOTAS = {
    "half a core": (V2, {"cpu.max": "50000 100000"}, 0.5, 1),
    "two and a half cores": (V2, {"cpu.max": "250000 100000"}, 2.5, 3),
    "no quota": (V2, {"cpu.max": "max 100000"}, None, 8),
    "nothing there": (V2, {}, None, 8),
    "nonsense": (V2, {"cpu.max": "many few"}, None, 8),
    "a period of nothing": (V2, {"cpu.max": "50000 0"}, None, 8),
    "a job of half a core": (V2, {"user.slice/job/cpu.max": "50000 100000", "cpu.max": "200000 100000"}, 0.5, 1),
    "a job in a slice": (V2, {"user.slice/cpu.max": "150000 100000", "user.slice/job/cpu.max": "max 1"}, 1.5, 2),
    "a job, version 1": (V1, {"cpu/docker/x/cpu.cfs_quota_us": "1", "cpu/docker/x/cpu.cfs_period_us": "2"}, 0.5, 1),
    "half a core, version 1": (V1, {"cpu/cpu.cfs_quota_us": "50000", "cpu/cpu.cfs_period_us": "100000"}, 0.5, 1),
    "no quota, version 1": (V1, {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, None, 8),
}


@pytest.mark.parametrize("what", QUOTAS)
def test_a_containers_quota(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    groups, files, quota, cores = QUOTAS[what]
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text + "\n")
    assert machine._quota(tmp_path, groups) == quota
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)
    monkeypatch.setattr(machine, "_quota", lambda: quota)
    assert machine.usable_cores() == cores


MEMORY = {
    "a limit": (V2, {"memory.max": "9000"}, 9000),
    "of which much is in use": (V2, {"memory.max": "9000", "memory.current": "8000"}, 1000),
    "for files that may be dropped": (
        *(V2, {"memory.max": "9000", "memory.current": "8000", "memory.stat": "anon 1\ninactive_file 5000"}, 6000),
    ),
    "more than there is": (V2, {"memory.max": "9000", "memory.current": "9500"}, 0),
    "a job's": (V2, {"user.slice/job/memory.max": "700", "memory.max": "9000"}, 700),
    "a slice's": (V2, {"user.slice/memory.max": "800", "user.slice/job/memory.max": "max"}, 800),
    "version 1": (
        "4:memory:/docker/x\n0::/",
        {"memory/docker/x/memory.limit_in_bytes": "900", "memory/docker/x/memory.usage_in_bytes": "100"},
        800,
    ),
}


@pytest.mark.parametrize("what", MEMORY)
def test_what_a_container_leaves_of_memory(what: str, tmp_path: Path) -> None:
    groups, files, left = MEMORY[what]
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text + "\n")
    assert machine.usable_memory_bytes(tmp_path, groups) == left


def test_fewer_addresses_than_more_slots_would_take(faulty: Faulty) -> None:
    """They are for slots that may never be wanted."""
    faulty.clip(frames=40)
    script = "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))\n"
    script += "from panim_core.execution.slots import Slots\n"
    script += "slots = Slots.allocate(2, 100 << 20, 64); assert slots.count == 2 and not slots.grow(2, 3)\n"
    script += "from panim_core import cli\ncli.main(sys.argv[1:])"
    done = faulty.run(sys.executable, "-c", script, "render", "clip.py", "-o", "out.mp4")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("frames", "workers"), [(1, 1), (2, 2), (3, 3)])
def test_never_more_workers_than_frames(faulty: Faulty, frames: int, workers: int) -> None:
    faulty.clip(frames=frames)
    report = json.loads(faulty.succeeds("--workers", "64", "--json", frames=frames).stdout)
    assert report["workers"] <= workers


def test_no_more_processes_can_be_started(faulty: Faulty) -> None:
    """Found while rendering, told with the way out."""
    faulty.clip()
    script = "import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))\nfrom panim_core import cli\n"
    command = [sys.executable, "-c", script + "cli.main(sys.argv[1:])", "render", "clip.py", "-o", "out.mp4"]
    (faulty.folder / "settings.json").write_text('{"workers": 10, "slots": 10}')
    done = faulty.run(*command, "--settings", "settings.json")
    faulty.failed(done, 1)
    assert "could not be started: Too many open files; use fewer workers (--workers)" in done.stderr
