"""The commands about plugins: ``list-plugins``, ``show`` and ``new-plugin``. They parse and print, nothing else."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from panim_core.errors import SettingsError
from panim_core.terminal import can_show, plain, print_table, say

if TYPE_CHECKING:
    from panim_core.plugins import Plugin

_STYLES: Mapping[str, str] = {"ok": "green", "disabled": "dim"}
_TROUBLE_STYLE = "red"


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("list-plugins")(list_plugins)
    app.command("show")(show)
    app.command("new-plugin")(new_plugin)


def list_plugins(
    kind: Annotated[str | None, typer.Argument(help="Only these: easings, transforms, ...", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON list on stdout.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 if any plugin is broken.")] = False,
) -> None:
    """List every plugin found, also the broken ones, with what it adds."""
    from panim_core import plugins

    kinds = list(plugins.KINDS) if kind is None else [_plural(kind)]
    found = plugins.current().collect()
    broken = any(plugin.status == "broken" for plugin in found)
    if kind is not None:
        found = [p for p in found if p.contributions.get(kinds[0]) or p.status not in ("ok", "disabled")]
    if as_json:
        say(json.dumps([_only(plugin.as_dict(), kinds) for plugin in found], indent=2), sys.stdout)
    else:
        _print_plugins(found, kinds)
        for each in kinds:
            _print_contributions(found, each)
    if strict and broken:
        raise typer.Exit(1)


def _plural(kind: str) -> str:
    from panim_core import plugins

    for plural, singular in plugins.KINDS.items():
        if kind in (plural, singular):
            return plural
    raise SettingsError(f"there are no plugins of kind {kind!r}; write one of {', '.join(plugins.KINDS)}")


def _only(plugin: dict[str, Any], kinds: Sequence[str]) -> dict[str, Any]:
    return {**plugin, "contributions": {kind: plugin["contributions"][kind] for kind in kinds}}


def _print_plugins(found: Sequence[Plugin], kinds: Sequence[str]) -> None:
    from panim_core.plugins import KINDS

    table = _table("plugin", "distribution", "version", "status", "adds")
    for plugin in found:
        counts = [(kind, len(plugin.contributions.get(kind, {}))) for kind in kinds]
        adds = ", ".join(f"{count} {kind if count != 1 else KINDS[kind]}" for kind, count in counts if count)
        status = plugin.status if plugin.status == "ok" else f"{plugin.status}: {plugin.error}"
        style = _STYLES.get(plugin.status, _TROUBLE_STYLE)
        table.add_row(plain(plugin.name), plain(plugin.distribution), plugin.version, plain(status, style), adds)
    print_table(table)


def _print_contributions(found: Sequence[Plugin], kind: str) -> None:
    from panim_core import plugins
    from panim_core.descriptions import summary

    table = _table(kind, "distribution", "version", "status", "summary")
    rows = [(name, p, what) for p in found for name, what in p.contributions.get(kind, {}).items()]
    for name, plugin, what in sorted(rows, key=lambda row: (row[0], row[1].distribution)):
        status = "ok"
        if plugins.unavailability(what) is not None:
            status = "unavailable"
        elif sum(other == name for other, *_ in rows) > 1:
            status, name = "conflict", f"{plugin.distribution}:{name}"
        style = _STYLES.get(status, _TROUBLE_STYLE)
        told = plain(summary(kind, what))
        told.no_wrap = True  # but not its column, so that a narrow terminal cuts the summary and not the name
        table.add_row(plain(name), plain(plugin.distribution), plugin.version, plain(status, style), told)
    if rows:
        say("", sys.stdout)
        print_table(table)


def _table(*columns: str) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in columns:
        wraps = column in ("status", "adds", "summary")
        table.add_column(column, overflow="fold" if column == "status" else "ellipsis", no_wrap=not wraps)
    return table


def show(
    kind: Annotated[str, typer.Argument(help="easing, transform, renderer, encoder or executor", show_default=False)],
    name: Annotated[str, typer.Argument(help="NAME, or DISTRIBUTION:NAME", show_default=False)],
) -> None:
    """Show one of what plugins add: its parameters, what it does, where it comes from, an easing's curve."""
    from panim_core import plugins
    from panim_core.descriptions import describe

    plural = _plural(kind)
    registry = plugins.current()
    what = registry.get(plural, name)
    source = next(p for p in registry.plugins if any(c is what for c in p.contributions.get(plural, {}).values()))
    own_name = next(n for n, c in source.contributions[plural].items() if c is what)
    say(f"{plugins.KINDS[plural]} {own_name}, of {source.distribution} {source.version}\n", sys.stdout)
    say(describe(plural, own_name, what), sys.stdout)
    if plural == "easings":
        say(_curve(own_name, what), sys.stdout)


def _curve(name: str, easing: Any) -> str:
    from panim_core.curve import curve
    from panim_core.easing import evaluate

    try:
        return "\n" + curve(lambda n: evaluate(easing, n, {}, 0.0), braille=can_show("⣿│─└", sys.stdout))
    except TypeError as error:
        return f"\nIts curve depends on its parameters ({error})."
    except Exception as error:  # noqa: BLE001 - what else is known of it has been told
        return f"\nIt has no curve ({type(error).__name__}: {error})."


def new_plugin(
    kind: Annotated[str, typer.Argument(help="easing, transform, renderer, encoder or executor", show_default=False)],
    name: Annotated[str, typer.Argument(help="Its name, such as wobble or soft-glow.", show_default=False)],
) -> None:
    """Write a new plugin into ./panim-NAME: a complete distribution with types and tests."""
    from panim_core.new_plugin import Names, write
    from panim_core.plugins import KINDS

    names = Names.choose(KINDS[_plural(kind)], name)
    folder = write(names, Path())
    say(
        f"wrote {folder}; what to do now:\n"
        f"  pip install -e '{folder}[test]'\n"
        f"  panim show {names.kind} {names.name}\n"
        f"  python -m pytest {folder}",
        sys.stdout,
    )
