"""What changed between two runs beyond the noise.

Two figures differ when their 95% intervals do not overlap, and their medians by more than the least share that is asked for;
whether that is better or worse depends on the unit. Clauses and
checks are better or worse by their verdict. What only one run has is new or gone, which is neither. An emulated machine is
never compared with hardware: nothing would follow from it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pages.problems import BadInput
from pages.results import Measurement, Result
from pages.words import machine_name, number_in_words

WORSE, BETTER, NEW, GONE, SAME = "worse", "better", "new", "gone", "same"
ORDER = (WORSE, BETTER, NEW, GONE, SAME)

# Units of which less is better; of all others, more is.
_LESS_IS_BETTER = {"ns", "us", "ms", "s"}
_GOODNESS = {"fail": 0, "inconclusive": 1, "warn": 1, "unknown": 1, "not-applicable": 2, "pass": 2}


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


def _figure_kind(before: Measurement, after: Measurement, least: float) -> str:
    if before.figure is None or after.figure is None:
        both = before.figure is None and after.figure is None
        return SAME if both else WORSE if after.figure is None else BETTER
    if before.unit != after.unit:
        raise BadInput(f"{before.name} is in {before.unit} in one run and in {after.unit} in the other")
    if before.figure.ci_low <= after.figure.ci_high and after.figure.ci_low <= before.figure.ci_high:
        return SAME
    if abs(after.figure.median - before.figure.median) <= least * abs(before.figure.median):
        return SAME
    more = after.figure.median > before.figure.median
    return WORSE if more == (before.unit in _LESS_IS_BETTER) else BETTER


def _verdict_kind(before: str, after: str) -> str:
    difference = _GOODNESS[after] - _GOODNESS[before]
    return SAME if difference == 0 else BETTER if difference > 0 else WORSE


Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


def _pairs(before: Mapping[Key, Value], after: Mapping[Key, Value]) -> list[tuple[Key, Value | None, Value | None]]:
    keys = list(before) + [key for key in after if key not in before]
    return [(key, before.get(key), after.get(key)) for key in keys]


def _figures(machine: str, before: Result, after: Result, least: float) -> list[Change]:
    changes = []
    for key, old, new in _pairs(
        {(m.name, m.variant, m.mode, m.initiator, m.target): m for m in before.measurements},
        {(m.name, m.variant, m.mode, m.initiator, m.target): m for m in after.measurements},
    ):
        *words, initiator, target = key
        where = f" node {initiator} → node {target}" if target is not None else ""
        kind = NEW if old is None else GONE if new is None else _figure_kind(old, new, least)
        what = " ".join(str(word) for word in words if word) + where
        changes.append(Change(machine, what, kind, _figure_words(old), _figure_words(new)))
    return changes


def _verdicts(machine: str, before: Mapping[str, str], after: Mapping[str, str], what: str) -> list[Change]:
    changes = []
    for key, old, new in _pairs(before, after):
        kind = NEW if old is None else GONE if new is None else _verdict_kind(old, new)
        changes.append(Change(machine, f"{what} {key}", kind, old or "–", new or "–"))
    return changes


def _clauses(result: Result) -> dict[str, str]:
    return {} if result.conformance is None else {clause.id: clause.verdict for clause in result.conformance.clauses}


def _compare_machine(before: Result, after: Result, least: float) -> list[Change]:
    machine = machine_name(before)
    return [
        *_verdicts(machine, _clauses(before), _clauses(after), "clause"),
        *_figures(machine, before, after, least),
        *_verdicts(
            machine,
            {check.id: check.verdict for check in before.checks},
            {check.id: check.verdict for check in after.checks},
            "check",
        ),
    ]


def compare(before: Sequence[Result], after: Sequence[Result], least: float = 0.0) -> list[Change]:
    """All changes from the machines of one run to the same of another, what is the same among them."""
    if (before[0].environment.emulated is None) != (after[0].environment.emulated is None):
        raise BadInput(
            f"{before[0].folder} and {after[0].folder}: one is of an emulated machine and one of hardware; "
            "nothing follows from comparing them"
        )
    changes = []
    for name, old, new in _pairs({machine_name(r): r for r in before}, {machine_name(r): r for r in after}):
        if old is not None and new is not None:
            changes += _compare_machine(old, new, least)
        else:
            kind = NEW if old is None else GONE
            changes.append(Change(name, "machine", kind, old.verdict if old else "–", new.verdict if new else "–"))
    return changes
