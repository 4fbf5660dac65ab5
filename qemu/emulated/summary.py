"""What a fleet's run came to: a row for each machine, the clauses by machine, and one exit status.

Only what the runs' own files say counts: `machine.json` for the guest, `result.json` for what the command found inside.
"""

import json
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulated.fleet import Job
from emulated.progress import word_for
from emulated.results import ENDED, RECORD

NOT_STARTED = "not-started"  # the launcher refused, and says why


@dataclass
class Row:
    """One machine's result."""

    machine: str
    status: int
    outcome: str
    seconds: float
    reason: str
    cases: dict[str, int] = field(default_factory=dict)  # passed, failed, skipped, inconclusive, errors
    clauses: dict[str, str] = field(default_factory=dict)  # id to verdict


def _read(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def _part(values: Any, *names: str) -> Any:
    for name in names:
        values = values.get(name) if isinstance(values, dict) else None
    return values


def _case_counts(result: dict[str, Any]) -> dict[str, int]:
    summary = _part(result, "conformance", "summary")
    counts = {name: _part(summary, name) for name in ("passed", "failed", "skipped", "inconclusive", "errors")}
    return {name: count for name, count in counts.items() if isinstance(count, int)}


def _clause_verdicts(result: dict[str, Any]) -> dict[str, str]:
    """Of clauses about implementations. Those about this project's own command (level "command") have no cases."""
    clauses = _part(result, "conformance", "clauses")
    tested = [each for each in clauses if _part(each, "level") != "command"] if isinstance(clauses, list) else []
    pairs = [(_part(clause, "id"), _part(clause, "verdict")) for clause in tested]
    return {clause: verdict for clause, verdict in pairs if isinstance(clause, str) and isinstance(verdict, str)}


def _first_reason(result: dict[str, Any], status: int) -> str:
    reasons = _part(result, "verdict", "reasons")
    return str(reasons[0]) if status != 0 and isinstance(reasons, list) and reasons else ""


def row_for(job: Job, status: int, seconds: float, last_line: str) -> Row:
    """The row of a machine whose vm.py ended with @status."""
    record = _read(job.folder / RECORD)
    result = _read(job.folder / "result.json")
    outcome = str(record.get("outcome", NOT_STARTED))
    believed = record.get("status") == status if outcome == ENDED else status in (2, 3)
    if believed:
        reason = str(record.get("reason", "")) or _first_reason(result, status) or (last_line if status != 0 else "")
    else:
        outcome, reason = "launcher", f"the launcher ended with status {status}: {last_line}"
        status = 3
    return Row(job.machine.name, status, outcome, seconds, reason, _case_counts(result), _clause_verdicts(result))


@dataclass
class Coverage:
    """On how many machines the cases of a clause really ran, and on how many of them it passed."""

    ran: int = 0
    passed: int = 0


def coverage(rows: list[Row]) -> dict[str, Coverage]:
    """By clause."""
    clauses: dict[str, Coverage] = {}
    for row in rows:
        for clause, verdict in row.clauses.items():
            of_clause = clauses.setdefault(clause, Coverage())
            of_clause.ran += verdict != "not-applicable"
            of_clause.passed += verdict == "pass"
    return clauses


def uncovered(rows: list[Row]) -> list[str]:
    """The clauses that passed on no machine."""
    return [clause for clause, found in coverage(rows).items() if found.passed == 0]


def coverage_lines(rows: list[Row]) -> list[str]:
    """For people: the clauses by the number of machines on which they ran, and passed where no more is said."""
    of_ran: dict[int, list[str]] = {}
    for clause, found in coverage(rows).items():
        name = clause if found.passed == found.ran else f"{clause} (passed on {found.passed})"
        of_ran.setdefault(found.ran, []).append(name)
    lines = [] if not of_ran else ["MACHINES  CLAUSES THAT RAN AND PASSED ON SO MANY"]
    for ran, names in sorted(of_ran.items(), reverse=True):
        first, *more = textwrap.wrap(", ".join(names), 70)
        lines += [f"{ran:>8}  {first}", *(f"{'':>8}  {line}" for line in more)]
    return lines


def overall_status(rows: list[Row], coverage_counts: bool) -> int:
    """1 when a machine failed, else the worst of the others; in a run of all machines each clause must have passed."""
    statuses = [row.status for row in rows]
    if 1 in statuses:
        return 1
    if any(statuses):
        return 2 if 2 in statuses else 3
    return 3 if coverage_counts and uncovered(rows) else 0


def rows_as_cells(rows: list[Row]) -> tuple[list[str], list[list[str]]]:
    """The table for people: with case counts only when some run had cases."""
    heads = ["MACHINE", "RESULT", "SECONDS"]
    names = ["passed", "failed", "skipped", "inconclusive", "errors"] if any(row.cases for row in rows) else []
    cells = []
    for row in rows:
        result = word_for(row.status) if row.outcome in (ENDED, NOT_STARTED) else f"lost ({row.outcome})"
        cells.append([row.machine, result, f"{row.seconds:.0f}", *(str(row.cases.get(name, "-")) for name in names)])
    shown = [
        index
        for index, name in enumerate(names)
        if name in ("passed", "failed", "skipped") or any(row.cases.get(name) for row in rows)
    ]
    keep = [0, 1, 2, *(3 + index for index in shown)]
    all_heads = heads + [name.upper() for name in names]
    return [all_heads[index] for index in keep], [[row[index] for index in keep] for row in cells]


def as_values(rows: list[Row], command: list[str], status: int) -> dict[str, object]:
    """`matrix.json`."""
    return {
        "schema": 1,
        "command": command,
        "status": status,
        "machines": [vars(row) | {"result": word_for(row.status)} for row in rows],
        "clauses": {clause: vars(found) for clause, found in coverage(rows).items()},
        "uncovered_clauses": uncovered(rows),
    }
