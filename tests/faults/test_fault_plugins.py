"""Plugins that are broken, or in each other's way: rows 35 and 36, with distributions found on the path."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

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
ENCODER = """class E:
        name, extensions, pixel_formats = 'e', None, ('rgba',)
        check_available = open = concat = lambda self, *a: None
"""
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
    "hook of other parameters": (
        "@hookimpl\ndef panim_register_easings(app):\n    return {}\n",
        None,
        "Argument(s) {'app'} are declared in the hookimpl but can not be found in the hookspec",
    ),
    "hook returns a class": (
        hook(ENCODERS, "return [type('Mine', (), {})]"),
        None,
        "returned the class Mine; return an instance",
    ),
    "a name with a colon": (hook(EASINGS, "return {'panim:linear': abs}"), None, "has the name 'panim:linear'"),
    "a name of two lines": (hook(EASINGS, "return {'a\\nb': abs}"), None, "has the name 'a\\nb'"),
    "extensions are None": (hook(ENCODERS, ENCODER + "\n    return [E()]"), None, "whose extensions are None"),
    "two of one name": (
        hook(ENCODERS, ENCODER.replace("None", "('.e',)") + "\n    return [E(), E()]"),
        None,
        "returned two encoders called e",
    ),
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
    assert "raw and raw2 write .rgba files; name one with --encoder" in told
    faulty.succeeds("--encoder", "raw2", frames=2, env=env)
    assert faulty.render(env=env).returncode == 0, "the others work"


def _listed(faulty: Faulty, *words: str) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    env = {"PYTHONPATH": f"{faulty.folder / 'site'}:{faulty._env(None)['PYTHONPATH']}"}
    done = faulty._panim("list-plugins", "--json", *words, env=env, cwd=faulty.folder)
    assert done.returncode == 0, done.stderr
    return {plugin["name"]: plugin for plugin in json.loads(done.stdout)}, env


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("METADATA", None),
        ("METADATA", b"Version: 1.0\n"),
        ("METADATA", b"Name: \xff\xfe\n"),
        ("entry_points.txt", b"[panim]\nno equals sign\n"),
        ("entry_points.txt", b"\xff\xfe[panim]\n"),
    ],
)
def test_a_distribution_whose_files_are_damaged_harms_nobody(faulty: Faulty, file: str, content: bytes | None) -> None:
    distribution(faulty.folder / "site", "panim-bad", "")
    damaged = faulty.folder / "site" / "panim_bad-1.0.dist-info" / file
    damaged.unlink() if content is None else damaged.write_bytes(content)
    found, env = _listed(faulty)
    assert found["core"]["status"] == "ok"
    name, what = ("panim_bad", "METADATA") if file == "METADATA" else ("panim_bad-1.0.dist-info", "entry points")
    assert found[name]["status"] == "broken"
    assert f"{what} cannot be read" in found[name]["error"]
    assert "uninstall panim_bad-1.0.dist-info" in found[name]["error"]
    faulty.clip(frames=2)
    faulty.succeeds(frames=2, env=env)


def test_names_of_panims_own_do_no_harm(faulty: Faulty) -> None:
    """What panim uses where nobody chose is its own, whoever else claims the name."""
    executor = """class E:
        name = 'local'
        check_available = run = lambda self, *a: None
    return [E()]"""
    code = hook(EASINGS, "return {'linear': lambda n: 0.0}") + hook("panim_register_executors", executor)
    distribution(faulty.folder / "site", "panim-bad", code)
    _, env = _listed(faulty)
    faulty.script(
        """
        def flat(colour):
            return panim_core.frame_gen.FunctionFrameGenerator(lambda t: bytes(colour) * (64 * 48), 400, (64, 48), 10)
        clip = panim_core.FluentFG(flat((0, 0, 0, 255))).then(flat((200, 0, 0, 255)), "crossfade", 400).build()
        """
    )
    done = faulty.render(output="out.rgba", env=env)
    assert done.returncode == 0, done.stderr
    assert set((faulty.folder / "out.rgba").read_bytes()[::4]) == {0, 50, 100, 150}


def test_two_plugins_of_one_distribution_with_one_name(faulty: Faulty) -> None:
    site = faulty.folder / "site"
    distribution(site, "panim-left", hook(EASINGS, "return {'wobble': lambda n: 0.0}"))
    (site / "panim_second.py").write_text((site / "panim_left.py").read_text().replace("0.0", "1.0"))
    with (site / "panim_left-1.0.dist-info" / "entry_points.txt").open("a") as file:
        file.write("second = panim_second\n")
    found, env = _listed(faulty)
    assert found["second"]["status"] == found["panim_left"]["status"] == "conflict"
    assert found["second"]["error"] == "easing 'wobble' is also claimed by panim_left: write second:wobble"
    shown = faulty._panim("show", "easing", "wobble", env=env, cwd=faulty.folder)
    assert "claimed by panim_left and second; write panim_left:wobble or second:wobble" in shown.stderr
    shown = faulty._panim("show", "easing", "second:wobble", env=env, cwd=faulty.folder)
    assert shown.returncode == 0, shown.stderr


def test_what_plugins_print_goes_to_stderr(faulty: Faulty) -> None:
    code = "print('hello from import')\n" + hook(EASINGS, "print('hello from hook')\n    return {}")
    distribution(faulty.folder / "site", "panim-loud", code)
    _listed(faulty)  # which reads stdout as JSON


def test_encoders_that_fail_to_tell_of_themselves(faulty: Faulty) -> None:
    code = ENCODER.replace("None, ('rgba'", "('.e',), ('rgba'")
    describing = code.replace("'e'", "'talker'").replace("'.e'", "'.t'") + "        describe = lambda self: 1 / 0\n"
    exiting = code.replace("'e'", "'leaver'").replace("'.e'", "'.l'") + (
        "        def check_available(self):\n            raise SystemExit(3)\n"
    )
    for name, body in (("panim-talker", describing), ("panim-leaver", exiting)):
        distribution(faulty.folder / "site", name, hook(ENCODERS, body + "    return [E()]"))
    found, env = _listed(faulty)
    assert found["panim_leaver"]["status"] == "unavailable"
    for words in (["list-plugins"], ["doctor"]):
        done = faulty._panim(*words, env=env, cwd=faulty.folder)
        assert "Traceback" not in done.stderr
        assert "describe() raised ZeroDivisionError" in done.stdout
        assert "SystemExit: 3" in done.stdout


def test_a_renderer_that_fails_to_look_at_a_target_is_named(faulty: Faulty) -> None:
    renderer = """class R:
        name = 'clumsy'
        def adapt(self, target): return 1 / 0
        size_of = draw_into = lambda self, *a: None
    return [R()]"""
    distribution(faulty.folder / "site", "panim-bad", hook("panim_register_renderers", renderer))
    _, env = _listed(faulty)
    faulty.script("thing = 5\n")
    done = faulty._panim("render", "clip.py:thing", "-o", "out.mp4", env=env, cwd=faulty.folder)
    assert "Traceback" not in done.stderr
    assert "the renderer clumsy failed when it was asked whether it knows a " in done.stderr
    assert ": ZeroDivisionError: division by zero; leave its plugin out with PANIM_DISABLE_PLUGINS" in done.stderr


def test_an_easing_that_has_no_curve_is_shown_all_the_same(faulty: Faulty) -> None:
    distribution(faulty.folder / "site", "panim-bad", hook(EASINGS, "return {'inverse': lambda n: 1 / n}"))
    _, env = _listed(faulty)
    done = faulty._panim("show", "easing", "inverse", env=env, cwd=faulty.folder)
    assert done.returncode == 0, done.stderr
    assert "It has no curve (ZeroDivisionError" in done.stdout
