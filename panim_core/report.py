"""What a render did."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from panim_core.job import RenderSettings

_PLAYED = {".mp4": "video/mp4", ".webm": "video/webm", ".gif": "image/gif", ".png": "image/png"}
_PLAYED_BYTES = 20 << 20
"""As matplotlib's ``animation.embed_limit``."""


@dataclass(frozen=True)
class RenderReport:
    """The result of `produce`; `str(report)` is a summary in a few lines, `to_json` everything.

    At the end of a notebook's cell it shows the video.
    """

    outfile: Path
    frame_count: int
    fps: str
    """Exact, e.g. ``"60"`` or ``"24000/1001"``."""
    duration_seconds: float
    """Of the video."""
    width: int
    height: int
    encoder: str
    codec: str
    pixel_format: str
    """Inside the file."""
    output_bytes: int
    wall_seconds: float
    """Of the whole render."""
    stage_seconds: dict[str, float]
    """start: until the first frame was drawn; draw: all drawing, summed over workers; replay: what a sequential
    source did besides for frames that other workers drew, summed likewise; draw_wait: the encoder had nothing to take;
    encode: the encoder was taking frames; finish: from the last frame to the published file."""
    render_ms_mean: float
    render_ms_p95: float
    workers: int
    """Most that drew at the same time."""
    retries: int
    lost_workers: int
    bottleneck: str
    """drawing, encoding or balanced."""
    peak_memory_bytes: int
    """Sum of the peaks of all processes of the render."""
    settings: RenderSettings
    """Give them to the next `produce(settings=...)` of the same kind."""
    notes: tuple[str, ...] = ()
    measures: dict[str, Any] = field(default_factory=dict)

    @property
    def frames_per_second(self) -> float:
        """Frames rendered per second of wall time."""
        return self.frame_count / self.wall_seconds if self.wall_seconds else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        plain = dataclasses.asdict(self)
        plain["outfile"] = str(self.outfile)
        plain["frames_per_second"] = self.frames_per_second
        return plain

    def to_json(self) -> str:
        """One JSON object, on one line."""
        return json.dumps(self.to_dict())

    def _repr_html_(self) -> str:
        """For notebooks: the video, if it is still there, of a kind that browsers play, and not too large."""
        import base64
        import html

        told = f"<pre>{html.escape(str(self))}</pre>"
        kind = _PLAYED.get(self.outfile.suffix.lower())
        if kind is None or not self.outfile.is_file() or self.outfile.stat().st_size > _PLAYED_BYTES:
            return told
        source = f'src="data:{kind};base64,{base64.b64encode(self.outfile.read_bytes()).decode()}"'
        size = f'width="{self.width}" style="max-width: 100%"'
        video = (
            f"<video controls loop {size} {source}></video>" if kind.startswith("video") else f"<img {size} {source}>"
        )
        return video + told

    def __str__(self) -> str:
        replayed = 1000 * self.stage_seconds.get("replay", 0.0) / self.frame_count
        frames = f"{self.frame_count} frame{'s' if self.frame_count != 1 else ''}"
        lines = [
            (
                f"{self.outfile}: {frames}, {self.width}x{self.height} at {self.fps} fps, "
                f"{self.duration_seconds:.2f} s of video, {self.output_bytes / 1e6:.2f} MB"
            ),
            (
                f"{self.wall_seconds:.2f} s, {self.frames_per_second:.1f} frames/s with {self.workers} "
                f"worker{'s' if self.workers != 1 else ''}; {self.render_ms_mean:.1f} ms to draw a frame"
                f"{f' and {replayed:.1f} ms to repeat the updates before it' if replayed >= 0.05 else ''}; "
                f"bottleneck: {self.bottleneck}"
            ),
        ]
        if self.retries or self.lost_workers:
            lines.append(f"workers lost: {self.lost_workers}, frames tried again: {self.retries}")
        return "\n".join([*lines, *self.notes])
