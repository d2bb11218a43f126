"""The command ``tune``: measures, shows what was measured and what it chose, and keeps that."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from panim_core.cli_options import (
    Bitrate,
    Crf,
    Dpi,
    Encoder,
    Fps,
    PixelFormat,
    Preset,
    Quality,
    Redraw,
    Size,
    Target,
    as_options,
)
from panim_core.terminal import can_show, plain, print_table, say, table_width

if TYPE_CHECKING:
    from panim_core.autotune.survey import Look
    from panim_core.events import RenderEvent
    from panim_core.tuning import TuningReport

_BAR_COLUMNS, _LEAST_BAR = 40, 5
_TABLE_COLUMNS, _EXPLAINING_COLUMNS = 54, 18
"""What all but the bars takes, and what of it tells why a number of workers is as fast as it is."""


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("tune")(tune)


def tune(
    context: typer.Context,
    target: Target,
    output: Annotated[
        str,
        typer.Option("-o", "--output", help="As for render: its extension chooses the encoder. Nothing is written."),
    ] = "out.mp4",
    fps: Fps = None,
    size: Size = None,
    dpi: Dpi = None,
    redraw: Redraw = None,
    crf: Crf = None,
    preset: Preset = None,
    bitrate: Bitrate = None,
    quality: Quality = None,
    encoder: Encoder = None,
    pixel_format: PixelFormat = None,
    plot: Annotated[str | None, typer.Option(help="Also draw workers against frames per second: FILE.png.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print all as JSON on stdout; as a file it serves render's --settings.")
    ] = False,
) -> None:
    """Measure how TARGET is rendered fastest on this machine, and remember it for the next renders."""
    from panim_core import tuning
    from panim_core.request import as_outfile, check_output, choose_encoder
    from panim_core.targets import load

    if plot is not None:  # before minutes are spent
        picture = as_outfile(os.path.abspath(plot))  # now: the script may go to another folder
        check_output(picture, choose_encoder(picture, None), 1, True)
    options = as_options(
        fps=fps,
        size=size,
        dpi=dpi,
        redraw=redraw,
        crf=crf,
        preset=preset,
        bitrate=bitrate,
        quality=quality,
        encoder=encoder,
        pixel_format=pixel_format,
    )
    with contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext():
        report = tuning.tune(load(target, arguments=context.obj), output, on_event=_tell, **options)
    if plot is not None:
        from panim_core.produce import still
        from panim_core.tuning_plot import TuningPlot

        still(TuningPlot(_usual(report), report.chosen.workers), 0.0, picture, overwrite=True)
    if as_json:
        say(json.dumps(report.to_dict()), sys.stdout)
    else:
        _print(report)


def _tell(event: RenderEvent) -> None:
    from panim_core import events

    if isinstance(event, (events.WorkerOutput, events.Note)):
        say(event.text.rstrip("\n"), sys.stderr)


def _usual(report: TuningReport) -> Sequence[Look]:
    """Those with as many encoder threads as the encoder takes."""
    return [look for look in report.looks if look.encoder_threads is None]


def _print(report: TuningReport) -> None:
    print_table(_table(report, table_width(), "█" if can_show("█", sys.stdout) else "#"))
    of = "the whole clip, start-up included" if report.whole_clip else "a sample, once all is running"
    say("\n".join([f"measured on {of}", *report.reasons, "remembered for the next renders of this kind"]), sys.stdout)


def _table(report: TuningReport, width: int, bar: str) -> Any:
    """What was measured, with bars as long as `width` columns leave room for; on narrow ones without what explains."""
    from rich.table import Table

    fastest = max(look.frames_per_second for look in report.looks)
    explains = width >= _TABLE_COLUMNS + _LEAST_BAR
    most = min(_BAR_COLUMNS, width - _TABLE_COLUMNS + (0 if explains else _EXPLAINING_COLUMNS))
    table = Table(box=None, pad_edge=False)
    explaining = ("encoder\nwaits", "workers\ndraw") if explains else ()
    for title in ("workers", "encoder\nthreads", "frames/s", *explaining):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("")
    table.add_column("")
    for look in report.looks:
        style = "bold green" if look == report.chosen else ""
        length = max(1, round(most * look.frames_per_second / fastest))
        table.add_row(
            str(look.workers),
            "its own" if look.encoder_threads is None else str(look.encoder_threads),
            f"{look.frames_per_second:.1f}",
            *((f"{look.hungry:.0%}", "" if report.whole_clip else f"{look.busy:.0%}") if explains else ()),
            plain("chosen" if style else "", style),
            plain(bar * length, style),
        )
    return table
