"""The same frames as `Animation.save`, byte for byte, for animations of every kind, drawn by two workers."""

from __future__ import annotations

import fcntl

import pytest
from playing import CORPUS, check, play_all

pytest.importorskip("matplotlib")

_OWN = "takes part in drawing"
FULL_ONLY = {"own_artist": _OWN, "own_memory": _OWN, "arrows_3d": _OWN}
"""Those that must be redrawn in full, with what panim says about it."""


@pytest.fixture(scope="module")
def played(tmp_path_factory, worker_id):
    """Played once, by whichever of xdist's processes needs it first."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "corpus"
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            folder.mkdir()
            play_all(folder, [f"{script}:1" for script in CORPUS])
    return folder


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", [script.stem for script in CORPUS])
def test_same_frames_as_save(played, name):
    notes = check(played / name)
    assert (name in FULL_ONLY) == bool(notes), notes
    assert all(FULL_ONLY[name] in note for note in notes)


def test_there_are_enough_kinds():
    assert len(CORPUS) >= 25
