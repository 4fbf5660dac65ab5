"""The words and units of a report, one place for all its forms."""

from __future__ import annotations

from pages.results import Result

VERDICT_WORDS = {
    "pass": ("PASS", "Hard mode can be relied on here."),
    "pass-soft-only": ("PASS, SOFT ONLY", "Soft mode works as promised; hard mode is not to be had here as it is."),
    "fail": ("FAIL", "Something that was promised does not hold."),
    "inconclusive": ("INCONCLUSIVE", "Something could not be run or concluded; this is not a pass."),
}

# The colour that goes with a verdict or state: always beside its word, never alone.
TONES = {
    "pass": "pass",
    "converged": "pass",
    "warn": "warn",
    "pass-soft-only": "warn",
    "inconclusive": "warn",
    "not-converged": "warn",
    "refused": "warn",
    "noisy": "warn",
    "unknown": "warn",
    "fail": "fail",
    "worse": "fail",
    "better": "pass",
    "misplaced": "fail",
    "not-applicable": "none",
    "not-run": "none",
}


def bytes_in_words(count: int) -> str:
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= size:
            return f"{count / size:.3g} {unit}" if count < 1000 * size else f"{count / size:.0f} {unit}"
    return f"{count} B"


def number_in_words(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.1f}"


def machine_name(result: Result) -> str:
    emulated = result.environment.emulated
    return f"Emulated machine {emulated.machine}" if emulated else "This machine"


def machine_in_words(result: Result) -> str:
    environment = result.environment
    nodes = len(environment.nodes)
    memory = bytes_in_words(sum(node.memory_bytes for node in environment.nodes))
    return f"{environment.cpu_model}, {nodes} node{'' if nodes == 1 else 's'}, {memory}"
