"""The page: one HTML file that stands alone, with everything that people need to act on a result, and to file it.

What matters most comes first: the verdict, its reasons, the machine, what to mend. Then the evidence, clause by clause and
figure by figure; the environment comes last. Each machine has a part of its own, and emulated ones say so wherever their
figures stand. No script, no network; what comes from result files is escaped, and pictures that come from them are shown as
images, which cannot reach into the page.
"""

from __future__ import annotations

import base64
import re
import shlex
from collections.abc import Sequence
from html import escape
from pathlib import Path

from pages import pictures
from pages.figures import figures_section
from pages.html import folded, table, tag
from pages.results import COMMIT, Case, Check, Clause, Conformance, Result, arguments_to_repeat
from pages.words import TONES, VERDICT_WORDS, bytes_in_words, machine_in_words, machine_name, number_in_words

_STYLE = Path(__file__).with_name("style.css")
_MOST_PICTURE_BYTES = 4 << 20
_MOST_RAW_BYTES = 512 << 10
_EXPECTED = re.compile(r"^(?P<where>.*?)\bexpected (?P<expected>.+?), (?:found|seen) (?P<seen>.+)$", re.DOTALL)


def _verdict(result: Result) -> str:
    word, meaning = VERDICT_WORDS[result.verdict]
    if result.reasons and result.reasons[0].lower().startswith(meaning.rstrip(".").lower()):
        meaning = ""  # The first reason says it, with the numbers.
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in result.reasons)
    return (
        f'<div class="verdict {TONES[result.verdict]}" role="status"><strong>{word}</strong>'
        f"{f'<p>{escape(meaning)}</p>' if meaning else ''}<ul>{reasons}</ul></div>"
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
        f"<figure>{picture}</figure>{table('Nodes, and the distances that the firmware declares', head, rows)}"
    )


_CHECK_ORDER = {"fail": 0, "warn": 1, "unknown": 2, "pass": 3, "not-applicable": 4}


def _check(check: Check) -> str:
    wrong = check.verdict in ("fail", "warn", "unknown")
    why = f"<div>{escape(check.why)}</div>" if wrong and check.why else ""
    fix = f'<div class="fix">Mend: <code>{escape(check.fix)}</code></div>' if wrong and check.fix else ""
    return (
        f'<tr><th scope="row">{escape(check.title)}</th><td>{tag(check.verdict)}</td>'
        f"<td>{escape(check.value)}{why}{fix}</td></tr>"
    )


def _checks(result: Result, name: str) -> str:
    if not result.checks:
        return ""
    ordered = sorted(result.checks, key=lambda check: _CHECK_ORDER[check.verdict])
    rows = table("What to mend first", ["check", "verdict", "found"], [_check(check) for check in ordered], "stack")
    return f'<h3 id="{name}-checks">Checks before the tests</h3>{rows}'


def _reason(case: Case) -> str:
    """Why a case came out as it did; what was expected and what was seen one under the other, where it says both."""
    found = _EXPECTED.match(case.reason) if case.verdict == "fail" else None
    if found is None:
        return f'<p class="reason">{escape(case.reason)}</p>' if case.reason else ""
    where = f'<p class="reason">{escape(found["where"].rstrip(": "))}</p>' if found["where"].strip() else ""
    return (
        f'{where}<dl class="reason"><dt>expected</dt><dd>{escape(found["expected"])}</dd>'
        f"<dt>seen</dt><dd>{escape(found['seen'])}</dd></dl>"
    )


def _case(case: Case) -> str:
    word = case.verdict if case.status == "ran" else case.status
    return (
        f'<div class="case">{tag(word)} <code>{escape(case.id)}</code> <span class="soft">{case.seconds:.2f} s</span>'
        f"<p>{escape(case.meaning)}</p>{_reason(case)}</div>"
    )


def _clause(clause: Clause, cases: Sequence[Case]) -> str:
    wrong = " open" if clause.verdict == "fail" else ""
    inside = "".join(_case(case) for case in cases) or '<p class="soft">No case tests it yet.</p>'
    return (
        f'<details{wrong}><summary><span class="id">{escape(clause.id)}</span>{tag(clause.verdict)}'
        f"<span>{escape(clause.text)}</span></summary>{inside}</details>"
    )


_CLAUSE_ORDER = {"fail": 0, "inconclusive": 1, "pass": 2, "not-applicable": 3}


def _conformance(conformance: Conformance | None, name: str) -> str:
    if conformance is None:
        return ""
    # Those of level "command" are about this project's own command, and stand above as the checks.
    asked = [clause for clause in conformance.clauses if clause.level != "command"]
    counts = {verdict: 0 for verdict in _CLAUSE_ORDER}
    for clause in asked:
        counts[clause.verdict] += 1
    tally = "".join(f"<li>{tag(verdict)} {count}</li>" for verdict, count in counts.items() if count)
    clauses = sorted(asked, key=lambda clause: _CLAUSE_ORDER[clause.verdict])
    parts = [_clause(clause, [case for case in conformance.cases if clause.id in case.clauses]) for clause in clauses]
    return (
        f'<h3 id="{name}-conformance">Conformance, clause by clause</h3>'
        f"<p>{escape(conformance.implementation)} {escape(conformance.version)}: {len(conformance.cases)} cases in "
        f"{conformance.seconds:.1f} s. A clause that is not applicable here was not tested, and is no pass.</p>"
        f'<ul class="tally">{tally}</ul>{"".join(parts)}'
    )


def _counters(result: Result, name: str) -> str:
    if not result.counters:
        return ""
    rows = [
        f'<tr><th scope="row"><code>{escape(item.name)}</code></th><td>{escape(item.during)}</td><td class="number">'
        f'{"not counted" if item.value is None else number_in_words(item.value)} {escape(item.unit)}</td>'
        f"<td>{escape(item.source)}</td><td>{escape(item.reason)}</td></tr>"
        for item in result.counters
    ]
    rows_table = table(
        "What counted, and what could not and why", ["counter", "during", "#value", "source", "note"], rows
    )
    return f'<h3 id="{name}-counters">Counters</h3>{rows_table}'


def _repeat(result: Result) -> str:
    """The commands that repeat the run: from the same source, in the same machine."""
    environment = result.environment
    lines = [shlex.join(["numaproof", *arguments_to_repeat(environment)])]
    if COMMIT.fullmatch(environment.commit):
        lines.insert(0, f"git checkout {environment.commit}  # then build, as README.md says")
    return f"<p>To repeat this run:</p><pre>{escape(chr(10).join(lines))}</pre>"


def _raw(result: Result) -> str:
    """The files that the page was made of, whole where they are not too large, so that the page alone can be filed."""
    parts = []
    for name in ("result.json", "samples.json", "topology.xml", "log.txt"):
        path = result.folder / name
        try:
            size = path.stat().st_size
            text = path.read_text(encoding="utf-8", errors="replace") if size <= _MOST_RAW_BYTES else ""
        except OSError:
            continue
        if text:
            parts.append(folded(f"{name} ({bytes_in_words(size)})", f'<pre class="raw">{escape(text)}</pre>'))
        else:
            parts.append(f"<p>{name} is in the result folder ({bytes_in_words(size)}).</p>")
    return "".join(parts)


def _environment(result: Result, name: str) -> str:
    environment = result.environment
    facts = [
        ("folder", result.folder.name),
        ("started", environment.started),
        ("took", f"{environment.seconds:.1f} s"),
        ("command", shlex.join(environment.command)),
        ("numaproof", result.version),
        ("kernel", environment.kernel),
        *environment.facts,
    ]
    rows = [f'<tr><th scope="row">{escape(key)}</th><td><code>{escape(value)}</code></td></tr>' for key, value in facts]
    facts_table = table("As found when it ran", ["what", "value"], rows, "stack")
    return (
        f'<h3 id="{name}-environment">Environment, raw data, and how to repeat this</h3>{_repeat(result)}'
        f"{facts_table}{_raw(result)}"
    )


def _contents(sections: Sequence[tuple[str, str]], name: str) -> str:
    links = "".join(f'<a href="#{name}-{part}">{title}</a>' for part, title in sections)
    return f'<nav aria-label="Parts">{links}</nav>'


def _part(result: Result, index: int, several: bool) -> str:
    name = f"m{index}"
    emulated = result.environment.emulated
    origin = (
        f'<p class="emulated">Emulated by QEMU {escape(emulated.qemu)} ({escape(emulated.accelerator)}): this shows that '
        "software keeps its promises on such a machine; it measures no hardware.</p>"
        if emulated
        else ""
    )
    parts = [
        ("machine", "Machine", _machine(result, name)),
        ("checks", "Checks", _checks(result, name)),
        ("conformance", "Conformance", _conformance(result.conformance, name)),
        ("figures", "Figures", figures_section(result, name)),
        ("counters", "Counters", _counters(result, name)),
        ("environment", "Environment", _environment(result, name)),
    ]
    present = [(part, title) for part, title, inside in parts if inside]
    heading = f'<h2 id="{name}">{escape(machine_name(result))}</h2>'
    verdict = _verdict(result) if several and index > 0 else ""
    return "".join([heading, origin, verdict, _contents(present, name), *(inside for _, _, inside in parts)])


def document(title: str, header: str, main: str) -> str:
    """A whole page that stands alone."""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE.read_text(encoding='utf-8')}</style></head><body>"
        f"<header>{header}</header><main>{main}</main></body></html>\n"
    )


def make_page(results: Sequence[Result]) -> str:
    """One page for the results of a run, the first of which is the run's own."""
    first = results[0]
    several = len(results) > 1
    links = "".join(
        f'<a href="#m{index}">{escape(machine_name(result))}: {escape(VERDICT_WORDS[result.verdict][0].lower())}</a>'
        for index, result in enumerate(results)
    )
    navigation = f'<nav aria-label="Machines">{links}</nav>' if several else ""
    parts = "".join(_part(result, index, several) for index, result in enumerate(results))
    return document(
        f"numaproof: {VERDICT_WORDS[first.verdict][0].lower()}",
        f"<h1>numaproof report</h1><p>{escape(machine_in_words(first))}; {escape(first.environment.started)}</p>",
        f"{_verdict(first)}{navigation}{parts}",
    )
