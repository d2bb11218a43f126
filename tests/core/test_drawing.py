"""Whatever numpy holds, the frame's memory has its pixels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panim_core import PluginContractError
from panim_core.drawing import NotAFrameError, place, to_array, use_renderers


def as_it_is(frame):
    return frame


def read_only(frame):
    frame.setflags(write=False)
    return frame


def every_second(frame):
    return np.repeat(frame, 2, axis=1)[:, ::2]


def columns_first(frame):
    return np.asfortranarray(frame)


def upside_down(frame):
    return np.ascontiguousarray(frame[::-1])[::-1]


@given(
    st.integers(1, 7),
    st.integers(1, 7),
    st.sampled_from([3, 4]),
    st.sampled_from([as_it_is, read_only, every_second, columns_first, upside_down]),
    st.booleans(),
)
def test_arrays_are_placed_exactly(height, width, channels, laid_out, floats):
    pixels = np.random.default_rng(height * 8 + width).integers(0, 256, (height, width, channels), np.uint8)
    around = np.full((height + 2, width, 4), 77, np.uint8)
    place(laid_out(pixels / 255 if floats else pixels.copy()), around[1:-1])
    assert (around[1:-1, :, :channels] == pixels).all()
    assert (around[1:-1, :, channels:] == 255).all()
    assert (around[[0, -1]] == 77).all()


@pytest.mark.parametrize("pixels", [b"\x01\x02\x03\x04" * 6, bytearray(24), memoryview(bytes(range(24)))])
def test_bytes_are_rgba(pixels):
    out = np.empty((2, 3, 4), np.uint8)
    place(pixels, out)
    assert out.tobytes() == bytes(pixels)


def test_a_renderer_that_fails_for_others_drawings_is_named():
    class Careless:
        name = "careless"

        def size_of(self, drawing):
            return drawing.width, drawing.height

    use_renderers(lambda: [Careless()])
    try:
        with pytest.raises(PluginContractError, match=r"careless failed .* AttributeError: .* PANIM_DISABLE_PLUGINS"):
            place(object(), np.zeros((1, 1, 4), np.uint8))
    finally:
        use_renderers(None)


def test_a_masked_array_is_refused():
    with pytest.raises(NotAFrameError, match=r"masked array.*filled"):
        to_array(np.ma.masked_greater(np.zeros((2, 3, 3)), 1), (3, 2))
