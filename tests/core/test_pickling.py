"""What travels by value keeps what plain pickling loses: code its file, views of arrays their memory."""

import io
import pickle
import subprocess
import sys
from types import CodeType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panim_core.pickling import Pickler


def dumped(value: Any) -> bytes:
    stream = io.BytesIO()
    Pickler(stream, protocol=pickle.HIGHEST_PROTOCOL).dump(value)
    return stream.getvalue()


def travelled(value: Any) -> Any:
    return pickle.loads(dumped(value))


def test_code_and_the_code_in_it_keep_their_file() -> None:
    scope: dict = {"__name__": "a_script"}
    exec(compile("def outer(x):\n    return [(lambda: x + n)() for n in range(2)]", "/some/script.py", "exec"), scope)
    copy = travelled(scope["outer"])
    assert copy(1) == [1, 2]
    assert copy.__code__.co_firstlineno == 1
    waiting = [copy.__code__]
    while waiting:
        code = waiting.pop()
        assert code.co_filename == "/some/script.py"
        waiting += [constant for constant in code.co_consts if isinstance(constant, CodeType)]


SWEEP = """
import multiprocessing
import panim_core

class Gray(panim_core.FrameGenerator):
    duration, frame_size, fps = 300, (16, 16), 10

    def __init__(self, level):
        self.level = level

    def generate_at(self, time_ms):
        return bytes([self.level] * 3 + [255]) * 256

def render(level):
    return panim_core.produce(Gray(level), f"{level}.mp4").frame_count

if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        print(pool.map(render, [1, 2]))
"""

VIEWS = {
    "inside": lambda u: u[1:-1, 1:-1],
    "column": lambda u: u[:, 2],
    "backwards": lambda u: u[::-1, ::-2],
    "transposed": lambda u: u.T,
    "flat": lambda u: u.ravel(order="K"),
    "other type": lambda u: u.T.view("u1") if u.flags.f_contiguous else u.view("u1"),
    "none of it": lambda u: u[2:2],
    "one element": lambda u: u[1, 1:2].reshape(()),
    "view of a view": lambda u: u[1:][1:],
}


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["f8", ">i4", "M8[ms]", "S3", [("a", "f4"), ("b", "u1", (2,))]])
@pytest.mark.parametrize("view_of", VIEWS.values(), ids=VIEWS)
def test_a_view_stays_one(view_of, dtype, order) -> None:
    whole = np.asarray(
        np.arange(24 * np.dtype(dtype).itemsize, dtype="u1").view(dtype).reshape(4, 6), order=order
    ).copy(order="K")
    part = view_of(whole)
    for whole_copy, part_copy in (travelled((whole, part)), travelled((part, whole))[::-1]):
        assert (part_copy.dtype, part_copy.shape, part_copy.strides) == (part.dtype, part.shape, part.strides)
        assert (whole_copy.dtype, whole_copy.flags.f_contiguous) == (whole.dtype, whole.flags.f_contiguous)
        assert part_copy.tobytes() == part.tobytes()
        assert whole_copy.tobytes() == whole.tobytes()
        whole_copy[...] = np.zeros(1, "u1").view("S1").astype("S3") if dtype == "S3" else np.zeros((), dtype)
        assert not any(part_copy.tobytes())


@given(st.data())
def test_parts_of_one_array_share_what_they_shared(data) -> None:
    whole = np.arange(60).reshape(5, 12)
    slices = st.tuples(st.slices(5), st.slices(12))
    parts = [whole[data.draw(slices)] for _ in range(3)]
    copies = travelled(parts)
    for part, copied in zip(parts, copies, strict=True):
        assert np.array_equal(part, copied)
        part[...] += 100
        copied[...] += 100
        assert all(np.array_equal(a, b) for a, b in zip(parts, copies, strict=True))


class Grid(np.ndarray):
    pass


def masked(of):
    return lambda u: of(np.ma.masked_array(u, np.zeros(u.shape, bool), copy=False))


SHARING = {
    "windows": lambda u: np.lib.stride_tricks.sliding_window_view(u, 2, axis=0),
    "strides": lambda u: np.lib.stride_tricks.as_strided(u, (3, 2), u.strides),
    "own class": lambda u: u.view(Grid)[1:],
    "masked": masked(lambda m: m),
    "part of masked": masked(lambda m: m[1:, 1:]),
    "data of masked": masked(lambda m: m.data),
    "memoryview": lambda u: memoryview(u),
    "array on a memoryview": lambda u: np.asarray(memoryview(u)[1:]),
}


@pytest.mark.parametrize("view_of", SHARING.values(), ids=SHARING)
def test_memory_that_is_shared_in_other_ways_stays_shared(view_of) -> None:
    whole = np.arange(24.0).reshape(4, 6)
    part = view_of(whole)
    whole_copy, copied = travelled((whole, part))
    assert type(copied) is type(part)
    assert np.array_equal(np.asarray(copied), np.asarray(part))
    whole_copy[...] = -1
    assert np.all(np.asarray(copied) == -1)


def test_views_of_what_is_no_plain_array_share_its_memory() -> None:
    array = np.ma.masked_array(np.arange(4.0), [False, False, True, False])
    mask, part = array.mask, array[1:]
    copied, copied_mask, copied_part = travelled((array, mask, part))
    copied_mask[0], copied_part[0] = True, 9
    assert copied.tolist() == [None, 9, None, 3]
    own = np.zeros((3, 3)).view(Grid)
    records = np.zeros(3, [("x", float), ("y", float)]).view(np.recarray)
    grid, row, table, column = travelled((own, own[1], records, records["y"]))
    row[0], column[1] = 5, 7
    assert (grid[1, 0], table[1].y, type(grid), type(table)) == (5, 7, Grid, np.recarray)
    plain = np.zeros(4, [("x", float, 2), ("n", int)])
    particles, particle, table, entry = travelled((plain, plain[2], records, records[1]))
    particle["x"][:], entry.x = 3, 5
    assert (particles["x"].tolist()[2], table[1].x, type(particle), type(entry)) == ([3, 3], 5, np.void, np.record)
    assert travelled(plain[2]) == plain[2]
    data = bytearray(4)
    copied_data, view = travelled((data, memoryview(data)))
    view[2] = 3
    assert copied_data == b"\0\0\3\0"
    assert travelled(memoryview(b"abc")[1:]) == b"bc"
    assert travelled(memoryview(data).toreadonly()) == data


def test_what_may_not_be_written_still_may_not() -> None:
    whole = np.zeros(4)
    part = whole[1:]
    part.flags.writeable = False
    copy, copied_part = travelled((whole, part))
    assert copy.flags.writeable
    assert not copied_part.flags.writeable


def test_the_rest_of_an_array_that_only_one_view_is_left_of_does_not_travel() -> None:
    assert len(dumped(np.zeros(1_000_000)[:3])) < 1000


def test_arrays_of_objects_and_of_other_classes_travel_as_numpy_sends_them() -> None:
    objects = np.array([1, "a", None], object)
    masked = np.ma.masked_array([1, 2, 3], [False, True, False])
    assert travelled((objects, objects[1:]))[1].tolist() == ["a", None]
    assert travelled((masked, masked[1:]))[1].tolist() == [None, 3]


def test_what_a_script_defines_travels_from_processes_that_multiprocessing_spawns(tmp_path) -> None:
    script = tmp_path / "sweep.py"
    script.write_text(SWEEP)
    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, timeout=90)
    assert (done.returncode, done.stdout) == (0, "[3, 3]\n"), done.stderr
