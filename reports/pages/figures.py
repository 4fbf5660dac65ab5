"""The figures of a run: a picture where one says more than a table, and always the table.

What kind of picture fits follows from the figures themselves, so that a measurement that this program has never heard of is
shown as well as one that it knows. Figures from node to node are a matrix, from CPU to CPU too. The same figure in two modes is
a pair, side by side with both intervals and their ratio. A latency and a bandwidth of one load ("loaded ...", a step in the
variant's last words) are points of a curve. Everything else is a row of dots with intervals.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from pages import charts, pictures
from pages.histograms import histograms
from pages.html import folded, table, tag
from pages.results import Measurement, Result
from pages.words import number_in_words

_CPU_PAIR = re.compile(r"\bCPU (\d+)\D+?(\d+)\b")
_MOST_DOTS = 60
_CLAIM_ORDER = {"fail": 0, "inconclusive": 1, "pass": 2, "not-applicable": 3}


def place(item: Measurement) -> str:
    if item.initiator is not None and item.target is not None:
        return f"node {item.initiator} → node {item.target}"
    if item.initiator is not None:
        return f"CPUs of node {item.initiator}"
    return f"memory of node {item.target}" if item.target is not None else ""


def label(item: Measurement, with_mode: bool = True) -> str:
    """What tells a figure from the others of its name."""
    words = [item.variant, item.mode if with_mode else "", place(item)]
    return ", ".join(word for word in words if word) or item.name


def _field(measurement: Measurement | None) -> pictures.Field:
    if measurement is None:
        return pictures.Field(None, "–")
    if measurement.figure is None:
        return pictures.Field(None, measurement.state)
    mark = "" if measurement.state == "converged" else " *"
    return pictures.Field(measurement.figure.median, number_in_words(measurement.figure.median) + mark)


def _figure_of(drawn: str, words: str) -> str:
    star = " A * marks a figure whose interval is wider than was asked." if " *" in drawn else ""
    return f"<figure>{drawn}<figcaption>{words}{star} The table has the same numbers.</figcaption></figure>"


def _node_matrices(items: Sequence[Measurement], title: str, name: str) -> list[str]:
    """The cells from node to node, by what they measure. One cell alone is no matrix."""
    kinds: dict[tuple[str, str], list[Measurement]] = {}
    for item in items:
        if item.initiator is not None and item.target is not None:
            kinds.setdefault((item.variant, item.mode), []).append(item)
    drawn: list[str] = []
    for kind, group in kinds.items():
        if len(group) == 1:
            continue
        rows = sorted({item.initiator for item in group if item.initiator is not None})
        columns = sorted({item.target for item in group if item.target is not None})
        cells = {(item.initiator, item.target): item for item in group}
        words = escape(", ".join(word for word in (title, *kind) if word))
        heat = pictures.HeatMap(
            title=words,
            name=f"{name}-{len(drawn)}",
            unit=group[0].unit,
            rows=[f"node {row}" for row in rows],
            columns=[f"node {column}" for column in columns],
            fields=[[_field(cells.get((row, column))) for column in columns] for row in rows],
            row_axis="CPUs of (initiator)",
            column_axis="memory on (target)",
        )
        drawn.append(_figure_of(pictures.draw_heat_map(heat), f"{words}: median."))
    return drawn


def _cpu_matrix(items: Sequence[Measurement], title: str, name: str) -> list[str]:
    pairs: dict[tuple[int, int], Measurement] = {}
    for item in items:
        found = _CPU_PAIR.search(item.variant)
        if found:
            pairs[int(found[1]), int(found[2])] = item
    if len(pairs) < 2:
        return []
    cpus = sorted({cpu for pair in pairs for cpu in pair})
    words = escape(title)
    heat = pictures.HeatMap(
        title=words,
        name=name,
        unit=next(iter(pairs.values())).unit,
        rows=[str(cpu) for cpu in cpus],
        columns=[str(cpu) for cpu in cpus],
        fields=[[_field(pairs.get((row, column))) for column in cpus] for row in cpus],
        row_axis="from CPU",
        column_axis="to CPU",
    )
    return [_figure_of(pictures.draw_heat_map(heat), f"{words}: median.")]


def _dot(item: Measurement) -> charts.Dot | None:
    if item.figure is None:
        return None
    figure = item.figure
    return charts.Dot(figure.median, figure.ci_low, figure.ci_high, item.state == "converged")


def _pairs(items: Sequence[Measurement]) -> list[tuple[Measurement, Measurement]]:
    """Soft and strict of the same thing."""
    by_thing: dict[tuple[str, int | None, int | None], dict[str, Measurement]] = {}
    for item in items:
        by_thing.setdefault((item.variant, item.initiator, item.target), {})[item.mode] = item
    return [(modes["soft"], modes["strict"]) for modes in by_thing.values() if {"soft", "strict"} <= set(modes)]


def _ratio_words(soft: Measurement, strict: Measurement) -> str:
    """Strict over soft with the interval that the two intervals allow at worst."""
    if soft.figure is None or strict.figure is None or soft.figure.ci_low <= 0 or strict.figure.ci_low <= 0:
        return "–"
    low = strict.figure.ci_low / soft.figure.ci_high
    high = strict.figure.ci_high / soft.figure.ci_low
    return f"{strict.figure.median / soft.figure.median:.3g} [{low:.3g}, {high:.3g}]"


def _cell_words(item: Measurement) -> str:
    if item.figure is None:
        return f"{tag(item.state)} {escape(item.reason)}"
    figure = item.figure
    interval = f"[{number_in_words(figure.ci_low)}, {number_in_words(figure.ci_high)}]"
    mark = "" if item.state == "converged" else " *"
    return f'{number_in_words(figure.median)} {escape(item.unit)}{mark} <span class="soft">{interval}</span>'


def _modes(items: Sequence[Measurement], title: str, name: str) -> list[str]:
    """Hard against soft, side by side."""
    pairs = _pairs(items)
    if not pairs:
        return []
    rows = [
        f'<tr><th scope="row">{escape(label(soft, False))}</th><td>{_cell_words(soft)}</td><td>{_cell_words(strict)}</td>'
        f'<td class="number">{_ratio_words(soft, strict)}</td></tr>'
        for soft, strict in pairs
    ]
    words = escape(f"{title}, soft and hard mode side by side")
    drawn = ""
    lines = [charts.Line(label(soft, False), {"soft": _dot(soft), "hard": _dot(strict)}) for soft, strict in pairs]
    if any(dot for line in lines for dot in line.dots.values()) and len(lines) <= _MOST_DOTS:
        chart = charts.Lines(words, name, f"{items[0].name} in {items[0].unit}", lines)
        drawn = _figure_of(charts.draw_lines(chart), f"{words}: median with its 95% interval.")
    head = ["what", "soft", "hard", "#hard / soft"]
    caption = (
        "Hard against soft mode: median [95% interval]. The ratio's interval is the widest that the two allow: where it "
        "holds 1, no difference was shown."
    )
    return [drawn + table(caption, head, rows, "stack")]


def _dots(items: Sequence[Measurement], title: str, name: str) -> list[str]:
    lines = [charts.Line(label(item), {"": _dot(item)}) for item in items if item.figure is not None]
    if not 2 <= len(lines) <= _MOST_DOTS:
        return []
    words = escape(title)
    chart = charts.Lines(words, name, f"{items[0].name} in {items[0].unit}", lines)
    return [_figure_of(charts.draw_lines(chart), f"{words}: median with its 95% interval.")]


def _number(title: str, text: str) -> str:
    """A cell that names its column where the table is shown row by row, on a phone."""
    return f'<td class="number" data-title="{title}">{escape(text)}</td>'


def _row(item: Measurement) -> str:
    figure = item.figure
    numbers = (
        _number("median", f"{number_in_words(figure.median)} {item.unit}")
        + _number("95% interval", f"{number_in_words(figure.ci_low)} – {number_in_words(figure.ci_high)}")
        + _number("min", number_in_words(figure.low))
        + _number("p99", number_in_words(figure.p99))
        if figure
        else _number("median", "no figure") + "".join(_number(title, "–") for title in ("95% interval", "min", "p99"))
    )
    notes = "; ".join(text for text in (item.reason, item.noise and f"noisy: {item.noise}", item.detail) if text)
    return (
        f'<tr><th scope="row" class="where">{escape(label(item))}</th>{numbers}{_number("samples", str(item.n))}'
        f"<td>{tag(item.state)}{' ' + tag('noisy') if item.noise else ''}</td></tr>"
        + (f'<tr class="notes"><td colspan="7">{escape(notes)}</td></tr>' if notes else "")
    )


def _split_step(item: Measurement) -> tuple[str, str]:
    """A load's variant is what is loaded and then, after the last comma, the step."""
    what, comma, step = item.variant.rpartition(", ")
    return (what, step) if comma else ("", item.variant)


def _curves(result: Result, name: str) -> str:
    """Latency over bandwidth while other threads load the memory."""
    loaded = [item for item in result.measurements if item.name.startswith("loaded")]
    bandwidths = {
        (item.variant, item.mode, item.initiator, item.target): item for item in loaded if item.unit.endswith("B/s")
    }
    curves: dict[str, list[charts.Point]] = {}
    for item in loaded:
        against = bandwidths.get((item.variant, item.mode, item.initiator, item.target))
        if item.unit.endswith("B/s") or against is None or item.figure is None or against.figure is None:
            continue
        what = ", ".join(word for word in (_split_step(item)[0], item.mode, place(item)) if word) or "all"
        curves.setdefault(what, []).append(
            charts.Point(against.figure.median, item.figure.median, item.figure.ci_low, item.figure.ci_high)
        )
    if not any(len(points) > 1 for points in curves.values()):
        return ""
    units = [next(item.unit for item in loaded if item.unit.endswith("B/s"))]
    units.append(next(item.unit for item in loaded if not item.unit.endswith("B/s")))
    chart = charts.Curves(
        "Latency under load", f"{name}-load", f"bandwidth in {units[0]}", f"latency in {units[1]}", curves
    )
    drawn = charts.draw_curves(chart)
    return "<h4>Latency under load</h4>" + _figure_of(
        drawn, "Latency of one thread over the bandwidth that the others draw: median, 95% interval."
    )


def _kind(items: Sequence[Measurement], name: str, is_curve: bool) -> str:
    kind, unit = items[0].name, items[0].unit
    title = f"{kind[:1].upper()}{kind[1:]}" + ("" if "ratio" in kind else f" in {unit}")
    drawn = _modes(items, title, f"{name}-modes")
    if not drawn and not is_curve:
        drawn = _cpu_matrix(items, title, name) or _node_matrices(items, title, name) or _dots(items, title, name)
    head = ["what", "#median", "#95% interval", "#min", "#p99", "#samples", "state"]
    caption = f"{title}: median with its 95% interval; others print the minimum. Counted by {items[0].source}."
    whole = table(caption, head, [_row(item) for item in items], "stack")
    many = len(items) > 12 and drawn
    return (
        f"<h4>{escape(title)}</h4>"
        + f'<div class="pictures">{"".join(drawn)}</div>'
        + histograms(items, title, f"{name}-events")
        + (folded(f"All {len(items)} figures", whole) if many else whole)
    )


def _claims(result: Result) -> str:
    rows = [
        f'<tr><th scope="row">{escape(claim.text)}</th><td>{tag(claim.verdict)}</td><td>{escape(claim.reason)}</td></tr>'
        for claim in sorted(result.claims, key=lambda claim: _CLAIM_ORDER[claim.verdict])
    ]
    return (
        table("Claims that the figures must bear out", ["claim", "verdict", "numbers"], rows, "stack") if rows else ""
    )


def figures_section(result: Result, name: str) -> str:
    if not result.measurements:
        return ""
    emulated = result.environment.emulated is not None
    note = (
        '<p class="emulated">Figures of an emulated machine: they say nothing about hardware.</p>' if emulated else ""
    )
    kinds = list(dict.fromkeys((item.name, item.unit) for item in result.measurements))
    curves = _curves(result, name)
    parts = [f'<h3 id="{name}-figures">Figures</h3>{note}', _claims(result), curves]
    for number, kind in enumerate(kinds):
        items = [item for item in result.measurements if (item.name, item.unit) == kind]
        parts.append(_kind(items, f"{name}-k{number}", bool(curves) and kind[0].startswith("loaded")))
    return "".join(parts)
