"""What changed between two runs beyond the noise.

Two figures differ when their 95% intervals do not overlap, and their medians by more than the least share that is asked for and
by more than samples of one run scatter: an interval tells how well a run knows its own median, and nothing of how the next run
will find the machine. Whether a difference is better or worse depends on the unit. Clauses and checks are better or worse by their
verdict. What only one run has is new or gone, which is neither, and so is what only one run could test: a skip is no pass. But a
machine that has lost a node, CPUs of one or memory of one is worse, though all figures of what is left be the same. An emulated machine is never compared with hardware, and the
figures of one that was only run beside hardware are not compared at all: nothing would follow from either.
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pages.problems import BadInput
from pages.results import Measurement, Node, Result
from pages.words import bytes_in_words, machine_name, number_in_words

WORSE, BETTER, NEW, GONE, UNSURE, SAME = "worse", "better", "new", "gone", "unsure", "same"
ORDER = (WORSE, BETTER, NEW, GONE, UNSURE, SAME)

# With fewer samples no two of them hold the median between them with 95%: nothing can be told.
FEWEST_SAMPLES = 6

LEAST_CHANGE = 0.05

# Three standard deviations of a sample, from the median absolute deviation.
_SCATTER = 3 * 1.4826

# Units of which less is better; of all others, more is.
_LESS_IS_BETTER = {"ns", "us", "ms", "s", "pages", "%"}
_GOODNESS = {"fail": 0, "inconclusive": 1, "warn": 1, "unknown": 1, "pass": 2}
_NOT_TESTED = "not-applicable"


@dataclass(frozen=True)
class Change:
    machine: str
    what: str
    kind: str
    before: str
    after: str


def _figure_words(item: Measurement | None) -> str:
    if item is None:
        return "–"
    if item.figure is None:
        return item.state
    figure = item.figure
    interval = f"[{number_in_words(figure.ci_low)}, {number_in_words(figure.ci_high)}]"
    return f"{number_in_words(figure.median)} {item.unit} {interval}"


def is_worse(unit: str, value: float, than: float) -> bool:
    return (value > than) == (unit in _LESS_IS_BETTER)


def _figure_kind(before: Measurement, after: Measurement, least: float) -> str:
    if before.figure is None or after.figure is None:
        both = before.figure is None and after.figure is None
        return SAME if both else WORSE if after.figure is None else BETTER
    if min(before.n, after.n) < FEWEST_SAMPLES:
        return UNSURE
    if before.figure.ci_low <= after.figure.ci_high and after.figure.ci_low <= before.figure.ci_high:
        return SAME
    scatter = _SCATTER * math.hypot(before.figure.mad, after.figure.mad)
    if abs(after.figure.median - before.figure.median) <= max(least * abs(before.figure.median), scatter):
        return SAME
    return WORSE if is_worse(before.unit, after.figure.median, before.figure.median) else BETTER


def _verdict_kind(before: str, after: str) -> str:
    if _NOT_TESTED in (before, after):
        return SAME if before == after else GONE if after == _NOT_TESTED else WORSE if after == "fail" else NEW
    difference = _GOODNESS[after] - _GOODNESS[before]
    return SAME if difference == 0 else BETTER if difference > 0 else WORSE


Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


def _pairs(before: Mapping[Key, Value], after: Mapping[Key, Value]) -> list[tuple[Key, Value | None, Value | None]]:
    keys = list(before) + [key for key in after if key not in before]
    return [(key, before.get(key), after.get(key)) for key in keys]


FigureKey = tuple[str, str, str, str, int | None, int | None]


def figures_by_key(result: Result) -> dict[FigureKey, Measurement]:
    """Told apart by unit too: a load has a latency and a bandwidth under one name."""
    return {(m.name, m.variant, m.mode, m.unit, m.initiator, m.target): m for m in result.measurements}


def figure_name(key: FigureKey) -> str:
    name, variant, mode, _, initiator, target = key
    words = [name, variant, mode, f"node {initiator}" if initiator is not None else ""]
    return " ".join(word for word in words if word) + (f" → node {target}" if target is not None else "")


def _figures(machine: str, before: Result, after: Result, least: float) -> list[Change]:
    changes = []
    for key, old, new in _pairs(figures_by_key(before), figures_by_key(after)):
        kind = NEW if old is None else GONE if new is None else _figure_kind(old, new, least)
        changes.append(Change(machine, figure_name(key), kind, _figure_words(old), _figure_words(new)))
    return changes


def figures_compared(before: Result, after: Result) -> int:
    """How many figures both runs know well enough to say anything of a change."""
    old, new = figures_by_key(before), figures_by_key(after)
    return sum(
        all(item.figure is not None and item.n >= FEWEST_SAMPLES for item in (old[key], new[key]))
        for key in old.keys() & new.keys()
    )


def _verdicts(machine: str, before: Mapping[str, str], after: Mapping[str, str], what: str) -> list[Change]:
    changes = []
    for key, old, new in _pairs(before, after):
        kind = NEW if old is None else GONE if new is None else _verdict_kind(old, new)
        changes.append(Change(machine, f"{what} {key}", kind, old or "–", new or "–"))
    return changes


def clauses_of(result: Result) -> dict[str, str]:
    return {} if result.conformance is None else {clause.id: clause.verdict for clause in result.conformance.clauses}


def _cpu_count(cpus: str) -> int:
    ranges = re.findall(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", cpus)
    return sum(int(last or first) - int(first) + 1 for first, last in ranges)


def _node_words(node: Node | None) -> str:
    if node is None:
        return "–"
    cpus = f"CPUs {node.cpus}" if node.cpus else "no CPUs"
    return f"{cpus}, {bytes_in_words(node.memory_bytes)}{'' if node.usable else ', outside the cpuset'}"


def _node_kind(before: Node, after: Node, least: float) -> str:
    pairs = [
        (_cpu_count(before.cpus), _cpu_count(after.cpus)),
        (int(before.usable), int(after.usable)),
        (before.memory_bytes, after.memory_bytes),
    ]
    if any(new < old * (1 - least) for old, new in pairs):
        return WORSE
    return BETTER if any(new > old * (1 + least) for old, new in pairs) else SAME


def _nodes(machine: str, before: Result, after: Result, least: float) -> list[Change]:
    changes = []
    of_before, of_after = ({node.id: node for node in result.environment.nodes} for result in (before, after))
    for number, old, new in _pairs(of_before, of_after):
        kind = NEW if old is None else WORSE if new is None else _node_kind(old, new, least)
        changes.append(Change(machine, f"node {number}", kind, _node_words(old), _node_words(new)))
    return changes


def _compare_machine(before: Result, after: Result, least: float, with_figures: bool) -> list[Change]:
    machine = machine_name(before)
    return [
        *_nodes(machine, before, after, least),
        *_verdicts(machine, clauses_of(before), clauses_of(after), "clause"),
        *(_figures(machine, before, after, least) if with_figures else []),
        *_verdicts(
            machine,
            {check.id: check.verdict for check in before.checks},
            {check.id: check.verdict for check in after.checks},
            "check",
        ),
    ]


def _by_machine(results: Sequence[Result]) -> dict[str, Result]:
    """A run's own machine has no name here: it is compared with the other's own, whatever that is called."""
    return {"" if index == 0 else machine_name(result): result for index, result in enumerate(results)}


def compare(before: Sequence[Result], after: Sequence[Result], least: float = LEAST_CHANGE) -> list[Change]:
    """All changes from the machines of one run to the same of another, what is the same among them."""
    if (before[0].environment.emulated is None) != (after[0].environment.emulated is None):
        raise BadInput(
            f"{before[0].folder} and {after[0].folder}: one is of an emulated machine and one of hardware; "
            "nothing follows from comparing them"
        )
    changes = []
    for name, old, new in _pairs(_by_machine(before), _by_machine(after)):
        if old is not None and new is not None:
            beside_hardware = old.environment.emulated is not None and before[0].environment.emulated is None
            changes += _compare_machine(old, new, least, not beside_hardware)
        else:
            kind = NEW if old is None else GONE
            changes.append(
                Change(
                    name or machine_name(before[0]),
                    "machine",
                    kind,
                    old.verdict if old else "–",
                    new.verdict if new else "–",
                )
            )
    return changes
