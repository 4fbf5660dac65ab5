"""The page: one HTML file that stands alone, with everything that people need to act on a result, and to file it.

What matters most comes first: the verdict, its reasons, the machine, what to mend. Then the evidence, clause by clause and
figure by figure; the environment comes last. Each machine has a part of its own, and emulated ones say so wherever their
figures stand. No script, no network; what comes from result files is escaped, and pictures that come from them are shown as
images, which cannot reach into the page.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from pathlib import Path

from pages import pictures
from pages.results import Case, Check, Clause, Conformance, Measurement, Result
from pages.words import TONES, VERDICT_WORDS, bytes_in_words, machine_in_words, machine_name, number_in_words

_STYLE = Path(__file__).with_name("style.css")
_MOST_PICTURE_BYTES = 4 << 20


def _tag(word: str) -> str:
    return f'<span class="tag {TONES.get(word, "none")}">{escape(word)}</span>'


def _table(caption: str, head: Sequence[str], rows: Sequence[str], kind: str = "") -> str:
    cells = "".join(f'<th scope="col"{_number_class(title)}>{escape(title.strip("#"))}</th>' for title in head)
    return (
        f'<div class="scroll"><table class="{kind}"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{cells}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _number_class(title: str) -> str:
    return ' class="number"' if title.startswith("#") else ""


def _verdict(result: Result) -> str:
    word, meaning = VERDICT_WORDS[result.verdict]
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in result.reasons)
    return (
        f'<div class="verdict {TONES[result.verdict]}" role="status"><strong>{word}</strong>'
        f"<p>{escape(meaning)}</p><ul>{reasons}</ul></div>"
    )


def _picture_file(result: Result) -> str | None:
    """hwloc's picture of the machine, as an image: what is in it can do nothing there."""
    path = result.folder / "topology.svg"
    try:
        if not path.is_file() or path.stat().st_size > _MOST_PICTURE_BYTES:
            return None
        data = base64.b64encode(path.read_bytes()).decode("ascii")
    except OSError:
        return None
    return f'<img alt="{escape(machine_in_words(result))}, drawn by hwloc" src="data:image/svg+xml;base64,{data}">'


def _machine(result: Result, name: str) -> str:
    environment = result.environment
    words = machine_in_words(result)
    picture = _picture_file(result)
    if picture is None:
        boxes = [
            pictures.NodeBox(
                node.id,
                f"CPUs {node.cpus}" if node.cpus else "no CPUs",
                bytes_in_words(node.memory_bytes) if node.memory_bytes else "no memory",
            )
            for node in environment.nodes
        ]
        picture = pictures.draw_nodes(boxes, escape(words), f"{name}-nodes") if boxes else ""
    head = ["node", "CPUs", "#memory", *(f"#to {node.id}" for node in environment.nodes)]
    rows = []
    for node, distances in zip(environment.nodes, environment.distances):
        cells = "".join(f'<td class="number">{"?" if item is None else item}</td>' for item in distances)
        memory = bytes_in_words(node.memory_bytes) if node.memory_bytes else "none"
        limits = "" if node.usable else " (outside the cpuset)"
        rows.append(
            f'<tr><th scope="row">{node.id}{limits}</th><td>{escape(node.cpus) or "none"}</td>'
            f'<td class="number">{memory}</td>{cells}</tr>'
        )
    return (
        f'<h3 id="{name}-machine">The machine</h3><p>{escape(words)}.</p>'
        f"<figure>{picture}</figure>{_table('Nodes, and the distances that the firmware declares', head, rows)}"
    )


_CHECK_ORDER = {"fail": 0, "warn": 1, "unknown": 2, "pass": 3, "not-applicable": 4}


def _check(check: Check) -> str:
    wrong = check.verdict in ("fail", "warn", "unknown")
    why = f"<div>{escape(check.why)}</div>" if wrong and check.why else ""
    fix = f'<div class="fix">Mend: <code>{escape(check.fix)}</code></div>' if wrong and check.fix else ""
    return (
        f'<tr><th scope="row">{escape(check.title)}</th><td>{_tag(check.verdict)}</td>'
        f"<td>{escape(check.value)}{why}{fix}</td></tr>"
    )


def _checks(result: Result, name: str) -> str:
    if not result.checks:
        return ""
    ordered = sorted(result.checks, key=lambda check: _CHECK_ORDER[check.verdict])
    table = _table("What to mend first", ["check", "verdict", "found"], [_check(check) for check in ordered], "stack")
    return f'<h3 id="{name}-checks">Checks before the tests</h3>{table}'


def _case(case: Case) -> str:
    reason = f'<p class="reason">{escape(case.reason)}</p>' if case.reason else ""
    word = case.verdict if case.status == "ran" else case.status
    return (
        f'<div class="case">{_tag(word)} <code>{escape(case.id)}</code> <span class="soft">{case.seconds:.2f} s</span>'
        f"<p>{escape(case.meaning)}</p>{reason}</div>"
    )


def _clause(clause: Clause, cases: Sequence[Case]) -> str:
    wrong = " open" if clause.verdict == "fail" else ""
    inside = "".join(_case(case) for case in cases) or '<p class="soft">No case tests it yet.</p>'
    return (
        f'<details{wrong}><summary><span class="id">{escape(clause.id)}</span>{_tag(clause.verdict)}'
        f"<span>{escape(clause.text)}</span></summary>{inside}</details>"
    )


_CLAUSE_ORDER = {"fail": 0, "inconclusive": 1, "pass": 2, "not-applicable": 3}


def _conformance(conformance: Conformance | None, name: str) -> str:
    if conformance is None:
        return ""
    counts = {verdict: 0 for verdict in _CLAUSE_ORDER}
    for clause in conformance.clauses:
        counts[clause.verdict] += 1
    tally = "".join(f"<li>{_tag(verdict)} {count}</li>" for verdict, count in counts.items() if count)
    clauses = sorted(conformance.clauses, key=lambda clause: _CLAUSE_ORDER[clause.verdict])
    parts = [_clause(clause, [case for case in conformance.cases if clause.id in case.clauses]) for clause in clauses]
    return (
        f'<h3 id="{name}-conformance">Conformance, clause by clause</h3>'
        f"<p>{escape(conformance.implementation)} {escape(conformance.version)}: {len(conformance.cases)} cases in "
        f"{conformance.seconds:.1f} s. A clause that is not applicable here was not tested, and is no pass.</p>"
        f'<ul class="tally">{tally}</ul>{"".join(parts)}'
    )


def _field(measurement: Measurement | None) -> pictures.Field:
    if measurement is None:
        return pictures.Field(None, "–")
    if measurement.figure is None:
        return pictures.Field(None, measurement.state)
    mark = "" if measurement.state == "converged" else " *"
    return pictures.Field(measurement.figure.median, number_in_words(measurement.figure.median) + mark)


def _matrix(measurements: Sequence[Measurement], title: str, name: str) -> str:
    rows = sorted({item.initiator for item in measurements if item.initiator is not None})
    columns = sorted({item.target for item in measurements if item.target is not None})
    cells = {(item.initiator, item.target): item for item in measurements}
    fields = [[_field(cells.get((row, column))) for column in columns] for row in rows]
    picture = pictures.HeatMap(title, name, measurements[0].unit, rows, columns, fields)
    drawn = pictures.draw_heat_map(picture)
    star = " A * marks a figure whose interval is wider than was asked." if "*" in drawn else ""
    return (
        f"<figure>{drawn}<figcaption>{title}, median.{star} The table below has the same numbers.</figcaption></figure>"
    )


def _matrices(items: Sequence[Measurement]) -> list[tuple[str, list[Measurement]]]:
    """The cells from node to node, by what they measure. One cell alone is no matrix, unless it is all there is."""
    kinds: dict[tuple[str, str], list[Measurement]] = {}
    for item in items:
        if item.initiator is not None and item.target is not None:
            kinds.setdefault((item.variant, item.mode), []).append(item)
    return [
        ("".join(f", {word}" for word in kind if word), cells)
        for kind, cells in kinds.items()
        if len(cells) > 1 or len(kinds) == 1
    ]


def _figure_row(item: Measurement) -> str:
    where = f"node {item.initiator} → node {item.target}" if item.target is not None else "–"
    figure = item.figure
    numbers = (
        f"<td>{number_in_words(figure.median)} {escape(item.unit)}</td>"
        f'<td class="number">{number_in_words(figure.ci_low)} – {number_in_words(figure.ci_high)}</td>'
        f'<td class="number">{number_in_words(figure.low)}</td><td class="number">{number_in_words(figure.p99)}</td>'
        if figure
        else '<td>no figure</td><td class="number">–</td><td class="number">–</td><td class="number">–</td>'
    ).replace("<td>", '<td class="number">', 1)
    notes = "; ".join(text for text in (item.reason, item.detail) if text)
    what = "".join(f" {escape(word)}" for word in (item.variant, item.mode) if word)
    return (
        f'<tr><th scope="row" class="where">{where}{what}</th>{numbers}<td class="number">{item.n}</td>'
        f'<td>{_tag(item.state)}<div class="soft">{escape(notes)}</div></td></tr>'
    )


def _measurements(result: Result, name: str) -> str:
    if not result.measurements:
        return ""
    emulated = result.environment.emulated is not None
    note = (
        '<p class="emulated">Figures of an emulated machine: they say nothing about hardware.</p>' if emulated else ""
    )
    parts = [f'<h3 id="{name}-figures">Figures</h3>{note}']
    for kind in dict.fromkeys(item.name for item in result.measurements):
        items = [item for item in result.measurements if item.name == kind]
        title = f"{kind.capitalize()} in {items[0].unit}"
        for variant, cells in _matrices(items):
            parts.append(_matrix(cells, escape(f"{title}{variant}"), f"{name}-{len(parts)}"))
        head = ["where", "#median", "#95% interval", "#min", "#p99", "#samples", "state"]
        caption = f"{title}: median with its 95% interval; others print the minimum. Counted by {items[0].source}."
        parts.append(_table(caption, head, [_figure_row(item) for item in items]))
    if result.claims:
        rows = [
            f'<tr><th scope="row">{escape(claim.text)}</th><td>{_tag(claim.verdict)}</td><td>{escape(claim.reason)}</td></tr>'
            for claim in result.claims
        ]
        parts.append(_table("Claims that the figures must bear out", ["claim", "verdict", "numbers"], rows, "stack"))
    return "".join(parts)


def _counters(result: Result, name: str) -> str:
    if not result.counters:
        return ""
    rows = [
        f'<tr><th scope="row"><code>{escape(item.name)}</code></th><td>{escape(item.during)}</td><td class="number">'
        f'{"not counted" if item.value is None else number_in_words(item.value)} {escape(item.unit)}</td>'
        f"<td>{escape(item.source)}</td><td>{escape(item.reason)}</td></tr>"
        for item in result.counters
    ]
    table = _table("What counted, and what could not and why", ["counter", "during", "#value", "source", "note"], rows)
    return f'<h3 id="{name}-counters">Counters</h3>{table}'


def _environment(result: Result, name: str) -> str:
    environment = result.environment
    facts = [
        ("folder", result.folder.name),
        ("started", environment.started),
        ("took", f"{environment.seconds:.1f} s"),
        ("command", " ".join(environment.command)),
        ("numaproof", result.version),
        ("kernel", environment.kernel),
        *environment.facts,
    ]
    rows = [f'<tr><th scope="row">{escape(key)}</th><td><code>{escape(value)}</code></td></tr>' for key, value in facts]
    table = _table("As found when it ran", ["what", "value"], rows, "stack")
    return f'<h3 id="{name}-environment">Environment, and how to repeat this</h3>{table}'


def _part(result: Result, index: int, several: bool) -> str:
    name = f"m{index}"
    emulated = result.environment.emulated
    origin = (
        f'<p class="emulated">Emulated by QEMU {escape(emulated.qemu)} ({escape(emulated.accelerator)}): this shows that '
        "software keeps its promises on such a machine; it measures no hardware.</p>"
        if emulated
        else ""
    )
    heading = f'<h2 id="{name}">{escape(machine_name(result))}</h2>'
    verdict = _verdict(result) if several and index > 0 else ""
    return "".join(
        [
            heading,
            origin,
            verdict,
            _machine(result, name),
            _checks(result, name),
            _conformance(result.conformance, name),
            _measurements(result, name),
            _counters(result, name),
            _environment(result, name),
        ]
    )


def make_page(results: Sequence[Result]) -> str:
    """One page for the results of a run, the first of which is the run's own."""
    first = results[0]
    several = len(results) > 1
    links = "".join(
        f'<a href="#m{index}">{escape(machine_name(result))}: {escape(VERDICT_WORDS[result.verdict][0].lower())}</a>'
        for index, result in enumerate(results)
    )
    title = f"numaproof: {VERDICT_WORDS[first.verdict][0].lower()}"
    parts = "".join(_part(result, index, several) for index, result in enumerate(results))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE.read_text(encoding='utf-8')}</style></head><body>"
        f"<header><h1>numaproof report</h1><p>{escape(machine_in_words(first))}; {escape(first.environment.started)}</p></header>"
        f'<main>{_verdict(first)}<nav aria-label="Machines">{links if several else ""}</nav>{parts}</main>'
        "</body></html>\n"
    )
