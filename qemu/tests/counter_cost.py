#!/usr/bin/python3
"""What the access counter costs: counter_cost.py ACCESS_COST [ROUNDS]

ACCESS_COST is build/bin/guest_access_cost. Machines without a counter, with one, and with one behind a cache model are
started in turns, so that what else the host does falls on all of them alike; the table has the medians over the rounds: an
access while the counter is disarmed and armed, and the boot.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

_VM = Path(__file__).resolve().parent.parent / "vm.py"
_KINDS: dict[str, tuple[str, ...]] = {"no counter": (), "--count": ("--count",), "--cache": ("--cache", "64,8,64")}


def _run(program: str, options: tuple[str, ...]) -> dict[str, float]:
    """Nanoseconds by state of the counter, and the seconds of the boot."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(_VM), "--machine", "two-nodes", "--accel", "tcg", *options, "--out", folder]
        environment = os.environ | {"NUMAPROOF_BINARY": program}
        done = subprocess.run([*command, "--", "cost"], capture_output=True, text=True, check=False, env=environment)
        if done.returncode != 0:
            sys.exit(f"counter_cost: {done.stderr.strip()}")
        figures = {line.split()[0]: float(line.split()[1]) for line in done.stdout.splitlines()}
        figures["boot"] = float(json.loads(Path(folder, "machine.json").read_text())["boot_seconds"])
    return figures


def main(program: str, rounds: int) -> int:
    """Prints the table."""
    runs: dict[str, list[dict[str, float]]] = {kind: [] for kind in _KINDS}
    for _ in range(rounds):
        for kind, options in _KINDS.items():
            runs[kind].append(_run(program, options))
    print(f"{'':12}{'no counter':>12}{'disarmed':>12}{'armed':>12}{'boot':>10}")
    for kind, figures in runs.items():
        cells = []
        for state, unit in (("none", "ns"), ("disarmed", "ns"), ("armed", "ns"), ("boot", "s")):
            values = [each[state] for each in figures if state in each]
            cells.append(f"{statistics.median(values):.{2 if unit == 's' else 1}f} {unit}" if values else "-")
        print(f"{kind:12}{cells[0]:>12}{cells[1]:>12}{cells[2]:>12}{cells[3]:>10}", flush=True)
    return 0


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 3:
        sys.exit("usage: counter_cost.py ACCESS_COST [ROUNDS]")
    sys.exit(main(str(Path(sys.argv[1]).resolve()), int(sys.argv[2]) if len(sys.argv) == 3 else 3))
