"""Writes a new plugin: a complete distribution with types and tests, from the templates in ``templates/``."""

from __future__ import annotations

import builtins
import importlib.util
import io
import keyword
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from panim_core import __version__, plugins
from panim_core.errors import SettingsError

TEMPLATES = Path(__file__).parent / "templates"
MAX_NAME = 24

_USES: Mapping[str, str] = {
    "easing": 'FluentFG(clip).dilate("$name", power=3)',
    "transform": 'FluentFG(clip).apply("$name", colour=(0, 128, 255), amount=0.3)',
    "renderer": "from $module import $camel\n\nsheet = $camel((320, 180))  # panim render this_file.py -o sheet.mp4",
    "encoder": 'produce(clip, "out.$name")',
    "executor": 'produce(clip, "out.mp4", executor="$name")',
}


@dataclass(frozen=True)
class Names:
    """What a new plugin and its parts are called.

    Attributes:
        kind: singular, as in ``panim_core.plugins.KINDS``.
        name: by which it is registered.
    """

    kind: str
    name: str

    @property
    def distribution(self) -> str:
        """By which pip knows it; also the folder."""
        return f"panim-{self.name.replace('_', '-')}"

    @property
    def module(self) -> str:
        """By which Python imports it."""
        return f"panim_{self.name}"

    @property
    def camel(self) -> str:
        """With which its classes begin."""
        return "".join(part.capitalize() for part in self.name.split("_"))

    @classmethod
    def choose(cls, kind: str, name: str) -> Names:
        """The names of a new plugin.

        Args:
            kind: one of the singular values of ``panim_core.plugins.KINDS``.
            name: lower-case words, joined by hyphens or underscores; ``panim-`` before it is taken off.

        Raises:
            SettingsError: no plugin can be called that.
        """
        if kind not in plugins.KINDS.values():
            raise SettingsError(f"there are no plugins of kind {kind!r}; write one of {', '.join(_USES)}")
        plain = re.sub(r"^panim[-_]", "", name).replace("-", "_")
        if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", plain) or len(plain) > MAX_NAME:
            raise SettingsError(
                f"plugin name {name!r}: write lower-case words of a to z and digits, joined by hyphens, "
                f"{MAX_NAME} characters at most, such as wobble or soft-glow"
            )
        names = cls(kind, plain)
        if reason := names._taken():
            raise SettingsError(f"plugin name {name!r}: {reason}; choose another")
        return names

    def _taken(self) -> str:
        """Why the name cannot be had, or empty."""
        if keyword.iskeyword(self.name) or hasattr(builtins, self.name):
            return f"{self.name} is a word of Python's own"
        if self.name.startswith("test"):
            return "pytest would take what it names for a test"
        if {self.name, self.camel} & _identifiers(self.kind):
            return f"{self.name} is a word of the code that would be written"
        if importlib.util.find_spec(self.module) is not None:
            return f"there is a Python package {self.module} already"
        kinds = {singular: plural for plural, singular in plugins.KINDS.items()}
        if self.name in plugins.current().names(kinds[self.kind]):
            return f"{self.kind} {self.name} exists; panim show {self.kind} {self.name} tells where"
        if self.kind == "encoder":
            for encoder in plugins.current().all("encoders"):
                if f".{self.name}" in encoder.extensions:
                    return f"the encoder {encoder.name} writes .{self.name} files"
        return ""


def write(names: Names, parent: Path) -> Path:
    """Write the distribution into a new folder in `parent`, and return that.

    Raises:
        SettingsError: there is one already, or `parent` cannot be written to.
    """
    folder = parent / names.distribution
    values = {
        "kind": names.kind,
        "name": names.name,
        "distribution": names.distribution,
        "module": names.module,
        "camel": names.camel,
        "version": __version__,
    }
    values["use"] = Template(_USES[names.kind]).substitute(values)
    try:
        folder.mkdir()
        for place, text in _files(names.kind):
            path = folder / place.replace("MODULE", names.module).replace("NAME", names.name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(Template(text).substitute(values), encoding="utf-8")
    except FileExistsError:
        raise SettingsError(f"{str(folder)!r} exists, and nothing is overwritten; move it away") from None
    except OSError as error:
        raise SettingsError(f"{str(folder)!r} cannot be written: {error.strerror}") from error
    return folder


def _identifiers(kind: str) -> set[str]:
    """Every name in the code of a new plugin but its own."""
    found: set[str] = set()
    for place, text in _files(kind):
        if place.endswith(".py"):
            code = re.sub(r"\$\w+|\$\{\w+\}", "_", text)
            tokens = tokenize.generate_tokens(io.StringIO(code).readline)
            found |= {token.string for token in tokens if token.type == tokenize.NAME}
    return found


def _files(kind: str) -> Iterator[tuple[str, str]]:
    """(path in the distribution, template) of every file."""
    for root in (TEMPLATES / "common", TEMPLATES / kind):
        for path in sorted(p for p in root.rglob("*") if p.is_file()):
            place = path.relative_to(root).as_posix().removesuffix(".tmpl")
            yield ".gitignore" if place == "gitignore" else place, path.read_text(encoding="utf-8")
