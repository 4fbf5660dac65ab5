"""The pages of a comparison: of two runs, and of a fleet."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from pages import charts
from pages.comparison import BETTER, GONE, NEW, ORDER, SAME, WORSE, Change, figure_name
from pages.fleet import Fleet
from pages.html import folded, table, tag
from pages.page import document
from pages.results import Result
from pages.words import TONES, VERDICT_WORDS, machine_in_words

_MOST_CHARTED = 40


def _banner(tone: str, word: str, words: str) -> str:
    return f'<div class="verdict {tone}" role="status"><strong>{escape(word)}</strong><p>{escape(words)}</p></div>'


def _change_rows(changes: Sequence[Change]) -> list[str]:
    return [
        f'<tr><th scope="row">{escape(change.what)}</th><td>{tag(change.kind)}</td><td>{escape(change.machine)}</td>'
        f"<td>{escape(change.before)}</td><td>{escape(change.after)}</td></tr>"
        for change in changes
    ]


def counts_in_words(changes: Sequence[Change]) -> str:
    counts = {kind: sum(change.kind == kind for change in changes) for kind in ORDER}
    return ", ".join(f"{count} {kind}" for kind, count in counts.items() if count) or "nothing to compare"


def make_comparison_page(before: Result, after: Result, changes: Sequence[Change]) -> str:
    ordered = sorted(changes, key=lambda change: ORDER.index(change.kind))
    counts = {kind: sum(change.kind == kind for change in changes) for kind in ORDER}
    word, tone = ("WORSE", "fail") if counts[WORSE] else ("SAME", "pass")
    if not counts[WORSE] and counts[BETTER]:
        word = "BETTER"
    head = ["what", "change", "machine", "before", "after"]
    changed = [change for change in ordered if change.kind != SAME]
    same = [change for change in ordered if change.kind == SAME]
    kinds = f"{WORSE}, {BETTER}: beyond the noise; {NEW}, {GONE}: in one run only"
    parts = [
        _banner(tone, word, counts_in_words(changes)),
        f"<p>Before: <code>{escape(str(before.folder))}</code>, {escape(machine_in_words(before))}, "
        f"{escape(before.environment.started)}.<br>After: <code>{escape(str(after.folder))}</code>, "
        f"{escape(machine_in_words(after))}, {escape(after.environment.started)}.</p>",
    ]
    if after.environment.emulated:
        parts.append('<p class="emulated">Emulated machines: the figures say nothing about hardware.</p>')
    if changed:
        parts.append(table(f"What changed ({kinds})", head, _change_rows(changed), "stack"))
    if same:
        parts.append(folded(f"{len(same)} are the same", table("The same", head, _change_rows(same), "stack")))
    header = "<h1>numaproof: two runs compared</h1>"
    return document(f"numaproof: {word.lower()}", header, "".join(parts))


def _spread_chart(fleet: Fleet) -> str:
    """Each figure over the fleet, as a share of its median; outliers by name."""
    spreads = sorted(fleet.spreads, key=lambda spread: not spread.outliers)[:_MOST_CHARTED]
    rows = [
        charts.Strip(
            figure_name(spread.key),
            {name: value / spread.middle for name, value in spread.values.items()},
            spread.outliers,
        )
        for spread in spreads
        if spread.middle
    ]
    if not rows:
        return ""
    title = "Each figure of each machine, over the median of the fleet"
    drawn = charts.draw_strips(charts.Strips(title, "fleet", "times the median of the fleet", rows))
    note = "Each dot is a machine; outliers are squares with their names, and the table names them too."
    return f"<figure>{drawn}<figcaption>{title}. {note}</figcaption></figure>"


def make_fleet_page(fleet: Fleet, results: Sequence[Result]) -> str:
    bad = list(dict.fromkeys(outlier.machine for outlier in fleet.outliers if outlier.kind == WORSE))
    word, tone = (f"{len(bad)} OF {len(fleet.machines)} UNLIKE", "fail") if bad else ("ALIKE", "pass")
    words = ", ".join(bad) if bad else f"{len(fleet.machines)} machines, {fleet.compared} comparisons"
    rows = [
        f'<tr><th scope="row">{escape(outlier.machine)}</th><td>{tag(outlier.kind)}</td><td>{escape(outlier.what)}</td>'
        f"<td>{escape(outlier.seen)}</td><td>{escape(outlier.fleet)}</td></tr>"
        for outlier in fleet.outliers
    ]
    parts = [_banner(tone, word, words)]
    if any(result.environment.emulated for result in results):
        parts.append('<p class="emulated">Emulated machines: the figures say nothing about hardware.</p>')
    if rows:
        head = ["machine", "is", "in", "there", "in the fleet"]
        parts.append(table("What is unlike the rest of the fleet", head, rows, "stack"))
    parts.append(_spread_chart(fleet))
    machines = [
        f'<tr><th scope="row">{escape(name)}</th><td><span class="tag {TONES[verdict]}">'
        f"{escape(VERDICT_WORDS[verdict][0].lower())}</span></td><td>{escape(machine_in_words(result))}</td>"
        f"<td>{escape(result.environment.started)}</td></tr>"
        for (name, verdict), result in zip(fleet.verdicts.items(), results)
    ]
    parts.append(table("The fleet", ["machine", "verdict", "what it is", "run"], machines, "stack"))
    return document(f"numaproof: {word.lower()}", "<h1>numaproof: a fleet compared</h1>", "".join(parts))
