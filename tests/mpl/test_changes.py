"""What changes inside of an artist's attributes is seen, whatever they hold."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("matplotlib")
from matplotlib.artist import Artist
from matplotlib.transforms import Affine2D

from panim_mpl.changes import Fingerprint

NAN = float("nan")
CHANGES = {
    "an item": ([1, 2.5, "a", None], lambda held: held.__setitem__(1, 2.6)),
    "an item that becomes an array": ([1, 2], lambda held: held.__setitem__(0, np.zeros(2))),
    "one item more": ([], lambda held: held.append(1)),
    "a value": ({"a": 1, "b": NAN}, lambda held: held.update(a=2)),
    "a key": ({"a": 1}, lambda held: held.update(b=held.pop("a"))),
    "an item beside others": ([object(), 1], lambda held: held.__setitem__(1, 2)),
    "an object": ([object()], lambda held: held.__setitem__(0, object())),
    "numbers": (np.arange(4.0), lambda held: held.__setitem__(2, NAN)),
    "numbers in a list": ([np.arange(4)], lambda held: held[0].__setitem__(0, 9)),
    "numbers with gaps": (np.ma.masked_array([1, 2], [0, 0]), lambda held: held.__setitem__(0, np.ma.masked)),
    "a transform": (Affine2D(), lambda held: held.rotate(1)),
}


@pytest.mark.parametrize(("held", "change"), CHANGES.values(), ids=CHANGES)
def test_it_is_seen(held, change):
    artist = Artist()
    artist.held = held
    fingerprint = Fingerprint(artist)
    assert fingerprint.still_holds()
    change(held)
    assert not fingerprint.still_holds()
