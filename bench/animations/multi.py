"""The workload multi as a FuncAnimation, 1920x1080."""

import os
import sys
from pathlib import Path

from matplotlib.animation import FuncAnimation

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import drawings

FRAMES = int(os.environ.get("FRAMES", "300"))
drawing = drawings.Multi()
animation = FuncAnimation(drawing.setup(), lambda i: drawing.update(i / FRAMES), FRAMES, interval=1000 / drawings.FPS)
