"""What changes inside of an artist's attributes is seen, whatever they hold."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("matplotlib")
from matplotlib.artist import Artist
from matplotlib.patches import Rectangle
from matplotlib.transforms import Affine2D

from panim_mpl.changes import Fingerprint, Fingerprints

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
    "numbers in a column": (np.zeros((3, 2))[:, 0], lambda held: held.__setitem__(2, 1)),
    "many numbers in a column": (np.zeros((3000, 2))[:, 0], lambda held: held.__setitem__(2999, 1)),
    "numbers with gaps": (np.ma.masked_array([1, 2], [0, 0]), lambda held: held.__setitem__(0, np.ma.masked)),
    "a transform": (Affine2D(), lambda held: held.rotate(1)),
}


@pytest.mark.parametrize(("held", "change"), CHANGES.values(), ids=CHANGES)
def test_it_is_seen(held, change):
    artist, others = Artist(), [Artist(), Artist()]
    artist.held = held
    fingerprint = Fingerprint(artist)
    many = Fingerprints([Fingerprint(others[0]), fingerprint, Fingerprint(others[1])])
    assert fingerprint.still_holds()
    assert many.still_hold()
    change(held)
    assert not fingerprint.still_holds()
    assert not many.still_hold()


OTHER_ATTRIBUTES = {
    "another object": lambda artist: setattr(artist, "a", Artist()),
    "one more": lambda artist: setattr(artist, "c", None),
    "one less": lambda artist: delattr(artist, "b"),
    "all new": lambda artist: setattr(artist, "__dict__", {**vars(artist), "b": 3}),
}


@pytest.mark.parametrize("change", OTHER_ATTRIBUTES.values(), ids=OTHER_ATTRIBUTES)
def test_other_attributes_are_seen(change):
    artist, other = Artist(), Artist()
    artist.a, artist.b = Artist(), 1
    fingerprint = Fingerprint(artist)
    many = Fingerprints([Fingerprint(other), fingerprint])
    change(artist)
    assert not fingerprint.still_holds()
    assert not many.still_hold()


def test_what_clips_is_seen():
    artist, patch = Artist(), Rectangle((0, 0), 1, 1)
    artist.clip = patch
    many = Fingerprints([Fingerprint(artist)])
    assert many.still_hold()
    patch.set_width(2)
    assert not many.still_hold()
