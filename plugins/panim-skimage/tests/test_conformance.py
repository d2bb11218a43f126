import pytest
from panim_skimage import NAMES

from panim_core import plugins
from panim_core.testing import TransformConformance


class TestTransforms(TransformConformance):
    @pytest.fixture(params=NAMES)
    def transform(self, request):
        return plugins.transform(request.param)
