"""Pictures, drawn by matplotlib as SVG that takes the page's colours.

Text and lines are drawn in one colour that is then replaced by the page's own (currentColor), so that a picture is as
readable on a dark page as on a light one and on paper. Fields of a heat map carry their number, in black or white by
what their colour is; the palette (cividis) reads the same for people who do not tell red from green.
"""

from __future__ import annotations

import importlib
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from typing import Any

from pages.problems import Problem

INK = "#010203"


@contextmanager
def drawing() -> Iterator[None]:
    """matplotlib writes a cache into the user's home; here it gets a folder that goes when the work is done."""
    folder = tempfile.mkdtemp(prefix="numaproof-matplotlib-")
    before = os.environ.get("MPLCONFIGDIR")
    os.environ["MPLCONFIGDIR"] = folder
    try:
        yield
    finally:
        if before is None:
            del os.environ["MPLCONFIGDIR"]
        else:
            os.environ["MPLCONFIGDIR"] = before
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _without_news_of_fonts() -> Iterator[None]:
    """matplotlib says so where it looks for fonts for more than 5 s (3.6), as on a slow machine; nobody need do anything."""
    log = logging.getLogger("matplotlib.font_manager")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


def library() -> Any:
    """matplotlib, set up once it is needed: importing it takes longer than everything else here."""
    try:
        matplotlib = importlib.import_module("matplotlib")
        with _without_news_of_fonts():
            importlib.import_module("matplotlib.pyplot")
    except ImportError as error:
        raise Problem("matplotlib is missing: apt-get install python3-matplotlib") from error
    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.fonttype": "none", "font.size": 10, "text.parse_math": False, "text.color": INK})
    matplotlib.rcParams.update({"axes.edgecolor": INK, "axes.labelcolor": INK})
    matplotlib.rcParams.update({"xtick.color": INK, "ytick.color": INK})
    return matplotlib


def svg(matplotlib: Any, figure: Any, title: str, name: str) -> str:
    """The figure as an inline SVG element with a title for those who cannot see it."""
    matplotlib.rcParams["svg.hashsalt"] = name
    out = StringIO()
    figure.savefig(out, format="svg", transparent=True, bbox_inches="tight", metadata={"Date": None, "Creator": None})
    matplotlib.pyplot.close(figure)
    text = out.getvalue()
    text = text[text.index("<svg") :].replace(INK, "currentColor")
    # Names are shared by all pictures of a page: each gets its own.
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'(xlink:href="#|url\(#)', rf"\g<1>{name}-", text)
    # Measured with the font that comes with matplotlib, shown with the page's.
    text = re.sub(r"font: (\S+ )?(\S+px) [^;\"]*", r"font: \g<1>\g<2> system-ui, sans-serif", text)
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    return re.sub(r"<svg ", f'<svg role="img" aria-label="{title}" ', text, count=1)


@dataclass(frozen=True)
class Field:
    """A field of a heat map: its value and what stands in it; None where there is no figure."""

    value: float | None
    text: str


@dataclass(frozen=True)
class HeatMap:
    """A matrix of figures from a row's thing to a column's, most often from initiator to target."""

    title: str
    name: str
    unit: str
    rows: Sequence[str]
    columns: Sequence[str]
    fields: Sequence[Sequence[Field]]
    row_axis: str
    column_axis: str


def draw_heat_map(picture: HeatMap) -> str:
    matplotlib = library()
    size = 1.15 if len(picture.columns) <= 8 else 0.62
    figure, axes = matplotlib.pyplot.subplots(
        figsize=(size * len(picture.columns) + 2.2, 0.72 * size * len(picture.rows) + 1.2)
    )
    values = [[float("nan") if field.value is None else field.value for field in row] for row in picture.fields]
    known = [field.value for row in picture.fields for field in row if field.value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    # A difference of a few percent is noise and must not look like a contrast: the scale spans a fifth at least.
    span = max(high - low, 0.2 * high, 1e-9)
    colours = matplotlib.colormaps["cividis"]
    image = axes.pcolormesh(values, cmap=colours, vmin=low, vmax=low + span)
    axes.invert_yaxis()
    for y, row in enumerate(picture.fields):
        for x, field in enumerate(row):
            red, green, blue, _ = colours((field.value - low) / span) if field.value is not None else (1, 1, 1, 1)
            bright = 0.299 * red + 0.587 * green + 0.114 * blue > 0.5
            colour = INK if field.value is None else "#000000" if bright else "#ffffff"
            axes.text(x + 0.5, y + 0.5, field.text, ha="center", va="center", color=colour)
    axes.set_xticks([x + 0.5 for x in range(len(picture.columns))], picture.columns)
    axes.set_yticks([y + 0.5 for y in range(len(picture.rows))], picture.rows)
    axes.set_xlabel(picture.column_axis)
    axes.set_ylabel(picture.row_axis)
    axes.tick_params(length=0)
    figure.colorbar(image, ax=axes, label=picture.unit, fraction=0.08, pad=0.04)
    return svg(matplotlib, figure, picture.title, picture.name)


@dataclass(frozen=True)
class NodeBox:
    """A node in the picture of a machine."""

    id: int
    cpus: str
    memory: str


def draw_nodes(nodes: Sequence[NodeBox], title: str, name: str) -> str:
    """The machine as boxes, where no picture of hwloc's came with the results."""
    matplotlib = library()
    columns = min(4, len(nodes))
    rows = -(-len(nodes) // columns)
    figure, axes = matplotlib.pyplot.subplots(figsize=(2.1 * columns, 1.25 * rows))
    for index, node in enumerate(nodes):
        x, y = index % columns, rows - 1 - index // columns
        axes.add_patch(
            matplotlib.patches.FancyBboxPatch(
                (x + 0.06, y + 0.1), 0.88, 0.8, boxstyle="round,pad=0,rounding_size=0.06", fill=False, edgecolor=INK
            )
        )
        axes.text(x + 0.5, y + 0.7, f"node {node.id}", ha="center", va="center", weight="bold")
        axes.text(x + 0.5, y + 0.47, node.cpus, ha="center", va="center", size=9)
        axes.text(x + 0.5, y + 0.27, node.memory, ha="center", va="center", size=9)
    axes.set_xlim(0, columns)
    axes.set_ylim(0, rows)
    axes.axis("off")
    return svg(matplotlib, figure, title, name)
