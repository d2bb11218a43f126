"""What every renderer must do."""

from __future__ import annotations

import contextlib
import mmap
import pickle
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from panim_core import plugins
from panim_core.execution import source
from panim_core.protocols import ImageRenderer, Renderer, ScriptRenderer
from panim_core.testing.clips import MovingClip, moving_pixels
from panim_core.testing.drawn import (
    also_drawing_with,
    check_fresh_process,
    check_generator,
    check_shares,
    describe,
    fresh_python,
    travelled,
)

if TYPE_CHECKING:
    from panim_core.protocols import FrameArray

_GUARD_BYTES = 256
_DRAW = """
import pickle, sys
renderer, parcels = pickle.load(sys.stdin.buffer)
import numpy as np
frames = []
for drawing in map(pickle.loads, parcels):
    width, height = renderer.size_of(drawing)
    frames.append(np.empty((height, width, 4), np.uint8))
    renderer.draw_into(drawing, frames[-1])
sys.stdout.buffer.write(pickle.dumps(frames))
"""
_FIND = """
import sys
from panim_core import plugins
renderer = plugins.current().get("renderers", sys.argv[1])
if hasattr(renderer, "watch"):
    with renderer.watch():
        pass
print(*sorted({*sys.argv[2:]} & {*sys.modules}))
"""


class Impostor:
    """Has every attribute that it is asked for, and is nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args: object, **kwargs: object) -> Any:
        return self


class RendererConformance:
    """A renderer knows one kind of drawing: tells its size, writes all of it into memory that it is given, and
    adopts targets. It leaves everything else to others.

    Subclass it and give:

    - `name`: the name under which it is registered; or override the fixture `renderer`.
    - `drawings`: some that it knows, each with the pixels expected.
    - `targets`: what `adapt` takes, if anything. It must last less than a few seconds.
    - `lazy_modules`: what may not be imported before a drawing is, its backend. Checked if it is registered.
    """

    name: str = ""
    lazy_modules: Sequence[str] = ()

    @pytest.fixture
    def renderer(self) -> Renderer:
        """What is tested."""
        found: Renderer = plugins.current().get("renderers", self.name)
        return found

    def drawings(self) -> Iterable[tuple[object, FrameArray | None]]:
        """Drawings, new ones at each call, and what they show: uint8, shape (height, width, 4), RGBA with straight
        alpha; None where the exact pixels are not known. Give one that is partly transparent, and odd sizes; and if
        drawings can change, change one that was given, and give it again. None where the renderer only adopts targets,
        whose frames others draw."""
        return ()

    def targets(self) -> Iterable[object]:
        """Targets, new ones at each call; none where it adopts none."""
        return ()

    def test_is_a_renderer(self, renderer: Renderer) -> None:
        assert isinstance(renderer, Renderer)
        assert isinstance(renderer.name, str)
        assert renderer.name.strip() == renderer.name != ""
        assert any(True for _ in self.drawings()) or any(True for _ in self.targets()), "give drawings or targets"

    def test_leaves_alone_what_it_does_not_know(self, renderer: Renderer) -> None:
        for thing in (*_STRANGERS, Impostor(), MovingClip(), np.zeros((16, 24, 4), np.uint8)):
            assert renderer.size_of(thing) is None, f"size_of({describe(thing)})"
            assert renderer.adapt(thing) is None, f"adapt({describe(thing)})"

    def test_tells_the_size(self, renderer: Renderer) -> None:
        for drawing, pixels in self._drawings():
            width, height = _size(renderer, drawing)
            assert type(width) is type(height) is int, f"size_of gave {width!r} x {height!r}; need whole numbers"
            assert width >= 1
            assert height >= 1
            if pixels is not None:
                assert (width, height) == (pixels.shape[1], pixels.shape[0]), "size_of gives (width, height)"

    def test_draws_what_is_expected(self, renderer: Renderer) -> None:
        for drawing, pixels in self._drawings():
            with _slot(_size(renderer, drawing)) as out:
                renderer.draw_into(drawing, out)
                if pixels is not None:
                    np.testing.assert_array_equal(out, pixels)

    def test_overwrites_all_that_was_there(self, renderer: Renderer) -> None:
        """A slot holds an earlier frame."""
        for number, (drawing, _) in enumerate(self._drawings()):
            with _slot(_size(renderer, drawing), 0) as first, _slot(_size(renderer, drawing), 255) as second:
                renderer.draw_into(drawing, first)
                renderer.draw_into(drawing, second)
                message = f"drawing {number} looks different over other old content, or when it is drawn again"
                np.testing.assert_array_equal(first, second, message)

    def test_is_done_with_the_memory_when_it_returns(self, renderer: Renderer) -> None:
        for drawing, _ in self._drawings():
            with _slot(_size(renderer, drawing)) as first, _slot(_size(renderer, drawing)) as second:
                renderer.draw_into(drawing, first)
                first[:] = 123
                renderer.draw_into(drawing, second)
                assert (first == 123).all(), "it wrote into memory that it was given for an earlier drawing"

    def test_travels_to_workers(self, renderer: Renderer) -> None:
        import cloudpickle

        there: Renderer = cloudpickle.loads(cloudpickle.dumps(renderer))
        assert there.name == renderer.name
        for drawing, _ in self._drawings():
            size = _size(renderer, drawing)
            assert there.size_of(drawing) == size
            with _slot(size) as first, _slot(size) as second:
                renderer.draw_into(drawing, first)
                there.draw_into(drawing, second)
                np.testing.assert_array_equal(second, first, "it draws differently after it has travelled")

    def test_a_worker_process_draws_the_same(self, renderer: Renderer) -> None:
        """One that knows nothing of what was set here; such drawings as can be pickled."""
        import cloudpickle

        parcels: list[bytes] = []
        here: list[FrameArray] = []
        with source.scripts_by_value():
            for drawing, _ in self._drawings():
                try:
                    parcels.append(cloudpickle.dumps(drawing))
                except Exception:  # noqa: BLE001 - a drawing need not travel: sources do
                    continue
                with _slot(_size(renderer, drawing)) as out:
                    renderer.draw_into(drawing, out)
                    here.append(out.copy())
            there = pickle.loads(fresh_python(_DRAW, cloudpickle.dumps((renderer, parcels))))
        for number, (frame, again) in enumerate(zip(here, there, strict=True)):
            np.testing.assert_array_equal(again, frame, f"drawing {number} looks different in a worker process")

    def test_adopts_its_targets(self, renderer: Renderer) -> None:
        """What `adapt` gives draws whole frames, in any share, here and in a worker process."""
        targets = list(self.targets())
        if not targets:
            pytest.skip("targets() gives none")
        for target in targets:
            generator = renderer.adapt(target)
            assert generator is not None, f"adapt({describe(target)}) gave None"
            check_generator(generator)
            with also_drawing_with(renderer):
                check_shares(travelled(generator))
                check_fresh_process(generator, renderer)

    def test_makes_drawings_from_pixels(self, renderer: Renderer) -> None:
        if not isinstance(renderer, ImageRenderer):
            pytest.skip("it has no image_from")
        for size in ((24, 16), (17, 9), (1, 1)):
            pixels = moving_pixels(size, 40)
            drawing = renderer.image_from(pixels.copy())
            assert renderer.size_of(drawing) == size
            with _slot(size) as out:
                renderer.draw_into(drawing, out)
                np.testing.assert_array_equal(out, pixels, "what image_from made shows other pixels")

    def test_watches_scripts(self, renderer: Renderer) -> None:
        if not isinstance(renderer, ScriptRenderer):
            pytest.skip("it has no watch")
        with renderer.watch() as found:
            assert list(found) == []
            made = list(self.targets())
            noticed = [target for _, target in found]
        names = [name for name, _ in found if not (name is None or isinstance(name, str))]
        assert not names, f"the list has {describe(names)} for names; give a str or None"
        for target in made:
            assert any(target is one for one in noticed), f"while it watched, {describe(target)} was made; not noticed"
        order = [number for one in noticed for number, target in enumerate(made) if one is target]
        assert order == sorted(order), "the list is to have targets in the order in which they were made"

    def test_imports_its_backend_only_when_needed(self) -> None:
        if not (self.name and self.lazy_modules):
            pytest.skip("lazy_modules gives none")
        imported = fresh_python(_FIND, b"", self.name, *self.lazy_modules).decode().split()
        assert not imported, f"finding the renderer imports {', '.join(imported)}"

    def _drawings(self) -> Iterator[tuple[Any, FrameArray | None]]:
        """One at a time, since what was given may be changed to give the next."""
        drawings = iter(self.drawings())
        first = next(drawings, None)
        if first is None:
            pytest.skip("drawings() gives none")
        yield first
        yield from drawings


_STRANGERS: Sequence[object] = (None, True, 3, 1.5, "text", b"bytes", [], {}, (), object(), object, len)


def _size(renderer: Renderer, drawing: object) -> tuple[int, int]:
    size = renderer.size_of(drawing)
    assert size is not None, f"size_of({describe(drawing)}) gave None"
    width, height = size
    return width, height


@contextlib.contextmanager
def _slot(size: tuple[int, int], fill: int = 77) -> Iterator[FrameArray]:
    """Shared memory for a frame of `size`, full of `fill`; complains if what lies around it is written to."""
    width, height = size
    nbytes = width * height * 4
    memory = mmap.mmap(-1, nbytes + 2 * _GUARD_BYTES)
    everything: FrameArray = np.frombuffer(memory, np.uint8)
    everything[:] = 77
    out: FrameArray = everything[_GUARD_BYTES : _GUARD_BYTES + nbytes].reshape(height, width, 4)
    out[:] = fill
    yield out
    guards = np.concatenate([everything[:_GUARD_BYTES], everything[_GUARD_BYTES + nbytes :]])
    assert (guards == 77).all(), "it wrote outside the memory that it was given"
