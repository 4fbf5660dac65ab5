"""A result folder, read strictly: what `numaproof` wrote as result.json, schema 1, as typed values.

The pairs of status and verdict that mean something are held to here as well: a file that says "skipped, pass" was not
written by the suite, and no report is made of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pages.problems import BadInput
from pages.reader import Place, read_json

SCHEMA = 1

# Anything else is not put into a command that somebody may copy.
COMMIT = re.compile("[0-9a-f]{7,40}")

VERDICTS = ("pass", "pass-soft-only", "fail", "inconclusive")
CHECK_VERDICTS = ("pass", "warn", "fail", "unknown", "not-applicable")
CASE_VERDICTS = ("pass", "fail", "inconclusive", "not-applicable")
STATES = ("converged", "not-converged", "misplaced", "not-run", "refused")
WEIGHTS = ("note", "pass-soft-only", "inconclusive", "fail")
PARTS = ("run", "case", "check", "figure", "claim", "part")
LEGAL_PAIRS = {
    ("ran", "pass"),
    ("ran", "fail"),
    ("ran", "inconclusive"),
    ("error", "inconclusive"),
    ("skipped", "not-applicable"),
}


@dataclass(frozen=True)
class Node:
    id: int
    cpus: str
    memory_bytes: int
    usable: bool


@dataclass(frozen=True)
class Emulation:
    machine: str
    accelerator: str
    qemu: str


@dataclass(frozen=True)
class Environment:
    started: str
    seconds: float
    command: list[str]
    emulated: Emulation | None
    nodes: list[Node]
    distances: list[list[int | None]]
    cpu_model: str
    kernel: str
    hypervisor: str
    commit: str  # Of the source; "unknown" where it is.
    facts: list[tuple[str, str]]  # Everything else, for the end of the page.


def arguments_to_repeat(environment: Environment) -> list[str]:
    """What follows `numaproof` in a command that does the same again, in the same machine."""
    arguments = list(environment.command[1:])
    if environment.emulated is None:
        return arguments
    return ["vm", "--machine", environment.emulated.machine, "--accel", "tcg", "--", *arguments]


@dataclass(frozen=True)
class Check:
    id: str
    title: str
    verdict: str
    value: str
    why: str
    fix: str


@dataclass(frozen=True)
class Clause:
    id: str
    level: str
    text: str
    verdict: str


@dataclass(frozen=True)
class Case:
    id: str
    meaning: str
    clauses: list[str]
    status: str
    verdict: str
    reason: str
    seconds: float


@dataclass(frozen=True)
class Conformance:
    implementation: str
    version: str
    clauses: list[Clause]
    cases: list[Case]
    seconds: float


@dataclass(frozen=True)
class Figure:
    """What a measurement came to."""

    median: float
    ci_low: float
    ci_high: float
    low: float
    p99: float
    mad: float  # How far samples lie from the median, in the middle.


@dataclass(frozen=True)
class Bin:
    """So many events took from @low up to @high."""

    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Measurement:
    name: str
    variant: str
    unit: str
    mode: str
    initiator: int | None
    target: int | None
    figure: Figure | None
    n: int
    outliers: int
    state: str
    reason: str
    noise: str  # What disturbed it; empty where nothing was seen to.
    source: str
    detail: str
    histogram: list[Bin]  # Of single events, ascending; empty where none were timed.


@dataclass(frozen=True)
class Claim:
    id: str
    text: str
    verdict: str
    reason: str


@dataclass(frozen=True)
class Counter:
    name: str
    source: str
    during: str
    value: float | None
    unit: str
    reason: str


@dataclass(frozen=True)
class Finding:
    """A reason for the verdict: what it weighs, what it is about, in words."""

    weight: str
    part: str
    id: str
    text: str


@dataclass(frozen=True)
class Result:
    folder: Path
    version: str
    environment: Environment
    checks: list[Check]
    conformance: Conformance | None
    measurements: list[Measurement]
    claims: list[Claim]
    counters: list[Counter]
    verdict: str
    reasons: list[str]
    findings: list[Finding]  # Empty in results of earlier versions, which have the reasons alone.


def _words(place: Place) -> str:
    """Any value as a line of text."""
    value = place.value
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(_words(item) for item in place.items())
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(item)}" for key, item in place.entries())
    return str(value)


def _emulation(place: Place) -> Emulation:
    return Emulation(place.at("machine").text(), place.at("accelerator").text(), place.at("qemu").text())


def _node(place: Place) -> Node:
    return Node(
        id=place.at("id").whole(),
        cpus=place.at("cpus").text(),
        memory_bytes=place.at("memory_bytes").whole(),
        usable=place.at("usable").flag(),
    )


def _distances(place: Place, nodes: int) -> list[list[int | None]]:
    rows = [[item.optional(Place.whole) for item in row.items()] for row in place.items()]
    if len(rows) != nodes or any(len(row) != nodes for row in rows):
        raise BadInput(f"{place.file}: {place.path}: expected {nodes} rows of {nodes}, one a node")
    return rows


_SHOWN_ELSEWHERE = {"started", "seconds", "command", "emulated", "nodes", "distances", "cpu_model", "kernel"}


def _facts(place: Place) -> list[tuple[str, str]]:
    facts = []
    for key, value in place.entries():
        if key in _SHOWN_ELSEWHERE:
            continue
        if isinstance(value.value, dict):
            facts += [(f"{key}: {name}", _words(item)) for name, item in value.entries()]
        else:
            facts.append((key, _words(value)))
    return facts


def _environment(place: Place) -> Environment:
    nodes = [_node(item) for item in place.at("nodes").items()]
    return Environment(
        started=place.at("started").text(),
        seconds=place.at("seconds").number(),
        command=[item.text() for item in place.at("command").items()],
        emulated=place.at("emulated").optional(_emulation),
        nodes=nodes,
        distances=_distances(place.at("distances"), len(nodes)),
        cpu_model=_words(place.at("cpu_model")),
        kernel=_words(place.at("kernel")),
        hypervisor=_words(place.at("hypervisor")),
        commit=_words(place.at("git").at("commit")),
        facts=_facts(place),
    )


def _check(place: Place) -> Check:
    return Check(
        id=place.at("id").text(),
        title=place.at("title").text(),
        verdict=place.at("verdict").choice(CHECK_VERDICTS),
        value=_words(place.at("value")),
        why=_words(place.at("why")),
        fix=_words(place.at("fix")),
    )


def _clause(place: Place) -> Clause:
    return Clause(
        id=place.at("id").text(),
        level=place.at("level").text(),
        text=place.at("text").text(),
        verdict=place.at("verdict").choice(CASE_VERDICTS),
    )


def _case(place: Place) -> Case:
    case = Case(
        id=place.at("id").text(),
        meaning=place.at("meaning").text(),
        clauses=[item.text() for item in place.at("clauses").items()],
        status=place.at("status").text(),
        verdict=place.at("verdict").choice(CASE_VERDICTS),
        reason=place.at("reason").text(),
        seconds=place.at("seconds").number(),
    )
    if (case.status, case.verdict) not in LEGAL_PAIRS:
        raise BadInput(
            f"{place.file}: {place.path}: status {case.status[:40]!r} with verdict {case.verdict!r} means nothing"
        )
    return case


def _conformance(place: Place) -> Conformance:
    return Conformance(
        implementation=place.at("implementation").text(),
        version=place.at("version").text(),
        clauses=[_clause(item) for item in place.at("clauses").items()],
        cases=[_case(item) for item in place.at("cases").items()],
        seconds=place.at("summary").at("seconds").number(),
    )


def _figure(place: Place) -> Figure | None:
    if place.at("median").value is None:
        return None
    numbers = [place.at(key).number() for key in ("median", "ci_low", "ci_high", "min", "p99", "mad")]
    return Figure(*numbers)


def _bin(place: Place) -> Bin:
    items = list(place.items())
    if len(items) != 3:
        raise BadInput(f"{place.file}: {place.path}: expected from, to and how many")
    made = Bin(items[0].number(), items[1].number(), items[2].whole())
    if not 0 < made.low < made.high or made.count < 1:
        raise BadInput(f"{place.file}: {place.path}: from {made.low:g} to {made.high:g}, {made.count}: is no count")
    return made


def _histogram(place: Place) -> list[Bin]:
    if "histogram" not in dict(place.entries()):
        return []
    bins = place.at("histogram").optional(lambda found: [_bin(item) for item in found.items()]) or []
    if any(after.low < before.high * 0.999 for before, after in zip(bins, bins[1:])):
        raise BadInput(f"{place.file}: {place.path}.histogram: its counts are not in ascending order")
    return bins


def _place_of(place: Place) -> int | None:
    number = place.optional(Place.whole)
    return None if number is None or number < 0 else number


def _measurement(place: Place) -> Measurement:
    measurement = Measurement(
        name=place.at("name").text(),
        variant=place.text_if_there("variant"),
        unit=place.at("unit").text(),
        mode=place.at("mode").text(),
        initiator=_place_of(place.at("initiator")),
        target=_place_of(place.at("target")),
        figure=_figure(place),
        n=place.at("n").whole(),
        outliers=place.at("outliers").whole(),
        state=place.at("state").choice(STATES),
        reason=place.at("reason").text(),
        noise=place.text_if_there("noise"),
        source=place.at("source").text(),
        detail=place.at("detail").text(),
        histogram=_histogram(place),
    )
    if (measurement.figure is not None) != (measurement.state in ("converged", "not-converged")):
        raise BadInput(f"{place.file}: {place.path}: state {measurement.state!r} and its figures contradict each other")
    return measurement


def _claim(place: Place) -> Claim:
    return Claim(
        id=place.at("id").text(),
        text=place.at("text").text(),
        verdict=place.at("verdict").choice(CASE_VERDICTS),
        reason=place.at("reason").text(),
    )


def _counter(place: Place) -> Counter:
    return Counter(
        name=place.at("name").text(),
        source=place.at("source").text(),
        during=place.text_if_there("during"),
        value=place.at("value").optional(Place.number),
        unit=place.at("unit").text(),
        reason=place.at("reason").text(),
    )


def _finding(place: Place) -> Finding:
    return Finding(
        weight=place.at("weight").choice(WEIGHTS),
        part=place.at("part").choice(PARTS),
        id=place.at("id").text(),
        text=place.at("text").text(),
    )


def read_result(folder: Path) -> Result:
    """The result of one folder. BadInput where there is none, or where it is not what it should be."""
    if not folder.is_dir():
        raise BadInput(f"{folder}: is no folder with results")
    place = read_json(folder / "result.json")
    schema = place.at("schema").whole()
    if schema != SCHEMA:
        raise BadInput(f"{place.file}: schema {schema} is not known here; this reads schema {SCHEMA}")
    return Result(
        folder=folder,
        version=place.at("version").text(),
        environment=_environment(place.at("environment")),
        checks=[_check(item) for item in place.at("checks").items()],
        conformance=place.at("conformance").optional(_conformance),
        measurements=[_measurement(item) for item in place.at("measurements").items()],
        claims=[_claim(item) for item in place.at("claims").items()],
        counters=[_counter(item) for item in place.at("counters").items()],
        verdict=place.at("verdict").at("verdict").choice(VERDICTS),
        reasons=[item.text() for item in place.at("verdict").at("reasons").items()],
        findings=[_finding(item) for item in place.at("verdict").items_if_there("findings")],
    )


def read_with_emulated(folder: Path) -> list[Result]:
    """A folder's result, then those of the emulated machines that were run with it, by name."""
    results = [read_result(folder)]
    emulated = folder / "emulated"
    if emulated.is_dir():
        results += [read_result(path) for path in sorted(emulated.iterdir()) if (path / "result.json").exists()]
    return results
