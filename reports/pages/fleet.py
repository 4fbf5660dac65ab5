"""A fleet of machines that should be alike: which is not like the others, by node and figure.

What is normal is the median over the fleet, and how far machines may lie from it is how far most of them do (the median absolute
deviation): one bad machine, or a few, move neither. An outlier lies farther from the median than five standard deviations of the
fleet and than the least share that is asked for, and its own interval does not reach back. Clauses, checks and what a machine is
made of are held against what most of the fleet has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from pages.comparison import BETTER, FEWEST_SAMPLES, WORSE, FigureKey, clauses_of, figure_name, figures_by_key, is_worse
from pages.problems import BadInput
from pages.results import Measurement, Result
from pages.words import bytes_in_words, number_in_words

LEAST_MACHINES = 3
LEAST_CHANGE = 0.10
_FLEET_SCATTER = 5 * 1.4826
_SEVERITY = {"fail": 0, "inconclusive": 1, "warn": 1, "unknown": 2, "not-applicable": 2, "pass": 3}


@dataclass(frozen=True)
class Outlier:
    machine: str
    what: str
    kind: str  # WORSE or BETTER
    seen: str
    fleet: str


@dataclass(frozen=True)
class Spread:
    """A figure over the fleet."""

    key: FigureKey
    unit: str
    middle: float
    values: dict[str, float]  # By machine.
    outliers: frozenset[str]


@dataclass
class Fleet:
    machines: list[str]
    verdicts: dict[str, str]
    outliers: list[Outlier] = field(default_factory=list)
    spreads: list[Spread] = field(default_factory=list)
    compared: int = 0


def _names(folders: Sequence[Path]) -> list[str]:
    """Each folder's name; as much of its path as tells it from the others."""
    for parts in range(1, 20):
        names = ["/".join(folder.absolute().parts[-parts:]) for folder in folders]
        if len(set(names)) == len(names):
            return names
    raise BadInput("a folder is named twice")


def _lack(item: Measurement | None) -> str:
    """Why a machine has no figure that can be held against the others'; empty where it has one."""
    if item is None:
        return "not measured"
    if item.figure is None:
        return f"{item.state}: {item.reason}" if item.reason else item.state
    return f"{item.n} samples, too few to tell" if item.n < FEWEST_SAMPLES else ""


def _add_figure(fleet: Fleet, key: FigureKey, items: dict[str, Measurement], least: float) -> None:
    figures = {n: item.figure for n, item in items.items() if item.figure is not None and item.n >= FEWEST_SAMPLES}
    if len(figures) >= LEAST_MACHINES and len(figures) > len(fleet.machines) / 2:
        for name in fleet.machines:
            lack = _lack(items.get(name))
            if lack:
                fleet.outliers.append(Outlier(name, figure_name(key), WORSE, lack, "a figure"))
    if len(figures) < LEAST_MACHINES:
        return
    fleet.compared += 1
    unit = next(iter(items.values())).unit
    middle = median(figure.median for figure in figures.values())
    scatter = median(abs(figure.median - middle) for figure in figures.values())
    allowed = max(_FLEET_SCATTER * scatter, least * abs(middle))
    out = set()
    for name, figure in figures.items():
        nearest = min(max(middle, figure.ci_low), figure.ci_high)
        if abs(figure.median - middle) <= allowed or abs(nearest - middle) <= _FLEET_SCATTER * scatter:
            continue
        out.add(name)
        kind = WORSE if is_worse(unit, figure.median, middle) else BETTER
        times = f", {figure.median / middle:.2f} times" if middle else ""
        seen = f"{number_in_words(figure.median)} {unit}{times}"
        fleet.outliers.append(Outlier(name, figure_name(key), kind, seen, f"{number_in_words(middle)} {unit}"))
    values = {name: figure.median for name, figure in figures.items()}
    fleet.spreads.append(Spread(key, unit, middle, values, frozenset(out)))


def _add_words(fleet: Fleet, what: str, words: dict[str, str]) -> None:
    """What is a word on each machine: those that differ from most, where most agree."""
    fleet.compared += 1
    usual, count = Counter(words.values()).most_common(1)[0]
    if count <= len(words) / 2:
        return
    for name, word in words.items():
        if word != usual:
            better = word in _SEVERITY and usual in _SEVERITY and _SEVERITY[word] > _SEVERITY[usual]
            fleet.outliers.append(Outlier(name, what, BETTER if better else WORSE, word, usual))


def _made_of(result: Result) -> dict[str, str]:
    """What a machine is made of, as far as like machines have it alike. Memory differs by what firmware takes: in GiB."""
    environment = result.environment
    made = {"processor": environment.cpu_model, "kernel": environment.kernel, "nodes": str(len(environment.nodes))}
    for node in environment.nodes:
        made[f"node {node.id} CPUs"] = node.cpus or "none"
        made[f"node {node.id} memory"] = bytes_in_words(round(node.memory_bytes / (1 << 28)) << 28)
    return made


def examine_fleet(folders: Sequence[Path], results: Sequence[Result], least: float = LEAST_CHANGE) -> Fleet:
    """All that is unlike in a fleet, worst machine first."""
    if len(results) < LEAST_MACHINES:
        raise BadInput(f"a fleet is {LEAST_MACHINES} machines or more, not {len(results)}")
    if len({result.environment.emulated is None for result in results}) > 1:
        raise BadInput("some of these machines are emulated and some are not; nothing follows from comparing them")
    names = _names(folders)
    of = dict(zip(names, results))
    fleet = Fleet(names, {name: result.verdict for name, result in of.items()})
    _add_words(fleet, "verdict", fleet.verdicts)
    tables: list[tuple[str, dict[str, dict[str, str]]]] = [
        ("", {name: _made_of(result) for name, result in of.items()}),
        ("clause ", {name: clauses_of(result) for name, result in of.items()}),
        ("check ", {name: {c.id: c.verdict for c in result.checks} for name, result in of.items()}),
    ]
    for title, table in tables:
        for key in dict.fromkeys(key for words in table.values() for key in words):
            _add_words(fleet, f"{title}{key}", {name: words.get(key, "not there") for name, words in table.items()})
    figures = {name: figures_by_key(result) for name, result in of.items()}
    for figure in dict.fromkeys(key for items in figures.values() for key in items):
        _add_figure(fleet, figure, {n: items[figure] for n, items in figures.items() if figure in items}, least)
    counts = Counter(outlier.machine for outlier in fleet.outliers if outlier.kind == WORSE)
    fleet.outliers.sort(key=lambda outlier: (outlier.kind != WORSE, -counts[outlier.machine], outlier.machine))
    return fleet
