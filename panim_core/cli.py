"""The command line: parses and prints, nothing else."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from panim_core import cli_plugins, cli_tune
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
    as_number,
    as_options,
    as_size,
    as_whole,
    settings_file,
)
from panim_core.errors import PanimError, SettingsError
from panim_core.terminal import plain, print_table, say

if TYPE_CHECKING:
    from panim_core.events import RenderEvent
    from panim_core.job import Deadlines
    from panim_core.report import RenderReport

# click's ClickException, whether typer brings its own click or uses the separate package.
_UsageError: Any = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")

EXIT_FAILED, EXIT_ASKED_WRONG = 1, 2

_WITH_TARGET = ("render", "still", "tune")
"""Commands with arguments for a script after ``--``."""

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Turn anything in Python that can draw a frame into a video, on every core.",
    epilog="Environment: PANIM_WORKERS, PANIM_FFMPEG, PANIM_DISABLE_PLUGINS, PANIM_CACHE_DIR.",
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    from panim_core.execution.machine import ensure_standard_descriptors

    ensure_standard_descriptors()
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # it was closed when Python started
            setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w"))  # noqa: SIM115 - for good
    if hasattr(signal, "SIGCHLD"):
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # else, if whoever called us ignores it, no exit status is told
    taken = _take_signals()
    atexit.register(_ignore, taken)  # runs last: what Python does after that takes no time, and has no handlers
    code = _answer(list(sys.argv[1:] if arguments is None else arguments))
    _received.append(0)  # all is told: while Python leaves, a signal ends it at once
    sys.exit(code)


def _ignore(numbers: Iterable[signal.Signals]) -> None:
    for number in numbers:
        signal.signal(number, signal.SIG_IGN)


def _run(arguments: list[str]) -> int:
    before = _take_signals()
    try:
        return _answer(arguments)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _answer(arguments: list[str]) -> int:
    try:
        return _command(arguments)
    except typer.Exit as exit_:
        return exit_.exit_code
    except _UsageError as error:
        return _tell(f"{' '.join(error.format_message().split()).rstrip('.')}; see panim --help", EXIT_ASKED_WRONG)
    except (KeyboardInterrupt, typer.Abort):
        return _stopped()
    except SettingsError as error:
        return _tell(str(error), EXIT_ASKED_WRONG)
    except PanimError as error:
        from panim_core.errors import PluginError

        return _tell(str(error), EXIT_ASKED_WRONG if isinstance(error, PluginError) else EXIT_FAILED)
    except SystemExit as error:
        return _tell(f"a plugin or the target called sys.exit({error.code!r})", EXIT_FAILED)


def _version(asked: bool) -> None:
    if asked:
        from panim_core import __version__

        say(f"panim {__version__}", sys.stdout)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


def _command(arguments: list[str]) -> int:
    own = {
        command.name or (command.callback.__name__ if command.callback else "") for command in app.registered_commands
    }
    if not arguments or arguments[0] not in own:
        from panim_core import plugins

        with contextlib.suppress(PanimError):
            plugins.current().register_commands(app, lambda text: say(f"panim: {text}", sys.stderr))
    words: list[str] = []
    if arguments and arguments[0] in _WITH_TARGET and "--" in arguments:
        at = arguments.index("--")
        arguments, words = arguments[:at], arguments[at + 1 :]
    code = app(arguments or ["--help"], prog_name="panim", standalone_mode=False, obj=words)
    if _received and code:
        raise KeyboardInterrupt  # of which typer has made an exit code of its own
    return code if isinstance(code, int) else 0


def _stopped() -> int:
    number = _received[0] if _received else signal.SIGINT
    what = "interrupted" if number == signal.SIGINT else f"stopped by {signal.Signals(number).name}"
    done = [output for output, before in _outputs.items() if _files(output) != before]
    return _tell(f"{what}; {f'{done[0]!r} was complete' if done else 'nothing was published'}", 128 + number)


def _tell(text: str, code: int) -> int:
    say(f"panim: {text}", sys.stderr)
    return code


_outputs: dict[str, list[tuple[int, int]]] = {}
"""What is being rendered, and which files were there when that began: to tell the truth when it is stopped."""


def _files(output: str) -> list[tuple[int, int]]:
    """What is there of the output itself, and of the first file that it stands for."""
    from panim_core.request import as_outfile, numbered

    path = as_outfile(output)
    found = []
    for file in (path, numbered(path, 0)):
        with contextlib.suppress(OSError):
            status = os.stat(file)
            found.append((status.st_ino, status.st_mtime_ns))
    return found


_received: list[int] = []
"""Signals that ask to stop, since the command began."""


def _take_signals() -> dict[signal.Signals, Any]:
    """Ctrl-C, SIGTERM and SIGHUP: the first stops cleanly, the second at once; one that is ignored (nohup) stays so.

    Returns:
        The handlers that there were before.
    """

    def stop(number: int, frame: object) -> None:
        _received.append(number)
        if len(_received) > 1:
            os._exit(128 + number)  # workers die with their parent, and the guard removes the working folder
        raise KeyboardInterrupt

    _received.clear()
    _outputs.clear()
    asking = [n for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) is not signal.SIG_IGN]
    return {number: signal.signal(number, stop) for number in asking}


# ---- render


@app.command()
def render(
    context: typer.Context,
    target: Target,
    output: Annotated[str, typer.Option("-o", "--output", help="The video; its extension chooses the encoder.")],
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
    executor: Annotated[str, typer.Option(help="Where work runs.")] = "panim:local",
    workers: Annotated[str | None, typer.Option(help="Processes that draw; decided by itself if left out.")] = None,
    settings: Annotated[str | None, typer.Option(help="JSON file with the settings of an earlier report.")] = None,
    frames: Annotated[str | None, typer.Option(help="Only these frames: A:B[:STEP].")] = None,
    audio: Annotated[str | None, typer.Option(help="A sound file to play along.")] = None,
    frame_timeout: Annotated[
        str | None, typer.Option(help="Seconds that a frame, or a worker's start, may take.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing output.")] = False,
    resume: Annotated[
        bool | None,
        typer.Option("--resume/--no-resume", help="Go on where a render was interrupted / start over."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON on stdout.")] = False,
) -> None:
    """Render TARGET to a video. What follows -- is given to its script: panim render plot.py -o out.mp4 -- --n 3."""
    from panim_core.execution.spare import started_ahead
    from panim_core.produce import produce
    from panim_core.targets import load, script_arguments

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
    ) | {
        "executor": executor,
        "workers": as_whole("--workers", workers),
        "settings": settings_file(settings),
        "frames": frames,
        "audio": audio,
        "overwrite": overwrite,
        "resume": resume,
        "deadlines": _deadlines(as_number("--frame-timeout", frame_timeout)),
    }
    told: list[str] = []
    _outputs[output] = _files(output)
    from_here = _from_here()
    with started_ahead(target), contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext():
        context.with_resource(script_arguments(target, context.obj))
        source = load(target, 0 if resume else None, context.obj)
        _outputs[from_here(output)] = _outputs.pop(output)
        output, options["audio"] = from_here(output), audio and from_here(audio)
        with _progress(quiet, told) as on_event:
            report = produce(source, output, on_event=on_event, **options)
    if as_json:
        say(report.to_json(), sys.stdout)
    elif not quiet:
        say(str(replace(report, notes=tuple(note for note in report.notes if note not in told))), sys.stderr)


def _from_here() -> Callable[[str], str]:
    """What makes paths mean what they do now, wherever the script goes."""
    try:
        here = os.getcwd()
        return lambda path: path if os.getcwd() == here else os.path.join(here, path)
    except OSError:  # the folder is gone
        return lambda path: path


def _deadlines(seconds: float | None) -> Deadlines:
    from panim_core.job import Deadlines

    return Deadlines() if seconds is None else Deadlines(start=max(seconds, Deadlines.start), frame=seconds)


@app.command("segments")
def show_segments(
    output: Annotated[str, typer.Argument(help="The video that is not finished yet.", show_default=False)],
) -> None:
    """Show how far an interrupted render with --resume got."""
    from panim_core.execution.store import state
    from panim_core.request import as_outfile

    say("\n".join(state(as_outfile(output)).lines()), sys.stdout)


@app.command()
def still(
    context: typer.Context,
    target: Target,
    at: Annotated[str, typer.Option(help="When: 1.5s, 1500ms or 90f.")],
    output: Annotated[str, typer.Option("-o", "--output", help="The picture, e.g. frame.png.")],
    fps: Annotated[str | None, typer.Option(help="What `f` in --at counts in.")] = None,
    size: Size = None,
    dpi: Dpi = None,
    encoder: Encoder = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing output.")] = False,
) -> None:
    """Render one frame of TARGET to a picture."""
    from panim_core.produce import still as produce_still
    from panim_core.targets import load, script_arguments

    from_here = _from_here()
    context.with_resource(script_arguments(target, context.obj))
    source = load(target, arguments=context.obj)
    produce_still(
        source,
        at,
        from_here(output),
        fps=fps,
        size=as_size(size),
        dpi=as_number("--dpi", dpi),
        encoder=encoder,
        overwrite=overwrite,
    )


# ---- progress


@contextlib.contextmanager
def _progress(quiet: bool, told: list[str]) -> Iterator[Callable[[RenderEvent], None]]:
    """A bar on a terminal; elsewhere only what workers print and what a user must be told, collected in `told`."""
    from panim_core import events

    def check(event: RenderEvent) -> None:
        if _received and isinstance(event, events.Progress):
            raise KeyboardInterrupt  # again: the first was raised where Python ignores exceptions

    def plain(event: RenderEvent) -> None:
        check(event)
        if isinstance(event, (events.WorkerOutput, events.Note)) and not quiet:
            say(event.text.rstrip("\n"), sys.stderr)
        if isinstance(event, events.Note):
            told.append(event.text)

    if quiet or not sys.stderr.isatty():
        yield plain
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    bar = Progress(
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[state]}"),
        console=console,
        transient=True,
    )
    task = bar.add_task("render", total=None, rate="", state="starting")

    def show(event: RenderEvent) -> None:
        check(event)
        match event:
            case events.RenderStarted():
                bar.update(task, total=event.frame_count)
            case events.Progress():
                state = f"{event.workers} workers, {event.bottleneck}-bound".replace("balanced-bound", "balanced")
                bar.update(task, completed=event.frames_written, rate=f"{event.frames_per_second:.1f} fps", state=state)
            case events.WorkerOutput() | events.Note():
                console.print(event.text.rstrip("\n"), markup=False, highlight=False)
                if isinstance(event, events.Note):
                    told.append(event.text)
            case events.WorkerLost():
                console.print(f"worker {event.worker} was lost: {event.likely_cause}", markup=False, highlight=False)
            case _:
                return

    with bar:
        yield show


# ---- machine, demo


cli_plugins.register(app)
cli_tune.register(app)


@app.command()
def doctor() -> None:
    """Tell what this machine has: cores, memory, encoders, plugins."""
    import platform

    from rich.table import Table

    from panim_core import __version__, plugins
    from panim_core.execution.machine import usable_cores, usable_memory_bytes

    registry = plugins.current()
    found = registry.collect()
    memory = usable_memory_bytes()
    rows = [
        ("panim", f"{__version__} on Python {platform.python_version()}, {platform.platform()}"),
        ("cores", f"{usable_cores()} usable of {os.cpu_count()}"),
        ("memory", f"{memory / 1e9:.1f} GB free" if memory is not None else "unknown"),
        ("frame slots", "anonymous memory (memfd)" if hasattr(os, "memfd_create") else "an unnamed temporary file"),
    ]
    for encoder in registry.all("encoders"):
        rows.append((f"encoder {encoder.name}", _health(encoder)))
    for plugin in found:
        rows.append(
            (f"plugin {plugin.name}", plugin.status if plugin.status == "ok" else f"{plugin.status}: {plugin.error}")
        )
    table = Table("what", "state", box=None, pad_edge=False)
    for what, state in rows:
        table.add_row(what, plain(state))
    print_table(table)


def _health(encoder: Any) -> str:
    from panim_core.descriptions import told
    from panim_core.plugins import unavailability

    missing = unavailability(encoder)
    if missing is not None:
        return f"unavailable: {missing}"
    return f"ok  {' '.join(encoder.extensions)}  {told(encoder)}".rstrip()


@app.command()
def demo(
    folder: Annotated[str, typer.Option("-o", "--output", help="Where the videos go.")] = "out",
) -> None:
    """Render the examples, and tell what was made, how fast, and what was the bottleneck."""
    from rich.table import Table

    from panim_core.produce import produce
    from panim_core.targets import load

    table = Table("made", "size", "frames", "seconds", "frames/s", "bottleneck", box=None, pad_edge=False)
    for example in _examples():
        output = Path(folder) / f"{example.stem}.mp4"
        say(f"{example.name} -> {output}", sys.stderr)
        with _progress(False, []) as on_event:
            report: RenderReport = produce(load(str(example)), output, overwrite=True, on_event=on_event)
        table.add_row(
            str(report.outfile),
            f"{report.width}x{report.height}",
            str(report.frame_count),
            f"{report.wall_seconds:.1f}",
            f"{report.frames_per_second:.1f}",
            report.bottleneck,
        )
    print_table(table)


def _examples() -> list[Path]:
    here = Path(__file__).parent
    for folder in (here / "_examples", here.parent / "examples"):
        if found := sorted(folder.glob("*.py")):
            return found
    raise SettingsError("the examples are not installed; clone panim's repository and run this there")


if __name__ == "__main__":
    main()
