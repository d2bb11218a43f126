"""The tuner against simulated machines: it must come to what an exhaustive search of the same machine finds."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from simulation import Costs, Model, Render, best_speed, start_choice

from panim_core.autotune import Learned, Machine, MemoryBound, choose
from panim_core.autotune.before import MAX_WORKERS, MEMORY_SHARE, ON_PURPOSE, WORKERS_PER_CORE
from panim_core.autotune.during import FIRST_WINDOW_SECONDS
from panim_core.autotune.window import alone
from panim_core.job import RenderSettings

WINDOWS = 40
"""In which the tuner must have settled."""
ENOUGH = 0.95
# A search through all machines takes many minutes, and still finds some on which the tuner stays below the best:
# CI runs the named examples, other runs search.
PHASES = [Phase.explicit] if "CI" in os.environ else list(Phase)


def seconds(least: float, most: float) -> st.SearchStrategy[float]:
    """Log-uniform, so that every order of magnitude is as likely."""
    return st.integers(0, 60).map(lambda n: least * (most / least) ** (n / 60))


costs = st.builds(
    Costs,
    draw_cpu=seconds(0.001, 0.3),
    draw_wait=st.just(0.0) | seconds(0.002, 0.3),
    encode_cpu=seconds(0.001, 0.2),
    write_cpu=st.just(0.002),
)

models = st.builds(
    Model,
    cores=st.integers(1, 16),
    costs=costs,
    jitter=st.sampled_from([0.0, 0.1, 0.3]),
    draw_threads=st.sampled_from([1, 1, 1, 2, 4]),
    encoder_threads=st.sampled_from([1, 2, 3, 8, 24]),
    lookahead=st.sampled_from([0, 40]),
    start_cpu=st.sampled_from([0.1, 0.5]),
    start_wait=st.sampled_from([0.0, 0.0, 3.0]),
    crowding=st.sampled_from([0.0, 0.01, 0.02]),
    seed=st.integers(0, 1000),
)


def check_settled(render: Render) -> None:
    """From here on it is about as fast as any number of workers would be.

    A change is tried again after many windows; a stretch that holds such a trial is looked past, once.
    """
    model, scheduler = render.model, render.scheduler
    most = start_choice(model).max_workers
    told = []
    for _ in range(2):
        first = render.first + len(render.written_at)
        count = max(150, min(30 * model.cores, 600), 12 * scheduler.target)
        speed = render.run_frames(count + 1).speed(first, first + count)
        best, workers = best_speed(model, first, first + count, most)
        if speed >= ENOUGH * best:
            return
        told.append(f"{speed:.1f} frames/s with {scheduler.target} workers, {best:.1f} with {workers}")
    raise AssertionError(f"{told}: {render.decisions}")


@settings(max_examples=25, deadline=None, phases=PHASES)
@given(models)
@example(Model(cores=2, costs=Costs(0.0015, 0, 0.081)))
@example(Model(cores=2, costs=Costs(0.036, 0, 0.028)))
@example(Model(cores=2, costs=Costs(0.001, 0.03, 0.01)))
@example(Model(cores=1, costs=Costs(0.171, 0.019, 0.057), encoder_threads=1))
def test_settles_near_the_best_of_an_exhaustive_search(model: Model) -> None:
    render = Render(model, 10**9, start_choice(model), tuned=True).run_windows(WINDOWS)
    check_settled(render)


@settings(max_examples=15, deadline=None, phases=PHASES)
@given(models, costs)
@example(Model(cores=4, costs=Costs(0.2, 0, 0.01)), Costs(0.002, 0, 0.1))
@example(Model(cores=4, costs=Costs(0.002, 0, 0.1)), Costs(0.2, 0, 0.01))
@example(Model(cores=2, costs=Costs(0.02, 0, 0.02)), Costs(0.001, 0.2, 0.002))
# While more workers are tried, frames wait for a slow one.
@example(
    Model(
        15,
        Costs(0.004576839342049609, 0.003588453386823574, 0.0373568713722473),
        jitter=0.3,
        encoder_threads=2,
        lookahead=0,
        start_cpu=0.5,
        crowding=0,
        seed=7,
    ),
    Costs(0.04481404746557164, 0.21480703676601637, 0.0010923215453658753),
)
# Only the waiting changes, which a trial that is under way cannot tell from its own effect.
@example(Model(cores=6, costs=Costs(0.001, 0, 0.001)), Costs(0.001, 0.0083, 0.001))
@example(
    Model(1, Costs(0.0034411975512789266, 0, 0.001), encoder_threads=1, lookahead=0, start_cpu=0.1, crowding=0),
    Costs(0.004576839342049609, 0.003036483558548272, 0.001),
)
def test_settles_again_when_costs_change_midway(model: Model, later: Costs) -> None:
    change_at = int(8 * model.limit(model.costs, start_choice(model).max_workers)) + 50
    model = replace(model, later=later, change_at=change_at)
    render = Render(model, 10**9, start_choice(model), tuned=True)
    render.run(lambda: len(render.written_at) > change_at).run_windows(WINDOWS)
    check_settled(render)


@pytest.mark.parametrize(("drawing", "queued", "expected"), [(3.0, 1.0, 2.0), (3.0, 0.0, 3.0), (0.01, 0.02, 0.01)])
def test_drawing_alone_takes_something(drawing, queued, expected):
    assert alone(drawing, queued) == expected


@pytest.mark.parametrize("cores", [64, 256, 1024])
@pytest.mark.parametrize(
    "given_costs", [Costs(0.05, 0, 0.002), Costs(0.5, 0.3, 0.02), Costs(0.003, 0, 0.08)], ids=["draw", "slow", "encode"]
)
def test_settles_on_large_machines(cores: int, given_costs: Costs) -> None:
    model = Model(cores=cores, costs=given_costs, encoder_threads=min(cores, 16), start_wait=0.5)
    render = Render(model, 10**9, start_choice(model), tuned=True).run_windows(12)
    check_settled(render)


def test_settles_after_slow_starts() -> None:
    model = Model(cores=4, costs=Costs(0.05, 0, 0.005), start_wait=20.0, start_cpu=2.0)
    check_settled(Render(model, 10**9, start_choice(model), tuned=True).run_windows(10))


@settings(max_examples=25, deadline=None)
@given(models, st.integers(100, 4000), st.integers(1, 200))
@example(Model(cores=16, costs=Costs(0.001, 0.3, 0.001)), 500, 40)
@example(Model(cores=4, costs=Costs(0.00214, 0, 0.001, 0.002)), 530, 5)  # slots beside workers that are only parked
def test_never_passes_the_memory_bound(model: Model, memory_mb: int, frame_mb: int) -> None:
    model = replace(model, memory_bytes=memory_mb * 1_000_000, frame_bytes=frame_mb * 1_000_000)
    render = Render(model, 10**9, start_choice(model), tuned=True).run_windows(12)
    least = model.worker_bytes + 2 * model.frame_bytes
    assert render.most_bytes <= max(MEMORY_SHARE * memory_mb * 1_000_000, least), render.decisions


def test_workers_that_turn_out_larger_than_memory_allows_are_ended() -> None:
    model = Model(cores=8, costs=Costs(0.05, 0, 0.001), memory_bytes=2_000_000_000)
    choice = start_choice(model)
    assert choice.workers == 8
    render = Render(replace(model, worker_bytes=300_000_000), 10**9, choice, tuned=True).run_windows(3)
    assert render.scheduler.target == 2  # of 1 GB, 18 slots of 8 MB leave 856 MB
    assert render.alive == 2


class TestWhatItDecides:
    def test_an_encoder_that_takes_no_more_gets_few_workers_and_the_others_end(self) -> None:
        model = Model(cores=16, costs=Costs(0.0015, 0, 0.081), encoder_threads=3)
        render = Render(model, 10**9, start_choice(model), tuned=True).run_windows(WINDOWS)
        assert render.scheduler.target == render.alive == 1
        assert render.tuner.reason == "the encoder takes no more"

    @pytest.mark.parametrize("draw", [0.004, 0.008])
    def test_what_an_earlier_render_ended_with_is_not_changed_on_first_impressions(self, draw: float) -> None:
        model = Model(cores=2, costs=Costs(draw, 0, 0.03))
        learned = Learned(workers=1, draw_seconds=draw, start_seconds=0.2)
        render = Render(model, 10**9, start_choice(model, learned=learned), tuned=True).run_windows(WINDOWS)
        assert render.scheduler.target == 1
        assert all(decision.workers == 1 for _, decision in render.decisions)

    def test_what_an_earlier_render_ended_with_is_changed_if_it_no_longer_fits(self) -> None:
        model = Model(cores=4, costs=Costs(0.05, 0, 0.01))
        learned = Learned(workers=1, draw_seconds=0.004, start_seconds=0.2)
        render = Render(model, 10**9, start_choice(model, learned=learned), tuned=True).run_windows(WINDOWS)
        check_settled(render)

    @pytest.mark.parametrize(("later", "workers"), [(0.005, 1), (0.03, 2)])
    def test_of_a_short_clip_the_first_frame_is_not_taken_for_the_others(self, later: float, workers: int) -> None:
        first, others = Costs(0.04, 0, 0.002), Costs(later, 0, 0.002)
        model = Model(cores=2, costs=first, later=others, change_at=1, start_cpu=0.3)
        choice = replace(start_choice(model, 40), workers=1)
        render = Render(model, 40, choice, tuned=True).run()
        assert render.scheduler.target == workers
        assert render.tuner.windows == 0  # nothing is known of how many are best

    def test_a_long_clip_gets_workers_as_soon_as_a_frame_is_drawn(self) -> None:
        model = Model(cores=2, costs=Costs(0.04, 0, 0.002), start_cpu=0.3)
        render = Render(model, 1000, replace(start_choice(model), workers=1), tuned=True).run_windows(1)
        assert render.decisions[0][1].workers == 2
        assert render.decisions[0][0] < 0.3 + 0.04 + 2 * FIRST_WINDOW_SECONDS

    def test_drawing_that_waits_for_something_else_gets_more_workers_than_cores(self) -> None:
        model = Model(cores=2, costs=Costs(0.001, 0.1, 0.002))
        render = Render(model, 10**9, start_choice(model), tuned=True).run_windows(WINDOWS)
        assert render.scheduler.target == WORKERS_PER_CORE * 2

    def test_drawing_that_computes_gets_no_more_workers_than_cores(self) -> None:
        model = Model(cores=4, costs=Costs(0.05, 0, 0.01), jitter=0.3)
        render = Render(model, 10**9, start_choice(model), tuned=True).run_windows(WINDOWS)
        assert all(decision.workers <= 4 for _, decision in render.decisions)

    def test_drawing_with_threads_of_its_own_gets_fewer_workers(self) -> None:
        model = Model(cores=16, costs=Costs(0.2, 0, 0.002), draw_threads=8, crowding=0.02)
        render = Render(model, 10**9, start_choice(model), tuned=True).run_windows(WINDOWS)
        assert render.scheduler.target <= 3

    def test_frames_of_uneven_cost_get_more_slots(self) -> None:
        model = Model(cores=8, costs=Costs(0.05, 0, 0.001), jitter=1.0)
        render = Render(model, 10**9, start_choice(model), tuned=True).run_windows(WINDOWS)
        assert render.slots > start_choice(model).slots
        assert render.slots <= start_choice(model).max_slots

    @settings(max_examples=10, deadline=None)
    @given(models)
    def test_it_comes_to_rest(self, model: Model) -> None:
        render = Render(model, 10**9, start_choice(model), tuned=True).run_windows(3 * WINDOWS)
        early = len(render.decisions)
        render.run_windows(2 * WINDOWS)
        changes = [d for _, d in render.decisions[early:] if not d.retire_parked]
        assert len(changes) <= 8, render.decisions

    def test_the_end_of_a_render_is_no_reason_to_change_anything(self) -> None:
        model = Model(cores=2, costs=Costs(0.05, 0, 0.01))
        render = Render(model, 300, start_choice(model, 300), tuned=True).run()
        assert render.scheduler.done
        assert [d for _, d in render.decisions if d.workers != 2] == []


class TestWhatItStartsWith:
    MACHINE = Machine(cores=8, memory_bytes=16_000_000_000)
    FRAME = 8_294_400

    def start(self, frames: int = 10_000, machine: Machine = MACHINE, learned: Learned | None = None, **asked: int):
        return choose(machine, self.FRAME, frames, RenderSettings(**asked), learned=learned)

    def test_a_worker_for_each_core(self) -> None:
        choice = self.start()
        assert (choice.workers, choice.max_workers, choice.slots) == (8, 64, 18)
        assert choice.reasons == ("8 workers: one for each usable core",)

    def test_a_large_machine_begins_with_a_few(self) -> None:
        choice = self.start(machine=Machine(1024, None))
        assert (choice.workers, choice.max_workers) == (8, MAX_WORKERS)

    @pytest.mark.parametrize(("frames", "workers"), [(1, 1), (10, 1), (20, 1), (25, 2), (60, 4), (1000, 8)])
    def test_a_short_clip_pays_for_few_workers(self, frames: int, workers: int) -> None:
        assert self.start(frames).workers == workers

    @pytest.mark.parametrize(("frames", "workers"), [(1, 1), (40, 1), (50, 2), (75, 4), (1000, 8)])
    def test_one_that_has_started_ahead_draws_while_others_start(self, frames: int, workers: int) -> None:
        choice = choose(self.MACHINE, self.FRAME, frames, RenderSettings(), ahead=1)
        assert choice.workers == workers

    def test_a_short_clip_of_slow_frames_gets_all(self) -> None:
        assert self.start(20, learned=Learned(None, draw_seconds=0.5, start_seconds=0.5)).workers == 8

    def test_what_was_learned_is_where_it_starts(self) -> None:
        choice = self.start(learned=Learned(3, encoder_threads=2, reason="the encoder takes no more"))
        assert (choice.workers, choice.encoder_threads) == (3, 2)
        assert "as an earlier render of this kind ended (the encoder takes no more)" in choice.reasons[0]

    def test_what_nobody_can_have_learned_is_bounded(self) -> None:
        assert self.start(learned=Learned(1000)).workers == 64

    def test_what_was_measured_on_purpose_holds_for_short_clips_too(self) -> None:
        measured = Learned(3, draw_seconds=0.001, start_seconds=0.5)
        assert self.start(20, learned=measured).workers == 1
        assert self.start(20, learned=replace(measured, reason=ON_PURPOSE)).workers == 3

    def test_what_is_asked_goes_over_all(self) -> None:
        choice = self.start(learned=Learned(3, encoder_threads=2), workers=5, slots=7, encoder_threads=1)
        assert (choice.workers, choice.max_workers, choice.slots, choice.max_slots) == (5, 5, 7, 7)
        assert choice.encoder_threads == 1
        assert choice.reasons == ("5 workers: as asked", "7 slots: as asked", "1 encoder thread: as asked")

    def test_no_more_workers_than_frames_slots_or_the_source_allows(self) -> None:
        assert self.start(3, workers=5).workers == 3
        assert self.start(slots=2).workers == 2
        assert choose(self.MACHINE, self.FRAME, 1000, RenderSettings(), 1).workers == 1

    def test_memory_bounds_workers_and_slots_and_says_so(self) -> None:
        choice = self.start(machine=Machine(8, 600_000_000, worker_bytes=60_000_000))
        assert choice.workers == 4
        assert 4 * 60_000_000 + choice.slots * self.FRAME <= 300_000_000
        assert "50% of the 600 MB that are free" in choice.reasons[0]

    def test_workers_that_were_larger_before_count_as_large(self) -> None:
        learned = Learned(8, worker_bytes=1_000_000_000)
        assert self.start(learned=learned).workers == 7

    @given(
        st.integers(1, 1024),
        st.integers(1, 10**12) | st.none(),
        st.integers(1, 10**9),
        st.integers(1, 10**6),
        st.integers(1, MAX_WORKERS) | st.none(),
        st.integers(1, 4096) | st.none(),
        st.integers(1, 100) | st.none(),
    )
    def test_whatever_is_asked_fits_together(self, cores, memory, frame_bytes, frames, workers, slots, allowed) -> None:
        choice = choose(Machine(cores, memory), frame_bytes, frames, RenderSettings(workers, slots), allowed)
        assert 1 <= choice.workers <= choice.max_workers <= min(MAX_WORKERS, max(frames, 1))
        assert 1 <= choice.slots <= choice.max_slots
        assert choice.workers <= choice.slots or memory is not None
        assert allowed is None or choice.max_workers <= allowed
        if workers is None and memory is not None and choice.workers > 1:
            taken = MemoryBound.of(Machine(cores, memory), frame_bytes).taken(choice.workers, choice.slots)
            assert taken <= MEMORY_SHARE * memory
