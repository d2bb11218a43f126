"""Discovery, isolation and the registry of plugins.

The entry points of the group ``panim`` are loaded one by one. What goes wrong with a plugin is kept as data
on its `Plugin` record and harms no other. Order of discovery decides nothing: a name that two distributions
claim is usable only as ``distribution:name``.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from panim_core import drawing
from panim_core.errors import (
    PluginConflictError,
    PluginContractError,
    PluginError,
    PluginLoadError,
    PluginNotFoundError,
    PluginUnavailableError,
)
from panim_core.protocols import Easing, Encoder, Executor, FrameTransform, Renderer

KINDS: Mapping[str, str] = {
    "renderers": "renderer",
    "easings": "easing",
    "transforms": "transform",
    "encoders": "encoder",
    "executors": "executor",
}
"""Kinds of contribution, plural to singular."""

_NAMED_BY_KEY = ("easings", "transforms")
_PROTOCOLS: Mapping[str, type] = {"renderers": Renderer, "encoders": Encoder, "executors": Executor}
_LISTS_OF_TEXT: Mapping[str, Sequence[str]] = {"encoders": ("extensions", "pixel_formats")}
"""Attributes that are looked at wherever something of a kind is chosen."""


@dataclass
class Plugin:
    """One entry point: what it is, what it adds, and what is wrong with it."""

    name: str
    distribution: str
    version: str
    status: str = "ok"
    """ok, unavailable, broken, conflict or disabled."""
    error: str = ""
    """Empty, or what is wrong and what to do about it."""
    contributions: dict[str, dict[str, Any]] = field(default_factory=dict)
    """kind -> name -> contribution."""
    module: Any = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON: contributions by kind as lists of names."""
        return {
            "name": self.name,
            "distribution": self.distribution,
            "version": self.version,
            "status": self.status,
            "error": self.error,
            "contributions": {kind: sorted(self.contributions.get(kind, {})) for kind in KINDS},
        }


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines() or ["(no message)"]
    # pluggy's reason is in its last lines.
    told = " ".join(lines) if type(error).__name__ == "PluginValidationError" else lines[0]
    return f"{type(error).__name__}: {told}"


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""


class Registry:
    """All plugins that were found, and lookups by kind and name.

    Args:
        entry_points: what to load; by default the installed ones of the group ``panim``.
        disabled: names of entry points or distributions to leave out; by default those in the environment
            variable ``PANIM_DISABLE_PLUGINS``, separated by commas.
    """

    def __init__(self, entry_points: Iterable[Any] | None = None, disabled: Iterable[str] | None = None) -> None:
        # Not at the top: workers need no registry, but the functions below.
        import pluggy

        from panim_core import hookspecs

        if entry_points is None:
            entry_points = _installed(hookspecs.PROJECT)
        if disabled is None:
            disabled = os.environ.get("PANIM_DISABLE_PLUGINS", "").split(",")
        self._disabled = {name.strip() for name in disabled if name.strip()}
        self._hooks = pluggy.PluginManager(hookspecs.PROJECT)
        self._hooks.add_hookspecs(hookspecs)
        self.plugins: list[Plugin] = []
        for known, entry_point in sorted(_with_distributions(entry_points), key=_by_names):
            self._load(entry_point, *known)
        self._collected: set[str] = set()
        self._lock = threading.RLock()  # renders may run in threads

    def _load(self, entry_point: Any, distribution: str, version: str, damage: str) -> None:
        if any((p.name, p.distribution) == (entry_point.name, distribution) for p in self.plugins):
            return  # the same distribution found twice on sys.path
        plugin = Plugin(entry_point.name, distribution, version)
        self.plugins.append(plugin)
        if self._disabled & {plugin.name, plugin.distribution}:
            plugin.status, plugin.error = "disabled", "named in PANIM_DISABLE_PLUGINS"
            return
        if damage:
            self._break(plugin, f"cannot be loaded: what pip noted of it is damaged ({damage})")
            return
        try:
            with _printing_to_stderr():
                plugin.module = entry_point.load()
            self._hooks.register(plugin.module, name=f"{distribution}:{plugin.name}")
            self._hooks.check_pending()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a plugin may even call sys.exit at import
            if plugin.module is not None and self._hooks.is_registered(plugin.module):
                self._hooks.unregister(plugin.module)
            self._break(plugin, f"cannot be loaded: {_first_line(error)}{_where(error)}", error)

    def _break(self, plugin: Plugin, reason: str, error: BaseException | None = None) -> None:
        if isinstance(error, PluginUnavailableError):
            plugin.status, plugin.error = "unavailable", str(error)
            return
        plugin.status = "broken"
        remedy = f"fix or upgrade it, uninstall {plugin.distribution}, or set PANIM_DISABLE_PLUGINS={plugin.name}"
        plugin.error = f"{reason}; {remedy}"

    def _collect(self, kind: str) -> None:
        with self._lock:
            if kind not in self._collected:
                self._collected.add(kind)
                self._ask(kind)

    def _ask(self, kind: str) -> None:
        for plugin in self.plugins:
            if plugin.module is None or plugin.status in ("broken", "disabled"):
                continue
            hook = f"panim_register_{kind}"
            caller = self._hooks.subset_hook_caller(
                hook, [p.module for p in self.plugins if p.module not in (None, plugin.module)]
            )
            try:
                with _printing_to_stderr():
                    named = [_named(kind, result) for result in caller()]
                plugin.contributions[kind] = {name: what for found in named for name, what in found.items()}
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001 - kept as data on the plugin
                plugin.contributions.clear()
                self._break(plugin, f"{hook} failed: {_first_line(error)}{_where(error)}", error)

    def collect(self) -> list[Plugin]:
        """Every plugin with everything it adds, checked for availability and conflicts."""
        for kind in KINDS:
            self._collect(kind)
        for plugin in self.plugins:
            if plugin.status != "ok":
                continue
            clashes = [
                f"{KINDS[kind]} {name!r} is also claimed by {', '.join(others)}: write {self._full(kind, name, plugin)}"
                for kind, named in plugin.contributions.items()
                for name in named
                if (others := sorted({_owner(p, plugin) for p in self._claims(kind, name) if p is not plugin}))
            ]
            problems = [
                str(error)
                for kind in _PROTOCOLS
                for contribution in plugin.contributions.get(kind, {}).values()
                if (error := unavailability(contribution)) is not None
            ]
            if problems:
                plugin.status, plugin.error = "unavailable", "; ".join(dict.fromkeys(problems))
            elif clashes:
                plugin.status, plugin.error = "conflict", "; ".join(clashes)
        return self.plugins

    def _claims(self, kind: str, name: str) -> list[Plugin]:
        self._collect(kind)
        return [p for p in self.plugins if name in p.contributions.get(kind, {})]

    def _full(self, kind: str, name: str, plugin: Plugin) -> str:
        """By which `plugin`'s own is found where others claim the same name."""
        return ":".join([_owner(plugin, *(p for p in self._claims(kind, name) if p is not plugin)), name])

    def get(self, kind: str, name: str) -> Any:
        """The contribution called `name`, or ``distribution:name``.

        Args:
            kind: a key of `KINDS`.

        Raises:
            PluginNotFoundError, PluginConflictError.
        """
        claims = self._claims(kind, name)
        if not claims and ":" in name:
            owner, _, bare = name.partition(":")
            claims = [p for p in self._claims(kind, bare) if owner == p.distribution]
            claims = claims if len(claims) == 1 else [p for p in self._claims(kind, bare) if owner == p.name] or claims
            name = bare if claims else name
        if not claims:
            broken = [p for p in self.plugins if p.status in ("broken", "unavailable")]
            hint = "; ".join(f"plugin {p.name} is {p.status}: {p.error}" for p in broken)
            raise PluginNotFoundError(KINDS[kind], name, self.names(kind), hint)
        if len(claims) > 1:
            raise PluginConflictError(KINDS[kind], name, [_owner(p, *claims) for p in claims])
        return claims[0].contributions[kind][name]

    def names(self, kind: str) -> list[str]:
        """Every usable name of a kind, sorted; those that two distributions claim are qualified."""
        self._collect(kind)
        names = []
        for plugin in self.plugins:
            for name in plugin.contributions.get(kind, {}):
                names.append(name if len(self._claims(kind, name)) == 1 else self._full(kind, name, plugin))
        return sorted(names)

    def name_of(self, kind: str, contribution: Any) -> str:
        """By which `get` finds a contribution that `all` gave."""
        for plugin in self.plugins:
            for name, what in plugin.contributions.get(kind, {}).items():
                if what is contribution:
                    return name if len(self._claims(kind, name)) == 1 else self._full(kind, name, plugin)
        raise PluginNotFoundError(KINDS[kind], repr(contribution), self.names(kind), "")

    def all(self, kind: str) -> list[Any]:
        """Every contribution of a kind, by name."""
        self._collect(kind)
        pairs = [(n, p.distribution, c) for p in self.plugins for n, c in p.contributions.get(kind, {}).items()]
        return [contribution for *_, contribution in sorted(pairs, key=lambda pair: pair[:2])]

    def register_commands(self, app: Any, warn: Callable[[str], None]) -> None:
        """Let plugins add their commands to `app`; one that fails is marked broken and told to `warn`."""
        for plugin in self.plugins:
            register = getattr(plugin.module, "panim_register_commands", None)
            if register is None or plugin.status != "ok":
                continue
            try:
                with _printing_to_stderr():
                    register(app)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001 - kept as data on the plugin
                self._break(plugin, f"panim_register_commands failed: {_first_line(error)}{_where(error)}", error)
                warn(f"plugin {plugin.name}: {plugin.error}")

    def observers(self) -> list[tuple[str, Callable[[Any], None]]]:
        """(plugin name, ``panim_render_event`` implementation) of every plugin that observes renders."""
        return [
            (plugin.name, observe)
            for plugin in self.plugins
            if plugin.status == "ok" and (observe := _observer(plugin.module)) is not None
        ]


def _observer(module: Any) -> Callable[[Any], None] | None:
    observe = getattr(module, "panim_render_event", None)
    if observe is None:
        return None
    return lambda event: observe(event=event)


def _owner(plugin: Plugin, *others: Plugin) -> str:
    """What tells `plugin` from `others`: its distribution, or its own name where they are of the same."""
    shared = any(other.distribution == plugin.distribution for other in others if other is not plugin)
    return plugin.name if shared else plugin.distribution


@contextlib.contextmanager
def _printing_to_stderr() -> Iterator[None]:
    """What a plugin prints while it is loaded must not get between the lines of what the user asked for."""
    with contextlib.redirect_stdout(sys.stderr):
        yield


@dataclass(frozen=True)
class _Unreadable:
    """Stands for the entry points of a distribution that may be a plugin."""

    name: str
    damage: str


def _installed(group: str) -> list[Any]:
    """The installed entry points of `group`."""
    import importlib_metadata

    try:
        return list(importlib_metadata.entry_points(group=group))
    except Exception:  # noqa: BLE001 - whatever a damaged file makes of its parser: then one by one
        found: list[Any] = []
        for dist in importlib_metadata.distributions():
            try:
                found += dist.entry_points.select(group=group)
            except Exception as error:  # noqa: BLE001 - kept as data on the plugin
                found.append(_Unreadable(_folder(dist), f"its entry points cannot be read: {_first_line(error)}"))
        return found


def _with_distributions(entry_points: Iterable[Any]) -> Iterable[tuple[tuple[str, str, str], Any]]:
    """((name, version, damage) of its distribution, entry point) of each; reading is slow, so once a distribution."""
    known: dict[int, tuple[str, str, str]] = {}
    for entry_point in entry_points:
        if isinstance(entry_point, _Unreadable):
            yield (entry_point.name, "", entry_point.damage), entry_point
            continue
        dist = getattr(entry_point, "dist", None)
        if id(dist) not in known:
            known[id(dist)] = ("(unknown)", "", "") if dist is None else _distribution(dist)
        yield known[id(dist)], entry_point


def _distribution(dist: Any) -> tuple[str, str, str]:
    try:
        text = dist.read_text("METADATA") or dist.read_text("PKG-INFO") or ""
        # Parsing it all as `dist.metadata` does takes 15 ms of each start, for the modules of a mail.
        head = dict(re.findall(r"^(Name|Version): *(.+?) *$", text.partition("\n\n")[0], re.MULTILINE))
        return head["Name"], head["Version"], ""
    except Exception as error:  # noqa: BLE001 - kept as data on the plugin
        return _folder(dist), "", f"its METADATA cannot be read: {_first_line(error)}"


def _folder(dist: Any) -> str:
    """What pip noted of a distribution lies there, named for it."""
    return getattr(getattr(dist, "_path", None), "name", "(unknown)")


def _by_names(found: tuple[tuple[str, str, str], Any]) -> tuple[str, str]:
    (distribution, *_), entry_point = found
    return distribution, entry_point.name


def _named(kind: str, result: Any) -> dict[str, Any]:
    """What one hook returned as name -> contribution, or `PluginContractError`."""
    hook = f"panim_register_{kind}"
    if kind in _NAMED_BY_KEY:
        if not isinstance(result, Mapping):
            raise PluginContractError(
                f"{hook} must return a mapping of names to callables, not {type(result).__name__}"
            )
        for name, value in result.items():
            if not isinstance(name, str) or not name or not callable(value):
                raise PluginContractError(f"{hook} must map names to callables; it has {name!r}: {value!r:.80}")
            _check_name(hook, name)
        return dict(result)
    if isinstance(result, (str, bytes, Mapping)) or not isinstance(result, Iterable):
        raise PluginContractError(f"{hook} must return an iterable of {KINDS[kind]}s, not {type(result).__name__}")
    found: dict[str, Any] = {}
    protocol = _PROTOCOLS[kind]
    for item in result:
        if isinstance(item, type):
            raise PluginContractError(f"{hook} returned the class {item.__name__}; return an instance of it")
        missing = sorted(name for name in protocol_members(protocol) if not hasattr(item, name))
        if missing:
            raise PluginContractError(
                f"{hook} returned {item!r:.80}, which is no {KINDS[kind]}: it lacks {', '.join(missing)}"
            )
        if not isinstance(item.name, str) or not item.name:
            raise PluginContractError(
                f"{hook} returned a {KINDS[kind]} whose name is {item.name!r:.80}; it must be text"
            )
        _check_name(hook, item.name)
        for attribute in _LISTS_OF_TEXT.get(kind, ()):
            if not _is_list_of_text(value := getattr(item, attribute)):
                raise PluginContractError(
                    f"{hook} returned the {KINDS[kind]} {item.name} whose {attribute} are {value!r:.80}; "
                    "they must be a list of texts"
                )
        if item.name in found:
            raise PluginContractError(f"{hook} returned two {kind} called {item.name}")
        found[item.name] = item
    return found


def _check_name(hook: str, name: str) -> None:
    if ":" in name or not name.isprintable() or name.strip() != name:
        raise PluginContractError(
            f"{hook} has the name {name!r:.80}; a name is printable, without ':' or space around it"
        )


def _is_list_of_text(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(item, str) for item in value)


def protocol_members(protocol: type) -> set[str]:
    """Names that an implementation of `protocol` must have."""
    return {
        name
        for base in protocol.__mro__
        if getattr(base, "_is_protocol", False)
        for name in vars(base)
        if not name.startswith("_")
    }


def unavailability(contribution: Any) -> Exception | None:
    """What its ``check_available`` raises, or None."""
    check = getattr(contribution, "check_available", None)
    if check is None:
        return None
    try:
        check()
    except PluginError as error:
        return error
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - kept as data on the plugin
        return PluginLoadError(f"check_available of {contribution.name} raised {_first_line(error)}{_where(error)}")
    return None


_current: Registry | None = None
_making = threading.RLock()


def current() -> Registry:
    """The process's registry, made when first asked for."""
    global _current
    with _making:
        if _current is None:
            _current = Registry()
        return _current


def use(registry: Registry | None) -> None:
    """Replace the process's registry; None makes a new one at next use."""
    global _current
    _current = registry


def easing(easing: str | Easing) -> Easing:
    """The easing of that name, or the callable itself."""
    found: Easing = _by_name("easings", easing)
    return found


def transform(transform: str | FrameTransform) -> FrameTransform:
    """The transform of that name, or the callable itself."""
    found: FrameTransform = _by_name("transforms", transform)
    return found


def _by_name(kind: str, wanted: Any) -> Any:
    if isinstance(wanted, str):
        return current().get(kind, wanted)
    if not callable(wanted):
        raise PluginContractError(f"{wanted!r:.80} is neither the name of a registered {KINDS[kind]} nor callable")
    return wanted


def renderers() -> Sequence[Renderer]:
    """Every usable renderer, by name."""
    return [renderer for renderer in current().all("renderers") if unavailability(renderer) is None]


def find_encoder(name: str) -> Encoder:
    """The encoder of that name."""
    encoder: Encoder = current().get("encoders", name)
    return encoder


def find_executor(name: str) -> Executor:
    """The executor of that name."""
    executor: Executor = current().get("executors", name)
    return executor


drawing.register_renderers(renderers)
