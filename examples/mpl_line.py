"""A matplotlib figure whose line grows: built once in every worker, changed for every frame."""

import numpy as np
from matplotlib.figure import Figure

import panim_mpl

X = np.linspace(0, 10, 2000)
Y = np.exp(-X / 4) * np.cos(4 * X)
DURATION = 4000


def setup():
    figure = Figure(figsize=(12.8, 7.2), dpi=100, layout="constrained")
    axes = figure.add_subplot(xlim=(0, 10), ylim=(-1.1, 1.1), title="a damped wave")
    axes.set(xlabel="time (s)", ylabel="displacement (m)")
    axes.grid(alpha=0.3)
    (line,) = axes.plot([], [], lw=2.5)
    (head,) = axes.plot([], [], "o", ms=10, color=line.get_color())
    return figure, line, head


def update(state, time_ms):
    _, line, head = state
    last = round((len(X) - 1) * time_ms / DURATION)
    line.set_data(X[: last + 1], Y[: last + 1])
    head.set_data(X[last : last + 1], Y[last : last + 1])


wave = panim_mpl.animation(setup, update, duration=DURATION, fps=30)
