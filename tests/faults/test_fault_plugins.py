"""Plugins that are broken, or in each other's way: rows 35 and 36, with distributions found on the path."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest
from faulty import Faulty


def distribution(folder: Path, name: str, code: str | None, entry_point: str | None = None) -> None:
    """An installed distribution `name`, whose entry point is its module of `code`."""
    module = name.replace("-", "_")
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[panim]\n{module} = {entry_point or module}\n")
    if code is not None:
        (folder / f"{module}.py").write_text("from panim_core import hookimpl\n" + textwrap.dedent(code))


def hook(name: str, body: str) -> str:
    return f"@hookimpl\ndef {name}():\n    {body}\n"


EASINGS = "panim_register_easings"
ENCODERS = "panim_register_encoders"
BROKEN = {
    "import error": ("import no_such_module", None, "cannot be loaded: ModuleNotFoundError: No module named"),
    "syntax error": ("def (", None, "cannot be loaded: SyntaxError"),
    "raises at import": ("raise RuntimeError('boom')", None, "cannot be loaded: RuntimeError: boom (/"),
    "exits at import": ("import sys; sys.exit(0)", None, "cannot be loaded: SystemExit: 0"),
    "no such module": (None, "nothing_at_all", "cannot be loaded: ModuleNotFoundError"),
    "no such attribute": ("", "panim_bad:nothing", "cannot be loaded: AttributeError"),
    "unknown hook": (hook("panim_register_nonsense", "return 1"), None, "cannot be loaded: PluginValidationError"),
    "hook raises": (hook(EASINGS, "raise ValueError('boom')"), None, f"{EASINGS} failed: ValueError: boom (/"),
    "hook exits": (hook(EASINGS, "raise SystemExit(0)"), None, f"{EASINGS} failed: SystemExit: 0"),
    "hook returns a number": (hook(EASINGS, "return 42"), None, "must return a mapping of names to callables, not int"),
    "hook returns no callables": (hook(EASINGS, "return {'a': 1}"), None, "must map names to callables; it has 'a': 1"),
    "hook returns None": (hook(ENCODERS, "return None"), None, ""),
    "hook returns objects": (hook(ENCODERS, "return [object()]"), None, "which is no encoder: it lacks"),
    "hook returns text": (hook(ENCODERS, "return 'raw'"), None, "must return an iterable of encoders, not str"),
    "generator raises": (hook(ENCODERS, "yield 1\n    raise OSError('late')"), None, f"{ENCODERS} "),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_plugin_is_listed_and_harms_nobody(faulty: Faulty, what: str) -> None:
    code, entry_point, reason = BROKEN[what]
    distribution(faulty.folder / "site", "panim-bad", code, entry_point)
    env = {"PYTHONPATH": f"{faulty.folder / 'site'}:{faulty._env(None)['PYTHONPATH']}"}
    listed = faulty._panim("list-plugins", "--json", "--strict", env=env, cwd=faulty.folder)
    assert "Traceback" not in listed.stderr
    plugins = {plugin["name"]: plugin for plugin in json.loads(listed.stdout)}
    bad = plugins["panim_bad"]
    if reason:
        assert listed.returncode == 1
        assert bad["status"] == "broken"
        assert reason in bad["error"]
        assert bad["error"].endswith("fix or upgrade it, uninstall panim-bad, or set PANIM_DISABLE_PLUGINS=panim_bad")
    assert [p["status"] for n, p in plugins.items() if n != "panim_bad"] == ["ok"] * (len(plugins) - 1)
    faulty.clip(frames=2)
    faulty.succeeds(frames=2, env=env)


def test_a_disabled_plugin_is_not_even_imported(faulty: Faulty) -> None:
    distribution(faulty.folder / "site", "panim-bad", "open('imported', 'w')\nraise RuntimeError")
    env = {"PYTHONPATH": str(faulty.folder / "site"), "PANIM_DISABLE_PLUGINS": "panim-bad"}
    listed = faulty._panim("list-plugins", "--json", "--strict", env=env, cwd=faulty.folder)
    assert listed.returncode == 0
    assert {p["name"]: p["status"] for p in json.loads(listed.stdout)}["panim_bad"] == "disabled"
    assert not (faulty.folder / "imported").exists()


OBSERVER = """
@hookimpl
def panim_render_event(event):
    raise RuntimeError("not now")
"""


def test_observers_that_raise_are_each_told_once_and_muted(faulty: Faulty) -> None:
    for name in ("panim-bad", "panim-worse"):
        distribution(faulty.folder / "site", name, OBSERVER)
    faulty.clip()
    env = {"PYTHONPATH": f"{faulty.folder / 'site'}:{faulty._env(None)['PYTHONPATH']}"}
    done = faulty.succeeds("--json", env=env)
    notes = json.loads(done.stdout)["notes"]
    assert sorted(n for n in notes if "observer" in n) == [
        f"plugin {name}: its observer raised RuntimeError: not now; it is muted"
        for name in ("panim_bad", "panim_worse")
    ]


# ---- 36: one name, two plugins


def test_two_plugins_with_one_name_are_both_named(faulty: Faulty) -> None:
    for name, value in (("panim-left", "0.0"), ("panim-right", "1.0")):
        distribution(faulty.folder / "site", name, hook(EASINGS, f"return {{'wobble': lambda n: {value}}}"))
    env = {"PYTHONPATH": f"{faulty.folder / 'site'}:{faulty._env(None)['PYTHONPATH']}"}
    listed = faulty._panim("list-plugins", "--json", "--strict", env=env, cwd=faulty.folder)
    assert listed.returncode == 0, "a conflict is not broken"
    plugins = {plugin["name"]: plugin for plugin in json.loads(listed.stdout)}
    assert plugins["panim_left"]["status"] == plugins["panim_right"]["status"] == "conflict"
    assert plugins["panim_left"]["error"] == ("easing 'wobble' is also claimed by panim-right: write panim-left:wobble")

    faulty.clip(frames=2)
    faulty.succeeds(frames=2, env=env)

    used = """
        @panim_core.animation(duration=200, frame_size=(64, 48), fps=10)
        def plain(time_ms):
            return bytes((round(time_ms / 10), 0, 7, 255)) * (64 * 48)
        clip = panim_core.FluentFG(plain).dilate({name!r}).build()
    """
    faulty.script(used.format(name="wobble"))
    told = faulty.fails(code=2, env=env)
    assert (
        "easing 'wobble' is claimed by panim-left and panim-right; write panim-left:wobble or panim-right:wobble"
        in told
    )
    faulty.script(used.format(name="panim-right:wobble"))
    done = faulty.render("--overwrite", output="out.rgba", env=env)
    assert done.returncode == 0, done.stderr
    assert set((faulty.folder / "out.rgba").read_bytes()[::4]) == {20}


def test_two_encoders_for_one_extension(faulty: Faulty) -> None:
    from faulty import RAW_PLUGIN

    again = (RAW_PLUGIN / "panim_test_rawvideo.py").read_text().replace("from panim_core import hookimpl\n", "")
    again = again.replace("from __future__ import annotations\n", "").replace('name = "raw"', 'name = "raw2"')
    distribution(faulty.folder / "site", "panim-raw-two", again)
    env = {"PYTHONPATH": f"{faulty.folder / 'site'}:{faulty._env(None)['PYTHONPATH']}"}
    faulty.clip(frames=2)
    told = faulty.fails(code=2, env=env, output="out.rgba")
    assert "encoder for '.rgba' is claimed by raw and raw2" in told
    faulty.succeeds("--encoder", "raw2", frames=2, env=env)
    assert faulty.render(env=env).returncode == 0, "the others work"
