"""x264's presets and crf on the workloads: CPU, size, and likeness to what was drawn, as Markdown.

    python -m bench.presets [--frames 60] [--workloads red,dots,line,numpy]

Frames are drawn once and kept in memory; the encoder alone is measured. SSIM and VMAF are ffmpeg's, on the frames as
the encoder gets them (4:2:0, BT.709), so that they tell what encoding takes away and not what halving chroma does.
The named qualities of `panim_ffmpeg.codecs` were chosen from this table.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from fractions import Fraction
from pathlib import Path

from bench import drawings
from bench.encoder_threads import drawn
from bench.tools import ffmpeg
from panim_core import plugins
from panim_core.frames import FrameFormat
from panim_core.protocols import EncoderSettings

PRESETS = ("ultrafast", "veryfast", "medium", "slow")
CRFS = (18, 23, 28)
WIDTH, HEIGHT = drawings.SIZE


def encode(frames: list[memoryview], preset: str, crf: int, path: Path) -> float:
    """Encode them to `path`; CPU seconds."""
    settings = EncoderSettings(preset=preset, crf=crf)
    with plugins.find_encoder("h264").open(
        path, FrameFormat(WIDTH, HEIGHT), Fraction(drawings.FPS), settings
    ) as session:
        for frame in frames:
            session.write(frame)
        return session.finish().cpu_seconds


def likeness(video: Path, frames: int, folder: Path) -> tuple[float, float]:
    """(mean SSIM, mean VMAF) of `video` against the raw frames in the descriptor `frames`."""
    log = folder / "vmaf.json"
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb0", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(drawings.FPS), "-i", "pipe:0"]
    drawn_as = "scale=out_color_matrix=bt709:out_range=tv:flags=area+full_chroma_inp,format=yuv420p,settb=1/60,setpts=N"
    graph = (
        f"[0:v]settb=1/60,setpts=N,split[a][b];[1:v]{drawn_as},split[c][d];[a][c]ssim[s];[s]nullsink;"
        f"[b][d]libvmaf=log_fmt=json:log_path={log}:n_threads=2"
    )
    os.lseek(frames, 0, os.SEEK_SET)
    command = [ffmpeg(), "-nostdin", "-v", "info", "-i", video, *raw, "-lavfi", graph, "-f", "null", "-"]
    done = subprocess.run(command, stdin=frames, capture_output=True, text=True)
    told = [line for line in done.stderr.splitlines() if "SSIM" in line and "All:" in line]
    if done.returncode or not told:
        raise RuntimeError(f"{video} cannot be compared:\n{done.stderr[-2000:]}")
    vmaf = json.loads(log.read_text())["pooled_metrics"]["vmaf"]["mean"]
    return float(told[-1].split("All:")[1].split()[0]), float(vmaf)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--workloads", default="red,dots,line,numpy")
    asked = parser.parse_args()
    print("| workload | preset | crf | CPU ms/frame | kB | SSIM | VMAF |\n|---|---|---:|---:|---:|---:|---:|")
    for workload in asked.workloads.split(","):
        frames = drawn(workload, asked.frames)
        with tempfile.TemporaryDirectory() as folder:
            memory = os.memfd_create("bench")
            with os.fdopen(os.dup(memory), "wb") as stream:
                for frame in frames:
                    stream.write(frame)
            for preset in PRESETS:
                for crf in CRFS:
                    path = Path(folder, "out.mp4")
                    cpu = 1000 * encode(frames, preset, crf, path) / asked.frames
                    ssim, vmaf = likeness(path, memory, Path(folder))
                    size = path.stat().st_size / 1000
                    cells = (workload, preset, str(crf), f"{cpu:.1f}", f"{size:.0f}", f"{ssim:.4f}", f"{vmaf:.1f}")
                    print(f"| {' | '.join(cells)} |", flush=True)
            os.close(memory)


if __name__ == "__main__":
    main()
