"""How single events are distributed, where a figure's samples are means of many: a histogram a cell, one panel for each initiator.

A median says nothing of the load in a thousand that takes a hundred times as long, and that is the one a user waits for. Both axes are
logarithmic, so that the bulk and the tail are seen in one picture: the bounds of the counts lie a twelfth of an octave apart, equally
wide here. The table beside it has what is most often asked of a tail, as the upper bound of the count that it falls in.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from pages.html import table
from pages.pictures import INK, library, svg
from pages.results import Bin, Measurement
from pages.words import number_in_words

_COLOURS = ("#2f86cc", "#d55e00", "#009e73", "#cc79a7", "#b58900", "#56b4e9", "#7f7f7f")
_STYLES = ("-", "--", ":", "-.")
_MOST_PANELS = 8
_SHARES = (0.5, 0.9, 0.99, 0.999, 0.9999)


def quantile(bins: Sequence[Bin], share: float) -> float:
    """The time below which this share of the events were, as the upper bound of its count."""
    total = sum(each.count for each in bins)
    below = 0
    for each in bins:
        below += each.count
        if below >= share * total:
            return each.high
    return bins[-1].high


def _outline(bins: Sequence[Bin]) -> tuple[list[float], list[float]]:
    """The steps of a histogram: times, and the share of events there. What no event fell into breaks the line."""
    total = sum(each.count for each in bins)
    x: list[float] = []
    y: list[float] = []
    for number, each in enumerate(bins):
        if number > 0 and each.low > bins[number - 1].high * 1.001:
            x.append(bins[number - 1].high)
            y.append(float("nan"))
        x += [each.low, each.high]
        y += [each.count / total] * 2
    return x, y


def _draw(panels: Sequence[tuple[int | None, Sequence[Measurement]]], title: str, name: str) -> str:
    matplotlib = library()
    figure, grid = matplotlib.pyplot.subplots(
        len(panels), 1, sharex=True, sharey=True, squeeze=False, figsize=(6.2, 1.7 * len(panels) + 1.0)
    )
    for axes, (initiator, items) in zip((row[0] for row in grid), panels):
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        axes.grid(True, color=INK, alpha=0.15, linewidth=0.6)
        for index, item in enumerate(items):
            x, y = _outline(item.histogram)
            colour, style = _COLOURS[index % len(_COLOURS)], _STYLES[index % len(_STYLES)]
            words = f"memory of node {item.target}" if item.target is not None else item.name
            axes.plot(x, y, linestyle=style, color=colour, linewidth=1.5, label=words)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(matplotlib.ticker.FuncFormatter(lambda value, _: f"{100 * value:g}%"))
        axes.set_ylabel("share of events")
        if initiator is not None:
            axes.set_title(f"CPUs of node {initiator}", loc="left", fontsize=10)
        axes.legend(loc="upper right", frameon=False, fontsize=9)
    last = grid[-1][0]
    last.set_xlabel(f"time of one event in {panels[0][1][0].unit}")
    last.xaxis.set_major_formatter(matplotlib.ticker.FuncFormatter(lambda value, _: f"{value:,.0f}"))
    return svg(matplotlib, figure, title, name)


def _row(item: Measurement) -> str:
    where = f"node {item.initiator} → node {item.target}" if item.target is not None else item.variant or item.name
    cells = [f"{sum(each.count for each in item.histogram):,}"]
    cells += [number_in_words(quantile(item.histogram, share)) for share in _SHARES]
    titles = ["events", *(f"{100 * share:g}% below" for share in _SHARES)]
    numbers = "".join(f'<td class="number" data-title="{title}">{cell}</td>' for title, cell in zip(titles, cells))
    return f'<tr><th scope="row" class="where">{escape(where)}</th>{numbers}</tr>'


def histograms(items: Sequence[Measurement], title: str, name: str) -> str:
    """Picture and table of those measurements that have a histogram; nothing where none has. @title is for people, unescaped."""
    having = [item for item in items if item.histogram]
    if not having:
        return ""
    by_initiator: dict[int | None, list[Measurement]] = {}
    for item in having:
        by_initiator.setdefault(item.initiator, []).append(item)
    panels = list(by_initiator.items())[:_MOST_PANELS]
    words = escape(f"{title}: how single events are distributed")
    left_out = len(by_initiator) - len(panels)
    note = f" The first {len(panels)} nodes are drawn, {left_out} more are in the table." if left_out else ""
    head = ["what", "#events", *(f"#{100 * share:g}% below" for share in _SHARES)]
    caption = f"Single events, {items[0].name} in {items[0].unit}: the time below which so many of them were."
    drawn = _draw(panels, words, name)
    return (
        f"<figure>{drawn}<figcaption>{words}; both axes are logarithmic.{note} The table has the tails.</figcaption></figure>"
        + table(caption, head, [_row(item) for item in having], "stack")
    )
