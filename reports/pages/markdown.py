"""A summary in Markdown, for the page of a job in continuous integration."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pages.results import Measurement, Result
from pages.words import VERDICT_WORDS, machine_in_words, machine_name, number_in_words


def _plain(text: str) -> str:
    """Text from a result, which must not become markup."""
    return re.sub(r"([\\`*_{}\[\]<>()#|!])", r"\\\1", " ".join(text.split()))


def _figure(item: Measurement) -> str:
    where = f"node {item.initiator} → node {item.target}" if item.target is not None else "–"
    name = _plain(" ".join(word for word in (item.name, item.variant, item.mode) if word))
    if item.figure is None:
        return f"| {name} | {where} | {item.state} | {_plain(item.reason)} |"
    figure = item.figure
    interval = f"{number_in_words(figure.ci_low)} – {number_in_words(figure.ci_high)}"
    return f"| {name} | {where} | {number_in_words(figure.median)} {_plain(item.unit)} | {interval}, {item.state} |"


def _part(result: Result) -> list[str]:
    lines = [f"## {_plain(machine_name(result))}: {VERDICT_WORDS[result.verdict][0]}", ""]
    lines += [f"{_plain(machine_in_words(result))}.", ""]
    lines += [f"- {_plain(reason)}" for reason in result.reasons]
    wrong = [check for check in result.checks if check.verdict in ("fail", "warn")]
    if wrong:
        lines += ["", "| check | verdict | found | mend |", "| --- | --- | --- | --- |"]
        lines += [f"| {_plain(c.title)} | {c.verdict} | {_plain(c.value)} | {_plain(c.fix)} |" for c in wrong]
    if result.conformance is not None:
        cases = result.conformance.cases
        passed = sum(case.verdict == "pass" for case in cases)
        skipped = sum(case.status == "skipped" for case in cases)
        lines += ["", f"{passed} cases passed, {len(cases) - passed - skipped} did not, {skipped} skipped."]
        for case in cases:
            if case.status == "error" or case.verdict in ("fail", "inconclusive"):
                lines.append(f"- {_plain(case.id)} ({', '.join(map(_plain, case.clauses))}): {_plain(case.reason)}")
    if result.measurements:
        lines += ["", "| figure | where | median | 95% interval |", "| --- | --- | --- | --- |"]
        lines += [_figure(item) for item in result.measurements]
    return lines + [""]


def make_markdown(results: Sequence[Result]) -> str:
    return "\n".join(line for result in results for line in _part(result)) + "\n"
