"""A worker that starts while the script still runs: taken where nothing speaks against it, and never noticed else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from running import RunPanim

CLIP = """
import os
import sys
from pathlib import Path

import numpy as np
import psutil
import panim_core
{body}

@panim_core.animation(duration=100, frame_size=(4, 4))
def clip(time_ms):
    {told}
    Path({folder!r}, "drawn").write_text(f"{{os.getpid()}} {{value}}")
    return np.zeros((4, 4, 3), np.uint8)

children = psutil.Process().children()
Path({folder!r}, "started").write_text(" ".join(str(child.pid) for child in children))
"""


@pytest.fixture
def render(tmp_path: Path, panim: RunPanim):
    """Renders one frame; gives whether its worker was there before the script had ended, what `told` set as value in
    it, and what was told."""

    def run(body: str = "", told: str = "value = 0", env: dict[str, str] | None = None) -> tuple[bool, str, str]:
        folder = tmp_path / "script"
        folder.mkdir(exist_ok=True)
        (folder / "clip.py").write_text(CLIP.format(body=body, told=told, folder=str(tmp_path)))
        done = panim("render", "script/clip.py", "-o", tmp_path / "out.png", "--fps", "10", env=env)
        assert done.returncode == 0, done.stderr
        pid, value = (tmp_path / "drawn").read_text().split()
        return pid in (tmp_path / "started").read_text().split(), value, done.stderr

    return run


def test_it_draws_the_first_frames(render) -> None:
    assert render()[:2] == (True, "0")


COMMAND = """
import sys, types
import psutil
import panim_core
line = types.ModuleType("panim_core.cli")
line.main = lambda: print(len(psutil.Process().children()))
sys.modules["panim_core.cli"] = line
from panim_core.__main__ import main
main()
"""


@pytest.mark.parametrize(("arguments", "workers"), [("render clip.py:clip", "1"), ("still clip.py", "0"), ("", "0")])
def test_it_starts_before_the_command_line_is_read(tmp_path: Path, arguments: str, workers: str) -> None:
    (tmp_path / "clip.py").touch()
    command = [sys.executable, "-c", COMMAND, *arguments.split()]
    done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == workers


@pytest.mark.parametrize("name", ["sys.executable", "os.pipe"])
def test_where_it_cannot_be_started_the_command_goes_on(tmp_path: Path, name: str) -> None:
    """Whoever needs a worker tells why there is none."""
    (tmp_path / "clip.py").touch()
    broken = "''" if name == "sys.executable" else "lambda: open('/nowhere')"
    begun = f"import os, sys, subprocess, psutil\n{name} = {broken}\n"
    command = [sys.executable, "-c", begun + COMMAND, "render", "clip.py"]
    done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "0"


def test_it_has_imported_what_the_script_does(render, tmp_path: Path) -> None:
    """The module is new in the worker only while nothing is drawn yet."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "slow.py").write_text(
        "import os\nfrom pathlib import Path\n"
        f"with open({str(tmp_path / 'imported')!r}, 'a') as stream:\n    print(os.getpid(), file=stream)\n"
    )
    body = (
        f"import slow, time\nimported = Path({str(tmp_path / 'imported')!r})\n"
        "while len(imported.read_text().split()) < 2:\n    time.sleep(0.01)\n"
    )
    assert render(body, env={"PYTHONPATH": str(tmp_path / "lib")})[0]


def test_it_has_imported_what_the_scripts_own_modules_do(render, tmp_path: Path) -> None:
    for folder in ("lib", "script"):
        (tmp_path / folder).mkdir()
    for name in ("slow", "looked_for"):
        (tmp_path / "lib" / f"{name}.py").write_text(
            f"import os\nwith open({str(tmp_path / name)!r}, 'a') as stream:\n    print(os.getpid(), file=stream)\n"
        )
    (tmp_path / "script" / "mine.py").write_text(
        "import importlib.util, time\nfrom pathlib import Path\nimport slow\n"
        "importlib.util.find_spec('looked_for')\nimport wave\nimport shelve\n"
        f"while len(Path({str(tmp_path / 'slow')!r}).read_text().split()) < 2:\n    time.sleep(0.01)\n"
    )
    assert render("import mine", env={"PYTHONPATH": str(tmp_path / "lib")})[0]
    assert not (tmp_path / "looked_for").exists()


@pytest.mark.parametrize(
    ("body", "told", "value"),
    [
        ("os.environ['PANIM_TEST_SEEN'] = '7'", "value = os.environ['PANIM_TEST_SEEN']", "7"),
        ("os.chdir('/')", "value = os.getcwd()", "/"),
        ("os.sched_setaffinity(0, [0])", "value = len(os.sched_getaffinity(0))", "1"),
        ("sys.path.remove(os.environ['PYTHONPATH'])", "value = os.environ['PYTHONPATH'] in sys.path", "False"),
    ],
    ids=["environment", "folder", "cores", "path"],
)
def test_it_is_not_taken_where_a_new_one_would_be_another(render, body: str, told: str, value: str) -> None:
    assert render(body, told, {"PYTHONPATH": "/nowhere"})[:2] == (False, value)


@pytest.mark.parametrize(("module", "taken"), [("sched", False), ("only_here", True)])
def test_a_folder_of_modules_matters_where_others_of_their_names_would_be_found(
    render, tmp_path: Path, module: str, taken: bool
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / f"{module}.py").write_text("VALUE = 7\n")
    body = f"sys.path.insert(0, {str(other)!r})\nimport {module}\n"
    assert render(body, f"import {module}; value = {module}.VALUE")[:2] == (taken, "7")


def test_a_folder_that_is_put_first_again_changes_nothing(render, tmp_path: Path) -> None:
    body = "sys.path.insert(0, os.path.dirname(__file__))"
    assert render(body, env={"PYTHONPATH": f"/nowhere:{tmp_path / 'script'}"})[0]


@pytest.mark.parametrize(("name", "taken"), [("both", False), ("second_only", True)])
def test_the_order_of_folders_matters_where_both_have_a_module(render, tmp_path: Path, name: str, taken: bool) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, module in ((first, "both"), (second, "both"), (second, "second_only")):
        folder.mkdir(exist_ok=True)
        (folder / f"{module}.py").write_text(f"PLACE = {folder.name!r}\n")
    body = f"sys.path.remove({str(second)!r}); sys.path.insert(0, {str(second)!r})\nimport {name}\n"
    found = render(body, f"import {name}; value = {name}.PLACE", {"PYTHONPATH": f"{first}:{second}"})
    assert found[:2] == (taken, "second")


def test_code_of_the_users_own_is_not_run_ahead(render, tmp_path: Path) -> None:
    (tmp_path / "script").mkdir()
    (tmp_path / "script" / "mine.py").write_text(
        f"import os\nwith open({str(tmp_path / 'ran')!r}, 'a') as stream:\n    print(os.getpid(), file=stream)\n"
    )
    assert render("import mine")[0]
    assert len((tmp_path / "ran").read_text().split()) == 1


def test_warnings_of_what_is_imported_are_told_once(render, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "warned.py").write_text("import warnings\nwarnings.warn('old and slow')\n")
    taken, _, told = render("import warned", env={"PYTHONPATH": str(tmp_path / "lib")})
    assert taken
    assert told.count("UserWarning: old and slow") == 1


def test_what_fails_while_it_is_imported_is_told_as_ever(panim: RunPanim, tmp_path: Path) -> None:
    (tmp_path / "clip.py").write_text("import no_such_module\n")
    done = panim("render", "clip.py", "-o", "out.mp4")
    assert done.returncode == 2
    assert "No module named 'no_such_module'" in done.stderr
    assert 'clip.py", line 1' in done.stderr
