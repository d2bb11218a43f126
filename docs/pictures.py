"""Make the docs' pictures: a contact sheet of every example, to out/docs/."""

import sys
from pathlib import Path

from PIL import Image

from panim_core import drawing
from panim_core.targets import load

ROOT = Path(__file__).resolve().parent.parent
MOMENTS = (0.1, 0.35, 0.6, 0.85)
WIDTH = 480


def sheet(example: Path) -> Image.Image:
    """Frames of `example` at some moments, side by side."""
    source = load(str(example))
    source.start()
    height = round(WIDTH * source.frame_size[1] / source.frame_size[0])
    picture = Image.new("RGB", (WIDTH * len(MOMENTS), height))
    fps = float(source.fps or 30)
    last = -1
    for column, moment in enumerate(MOMENTS):
        index = int(moment * source.duration * fps / 1000)
        if source.sequential:
            for passed in range(last + 1, index):
                source.advance(passed * 1000 / fps)
        last = index
        pixels = drawing.to_array(source.frame_at(index * 1000 / fps), source.frame_size)
        picture.paste(Image.fromarray(pixels).convert("RGB").resize((WIDTH, height)), (WIDTH * column, 0))
    source.finish()
    return picture


def main() -> None:
    folder = ROOT / "out" / "docs"
    folder.mkdir(parents=True, exist_ok=True)
    for example in sorted((ROOT / "examples").glob("*.py")):
        path = folder / f"{example.stem}.png"
        sheet(example).save(path)
        print(path.relative_to(ROOT), file=sys.stderr)


if __name__ == "__main__":
    main()
