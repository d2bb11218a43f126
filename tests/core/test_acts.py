"""Acts and scenes: times, enter and exit, and the fluent chain."""

import math

import cloudpickle
import pytest
from clips import Log, LogRenderer, LogScene, time_of

from panim_core.acts import (
    Act,
    ActRenderer,
    ActState,
    CroppedScene,
    FluentScene,
    JoinedScene,
    Scene,
    SceneSequenceScene,
    TimeDilateScene,
    TimeRescaleExactDurationScene,
    TimeRescaleScene,
    TimeReverseScene,
)
from panim_core.easing import EasingError
from panim_core.errors import SettingsError


def act_of(*scenes):
    return Act(Log(), LogRenderer(), scenes)


def frames(act, *times):
    """What the renderer saw at each time, and what was called on the scenes."""
    act.state.calls.clear()
    return [act.frame_at(time)[1:] for time in times], act.state.calls


def scene_time(scene, time_ms):
    state = Log()
    scene.apply(state, time_ms)
    return state.shown[1]


WRAPPERS = {
    "speed": lambda scene: TimeRescaleScene(scene, 2),
    "exact": lambda scene: TimeRescaleExactDurationScene(scene, 50),
    "reverse": TimeReverseScene,
    "crop": lambda scene: CroppedScene(scene, 0, 80),
    "dilate": lambda scene: TimeDilateScene(scene, lambda n: n),
    "join": lambda scene: JoinedScene([scene], False),
    "sequence": lambda scene: SceneSequenceScene([scene]),
}


class TestAct:
    def test_every_scene_is_entered_and_left_the_first_too(self):
        act = act_of(LogScene("a"), LogScene("b"))
        shown, calls = frames(act, 0, 50, 100, 150, 10)
        assert shown == [("a", 0), ("a", 50), ("b", 0), ("b", 50), ("a", 10)]
        assert calls == ["enter a", "exit a", "enter b", "exit b", "enter a"]
        act.finish()
        assert calls[-2:] == ["exit a", "finish renderer"]
        act.finish()
        assert calls.count("exit a") == 2

    def test_start_reaches_the_renderer_and_each_scene_once(self):
        scene = LogScene("a")
        act = act_of(scene, TimeReverseScene(scene), JoinedScene([scene, LogScene("b")]))
        act.start()
        assert act.state.calls == ["start renderer", "start a", "start b"]

    @pytest.mark.parametrize("time", [200, 200.5, 1e9])
    def test_at_and_past_the_end_the_last_instant_shows(self, time):
        shown, _ = frames(act_of(LogScene("a"), LogScene("b")), time)
        assert shown == [("b", math.nextafter(100, 0))]

    def test_all_forms(self):
        assert time_of(act_of(LogScene("a")), 50) == 50

    def test_advance_sets_the_state_without_drawing(self):
        act = act_of(LogScene("a"))
        act.renderer = None
        act.advance(30)
        assert act.state.shown == ("a", 30)

    def test_tells_where_it_is(self):
        a, b = LogScene("a"), LogScene("b", 50)
        act = act_of(a, b)
        assert (act.duration, act.frame_size, act.scenes_end_at) == (150, (4, 2), (100, 150))
        assert act.scene_at(110) == (1, b, 10)

    def test_takes_fluent_scenes(self):
        assert act_of(FluentScene(LogScene("a")).time_rescale(2)).duration == 50

    def test_refuses_what_is_no_scene_or_renderer(self):
        with pytest.raises(SettingsError, match="need a Scene"):
            act_of("scene")
        with pytest.raises(SettingsError, match="at least one"):
            act_of()
        with pytest.raises(SettingsError, match="ActRenderer"):
            Act(Log(), Log(), [LogScene("a")])

    def test_survives_the_way_to_a_worker(self):
        act = cloudpickle.loads(cloudpickle.dumps(act_of(FluentScene(LogScene("a")).dilate(lambda n: n * n))))
        assert frames(act, 50)[0] == [("a", 25)]

    def test_defaults(self):
        scene, state = Scene(), ActState()
        assert scene.duration == 1
        scene.start(state)
        scene.enter(state)
        scene.apply(state, 0)
        scene.exit(state)


class Goes(Scene):
    """Moves one coordinate, and sets another when it is entered."""

    duration = 100

    def __init__(self, name):
        self.name = name

    def enter(self, act_state):
        setattr(act_state, f"{self.name}_shown", True)

    def apply(self, act_state, time_ms):
        setattr(act_state, self.name, round(time_ms))


@pytest.mark.parametrize("times", [(250,), (10, 250), (90, 110, 250), (150, 250), (0, 200, 250), (110, 50, 250)])
@pytest.mark.parametrize("nested", [False, True])
def test_what_scenes_leave_behind_does_not_depend_on_which_frames_are_drawn(times, nested):
    scenes = [Goes("x"), TimeRescaleScene(Goes("y"), 2), CroppedScene(Goes("z"), 0, 50), Goes("last")]
    act = act_of(SceneSequenceScene(scenes)) if nested else act_of(*scenes)
    act.state = state = ActState()
    for time in times:
        act.setup_state(time)
    expected = {"x": 100, "y": 100, "z": 50, "last": 50}
    assert vars(state) == expected | {f"{name}_shown": True for name in expected}


class TestRenderer:
    @pytest.mark.parametrize("method", ["render", "draw"])
    def test_one_method_is_enough(self, method):
        class One(ActRenderer):
            frame_size = (1, 1)

        setattr(One, method, lambda self, state: method)
        act = Act(Log(), One(), [LogScene("a")])
        assert act.generate_at(0) == act.frame_at(0) == method

    def test_pil_alone_is_enough_and_goes_without_detour(self):
        class One(ActRenderer):
            frame_size = (1, 1)

            def render_pil(self, act_state):
                return "image"

        act = Act(Log(), One(), [LogScene("a")])
        assert act.generate_at(0) == act.generate_at_pil(0) == act.frame_at(0) == "image"

    def test_bytes_become_an_image(self):
        class Red(ActRenderer):
            frame_size = (2, 1)

            def render(self, act_state):
                return bytes([255, 0, 0, 255] * 2)

        image = Act(Log(), Red(), [LogScene("a")]).generate_at_pil(0)
        assert (image.mode, image.size, image.tobytes()) == ("RGBA", (2, 1), bytes([255, 0, 0, 255] * 2))

    def test_none_is_an_error(self):
        with pytest.raises(NotImplementedError, match=r"Empty must define render"):
            type("Empty", (ActRenderer,), {})().draw(Log())


class TestWrappers:
    @pytest.mark.parametrize("name", WRAPPERS)
    def test_start_enter_exit_are_passed_on(self, name):
        state = Log()
        scene = WRAPPERS[name](TimeReverseScene(WRAPPERS[name](LogScene("a"))))
        scene.start(state)
        scene.enter(state)
        scene.apply(state, 0)
        scene.exit(state)
        assert state.calls == ["start a", "enter a", "exit a"]

    def test_nested_sequences_are_left_from_their_first_scene(self):
        inner = SceneSequenceScene([LogScene("a"), LogScene("b")])
        act = act_of(TimeRescaleScene(inner, 2), LogScene("c"))
        _, calls = frames(act, 0, 10, 120, 60)
        before, after = (
            ["enter a", "exit a", "enter b", "exit b", "enter c", "exit c"],
            ["enter a", "exit a", "enter b"],
        )
        assert calls == before + after
        act.finish()
        assert calls[-2:] == ["exit b", "finish renderer"]

    def test_times(self):
        scene = LogScene("a")
        assert scene_time(TimeRescaleScene(scene, 2), 10) == 20
        assert scene_time(TimeRescaleExactDurationScene(scene, 400), 100) == 25
        assert scene_time(TimeReverseScene(scene), 0) == math.nextafter(100, 0)
        assert scene_time(TimeReverseScene(scene), 30) == 70
        assert scene_time(CroppedScene(scene, 20, 100), 30) == 50
        assert scene_time(TimeDilateScene(scene, lambda n, p: n**p, {"p": 2}), 50) == 25
        assert scene_time(SceneSequenceScene([scene, scene]), 130) == 30

    def test_easing_faults_name_the_time(self):
        with pytest.raises(EasingError, match="at 50 ms"):
            scene_time(TimeDilateScene(LogScene("a"), lambda n: math.nan), 50)

    @pytest.mark.parametrize("bad", [0, -1, math.nan, math.inf])
    def test_no_scene_without_length(self, bad):
        for make in (
            lambda: TimeRescaleScene(LogScene("a"), bad),
            lambda: TimeRescaleExactDurationScene(LogScene("a"), bad),
            lambda: CroppedScene(LogScene("a"), 0, bad),
            lambda: SceneSequenceScene([LogScene("a", bad)]),
            lambda: JoinedScene([LogScene("a", bad)]),
        ):
            with pytest.raises(SettingsError):
                make()

    @pytest.mark.parametrize("name", WRAPPERS)
    def test_dbg_is_passed_on_only_when_asked(self, name, capsys):
        class Plain(Scene):
            def apply(self, act_state, time_ms):
                act_state.shown = time_ms

        class Debugged(LogScene):
            def apply(self, act_state, time_ms, dbg=False):
                act_state.dbg = dbg

        state = Log()
        WRAPPERS[name](type("Plain100", (Plain,), {"duration": 100})()).apply(state, 0)
        assert state.shown is not None
        WRAPPERS[name](Debugged("a")).apply(state, 0, True)
        assert state.dbg is True
        assert "Debugged at" in capsys.readouterr().out


class TestJoined:
    def test_together(self):
        act = act_of(JoinedScene([LogScene("a"), LogScene("b")], False))
        shown, calls = frames(act, 10, 20)
        act.finish()
        assert shown == [("b", 10), ("b", 20)]
        assert calls == ["enter a", "enter b", "exit a", "exit b", "finish renderer"]

    def test_separately(self):
        act = act_of(JoinedScene([LogScene("a"), LogScene("b")], True))
        _, calls = frames(act, 10)
        act.finish()
        assert calls == ["enter a", "exit a", "enter b", "exit b", "finish renderer"]

    def test_must_last_equally_long_but_for_noise(self):
        with pytest.raises(SettingsError, match=r"lasts 100 ms, but scene 1 .* lasts 90 ms"):
            JoinedScene([LogScene("a"), LogScene("b", 90)])
        with pytest.raises(SettingsError, match="at least one"):
            JoinedScene([])
        assert JoinedScene([LogScene("a", 0.1 + 0.2), LogScene("b", 0.3)]).duration == 0.3


class TestFluent:
    def test_push_works_on_the_second_alone_until_pop(self):
        chain = (
            FluentScene(LogScene("a")).time_rescale_exact(5, "s").push(LogScene("b")).time_rescale_exact(3, "s").pop()
        )
        assert chain.duration() == 8000
        act = act_of(chain.dilate(lambda n: n / 2).build())
        assert frames(act, 4000)[0] == [("a", 40)]

    @pytest.mark.parametrize(
        ("style", "calls"), [("join", "enter a enter b"), ("join_sep", "enter a exit a enter b exit b")]
    )
    def test_pop_may_join(self, style, calls):
        scene = FluentScene(LogScene("a")).push(LogScene("b")).pop(style).build()
        assert scene.duration == 100
        assert frames(act_of(scene), 5)[1] == calls.replace(" e", ",e").split(",")

    def test_pushes_nest(self):
        chain = FluentScene(LogScene("a")).push(LogScene("b")).push(LogScene("c")).pop().pop()
        assert [name for name, _ in frames(act_of(chain), 50, 150, 250)[0]] == ["a", "b", "c"]

    def test_nothing_pushed_gets_lost(self):
        with pytest.raises(SettingsError, match="pushed"):
            FluentScene(LogScene("a")).push(LogScene("b")).build()
        with pytest.raises(SettingsError, match="without a push"):
            FluentScene(LogScene("a")).pop()
        chain = FluentScene(LogScene("a")).push(LogScene("b"))
        with pytest.raises(SettingsError, match="then, join or join_sep"):
            chain.pop("after")
        assert chain.pop().duration() == 200

    def test_pushed_joins_come_back_joined(self):
        chain = FluentScene(LogScene("a")).join(LogScene("b")).push(LogScene("c")).pop()
        assert chain.duration() == 200
        assert frames(act_of(chain), 0, 100)[0] == [("b", 0), ("c", 0)]

    def test_then_after_join_and_join_after_then(self):
        assert FluentScene(LogScene("a")).join(LogScene("b")).then(LogScene("c")).duration() == 200
        assert FluentScene(LogScene("a")).then(LogScene("b")).join(LogScene("c", 200)).duration() == 200

    def test_joins_of_one_kind_share_one_scene(self):
        scene = FluentScene(LogScene("a")).join(LogScene("b"), False).join(LogScene("c"), False).build()
        assert len(scene.children) == 3
        scene = FluentScene(LogScene("a")).join(LogScene("b"), False).join(LogScene("c"), True).build()
        assert (len(scene.children), scene.sep_enters, scene.children[0].sep_enters) == (2, True, False)

    def test_times(self):
        chain = FluentScene(LogScene("a")).then(LogScene("b")).reverse().crop(0.05, 0.2, "s").time_rescale(3)
        assert chain.duration() == 50
        assert frames(act_of(chain), 0)[0] == [("b", 50)]
        assert FluentScene(LogScene("a")).apply(TimeRescaleScene, 4).build().duration == 25

    def test_apply_checks_the_result(self):
        with pytest.raises(SettingsError, match="need a Scene"):
            FluentScene(LogScene("a")).apply(lambda scene: None)

    def test_dilate_by_name_with_parameters(self):
        assert scene_time(FluentScene(LogScene("a")).dilate("freeze", at=0.25).build(), 70) == 25
        assert scene_time(FluentScene(LogScene("a")).dilate("freeze", {"at": 0.5}).build(), 70) == 50
