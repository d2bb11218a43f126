import pytest
import pytweening

from panim_core import plugins
from panim_core.testing import EasingConformance

NAMES = sorted(name for name in dir(pytweening) if name.startswith("ease"))
INEXACT = [name for name in NAMES if name.endswith(("Bounce", "Elastic"))]


class TestEasings(EasingConformance):
    @pytest.fixture(params=sorted(set(NAMES) - set(INEXACT)))
    def easing(self, request):
        return plugins.easing(request.param)


class TestInexactEasings(EasingConformance):
    starts_at = ends_at = None  # pytweening's own miss them, by less than a hundredth

    @pytest.fixture(params=INEXACT)
    def easing(self, request):
        return plugins.easing(request.param)

    def test_starts_and_ends_where_it_should(self, easing):
        assert [easing(0), easing(1)] == pytest.approx([0, 1], abs=0.01)
