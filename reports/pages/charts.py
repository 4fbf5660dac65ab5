"""Charts of figures with intervals: rows of dots, and curves. Colours by Okabe and Ito, and a shape for each, so that
neither colour nor shape alone has to be told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pages.pictures import INK, library, svg

# Readable on white and on the dark page's ground alike.
_COLOURS = ("#2f86cc", "#d55e00", "#009e73", "#cc79a7", "#b58900", "#56b4e9", "#7f7f7f")
_SHAPES = ("o", "s", "^", "D", "v", "P", "X")


@dataclass(frozen=True)
class Dot:
    """A median with its interval; hollow when it did not converge."""

    median: float
    low: float
    high: float
    sure: bool


@dataclass(frozen=True)
class Line:
    """A row of the chart, with a dot a series."""

    label: str
    dots: Mapping[str, Dot | None]


@dataclass(frozen=True)
class Lines:
    title: str
    name: str
    axis: str
    lines: Sequence[Line]


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True)
class Curves:
    title: str
    name: str
    x_axis: str
    y_axis: str
    curves: Mapping[str, Sequence[Point]]


def _shortened(text: str) -> str:
    return text if len(text) <= 58 else text[:57] + "…"


def _plain_axes(axes: Any) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(True, color=INK, alpha=0.15, linewidth=0.6)
    axes.set_axisbelow(True)


def _scale(axes: Any, matplotlib: Any, values: Sequence[float]) -> None:
    """Logarithmic where the figures span more than thirty times, and from 0 where they do not."""
    if min(values) > 0 and max(values) > 30 * min(values):
        axes.set_xscale("log")
    else:
        axes.set_xlim(left=min(0.0, *values), right=max(values) * 1.05 or 1.0)
    axes.xaxis.set_major_formatter(
        matplotlib.ticker.FuncFormatter(lambda value, _: f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}")
    )


def draw_lines(chart: Lines) -> str:
    matplotlib = library()
    series = list(dict.fromkeys(name for line in chart.lines for name in line.dots))
    figure, axes = matplotlib.pyplot.subplots(figsize=(5.0, 0.34 * len(chart.lines) + 0.9 + 0.3 * (len(series) > 1)))
    _plain_axes(axes)
    values: list[float] = []
    for index, name in enumerate(series):
        colour, shape = _COLOURS[index % len(_COLOURS)], _SHAPES[index % len(_SHAPES)]
        shift = (index - (len(series) - 1) / 2) * 0.26
        shown = False
        for row, line in enumerate(chart.lines):
            dot = line.dots.get(name)
            if dot is None:
                continue
            values += [dot.low, dot.high, dot.median]
            axes.plot([dot.low, dot.high], [row + shift] * 2, color=colour, linewidth=2.2, solid_capstyle="butt")
            fill = colour if dot.sure else "none"
            words = name if name and not shown else None
            axes.plot(dot.median, row + shift, shape, color=colour, markerfacecolor=fill, label=words, markersize=6)
            shown = True
    axes.set_yticks(range(len(chart.lines)), [_shortened(line.label) for line in chart.lines])
    axes.set_ylim(len(chart.lines) - 0.5, -0.5)
    axes.tick_params(length=0)
    _scale(axes, matplotlib, values)
    axes.set_xlabel(chart.axis)
    if len(series) > 1:
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncol=len(series), frameon=False, borderaxespad=0.2)
    return svg(matplotlib, figure, chart.title, chart.name)


def draw_curves(chart: Curves) -> str:
    matplotlib = library()
    figure, axes = matplotlib.pyplot.subplots(figsize=(6.2, 3.6))
    _plain_axes(axes)
    for index, (name, points) in enumerate(chart.curves.items()):
        ordered = list(points)  # By step: past the knee a curve bends back.
        colour, shape = _COLOURS[index % len(_COLOURS)], _SHAPES[index % len(_SHAPES)]
        x, y = [point.x for point in ordered], [point.y for point in ordered]
        axes.fill_between(x, [p.low for p in ordered], [p.high for p in ordered], color=colour, alpha=0.2, linewidth=0)
        axes.plot(x, y, marker=shape, color=colour, markersize=5, linewidth=1.6, label=_shortened(name))
    axes.set_xlabel(chart.x_axis)
    axes.set_ylabel(chart.y_axis)
    axes.set_xlim(left=0)
    # An interval may reach far above what was found; the curve is what is to be seen.
    axes.set_ylim(0, 1.4 * max(point.y for points in chart.curves.values() for point in points) or 1)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), ncol=1, frameon=False)
    return svg(matplotlib, figure, chart.title, chart.name)


@dataclass(frozen=True)
class Strip:
    """A figure over many machines."""

    label: str
    values: Mapping[str, float]
    outliers: frozenset[str]


@dataclass(frozen=True)
class Strips:
    title: str
    name: str
    axis: str
    rows: Sequence[Strip]


def draw_strips(chart: Strips) -> str:
    matplotlib = library()
    figure, axes = matplotlib.pyplot.subplots(figsize=(5.6, 0.34 * len(chart.rows) + 0.9))
    _plain_axes(axes)
    axes.axvline(1, color=INK, linewidth=0.8, alpha=0.5)
    for row, strip in enumerate(chart.rows):
        usual = [value for name, value in strip.values.items() if name not in strip.outliers]
        axes.plot(usual, [row] * len(usual), "o", color=_COLOURS[0], markersize=5, alpha=0.55)
        for name in sorted(strip.outliers):
            axes.plot(strip.values[name], row, "s", color=_COLOURS[1], markersize=7)
            axes.annotate(_shortened(name), (strip.values[name], row), (7, 0), textcoords="offset points", va="center")
    axes.set_yticks(range(len(chart.rows)), [_shortened(strip.label) for strip in chart.rows])
    axes.set_ylim(len(chart.rows) - 0.5, -0.5)
    axes.tick_params(length=0)
    axes.margins(x=0.15)
    axes.set_xlabel(chart.axis)
    return svg(matplotlib, figure, chart.title, chart.name)
