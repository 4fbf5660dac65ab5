"""Result folders made for tests: one good result, and whatever a test changes in it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

HOSTILE = "<script>alert(1)</script>\"'&|`é\u2028"


def measurement(
    initiator: int | None, target: int | None, median: float | None, width: float = 2.0, **fields: Any
) -> dict[str, Any]:
    state = "converged" if median is not None else "misplaced"
    numbers = {
        "median": median,
        "ci_low": None if median is None else median - width / 2,
        "ci_high": None if median is None else median + width / 2,
        "mad": None if median is None else 1.0,
        "min": None if median is None else median - 5,
        "max": None if median is None else median + 50,
        "p99": None if median is None else median + 20,
    }
    return {
        "name": "latency",
        "variant": "",
        "unit": "ns",
        "mode": "",
        "initiator": initiator,
        "target": target,
        **numbers,
        "n": 100 if median is not None else 0,
        "outliers": 1,
        "converged": median is not None,
        "state": state,
        "reason": "" if median is not None else "3 pages were elsewhere",
        "source": "clock_gettime(CLOCK_MONOTONIC)",
        "detail": "CPU 0; 64 MiB",
        **fields,
    }


def every_kind() -> list[dict[str, Any]]:
    """Measurements of every kind that a page draws, some without a figure."""
    made = []
    for kernel, best in (("read, 2 threads", 20.0), ("triad, 2 threads", 14.0)):
        for a in range(2):
            for b in range(2):
                speed = best if a == b else best / 2
                made.append(measurement(a, b, speed, 0.4, name="bandwidth", variant=kernel, unit="GB/s"))
    for step in range(6):
        load, wait = 2.0 + 3.2 * step, 90 + 3 * 2.6**step
        words = {"name": "loaded", "variant": f"read only, step {step}"}
        made.append(measurement(0, 1, wait, wait / 20, unit="ns", **words))
        made.append(measurement(0, 1, load, load / 30, unit="GB/s", **words))
    for a in range(3):
        for b in range(3):
            if a != b:
                words = {"name": "cores", "variant": f"CPU {a} to CPU {b}", "unit": "ns"}
                made.append(measurement(None, None, 40.0 + 60 * abs(a - b), 3, **words))
    for what, soft, strict in (("pin to a node", 900.0, 1500.0), ("region, 1 MiB, bind, touch", 210000.0, 230000.0)):
        for mode, cost in (("soft", soft), ("strict", strict)):
            made.append(measurement(None, None, cost, cost / 25, name="api", variant=what, mode=mode, unit="ns"))
    for mode, rate in (("soft", 3.1), ("strict", None)):
        fields = {"name": "modes", "variant": "key-value lookup, full node", "mode": mode, "unit": "Mops/s"}
        made.append(measurement(None, None, rate, 0.2, **fields))
    made[-1].update(state="refused", reason="no room on node 0: 64 MiB asked, 12 MiB free", n=0)
    return made


def result(nodes: int = 2, emulated: bool = False) -> dict[str, Any]:
    """A run that passed, on a machine of so many nodes."""
    return {
        "schema": 1,
        "version": "0.1.0",
        "environment": {
            "kernel": "Linux 6.1.0",
            "kernel_command_line": "quiet",
            "architecture": "x86_64",
            "firmware": "unknown",
            "cpu_model": "A processor",
            "microcode": "0x1",
            "hypervisor": "",
            "emulated": {"machine": "two-nodes", "accelerator": "tcg", "qemu": "7.2"} if emulated else None,
            "started": "2026-01-02T03:04:05Z",
            "seconds": 12.5,
            "command": ["numaproof", "validate"],
            "privileges": {"uid": 0, "effective": ["CAP_SYS_ADMIN", "CAP_SYS_NICE"]},
            "settings": {"kernel.numa_balancing": "0", "cpufreq.governor": None},
            "limits": {"memlock": "unlimited"},
            "nodes": [
                {
                    "id": n,
                    "cpus": f"{2 * n}-{2 * n + 1}",
                    "memory_bytes": 1 << 30,
                    "free_bytes": 1 << 29,
                    "usable": True,
                }
                for n in range(nodes)
            ],
            "distances": [[10 if a == b else 21 for b in range(nodes)] for a in range(nodes)],
            "versions": {"hwloc": "2.9.0"},
            "git": {"commit": "0123456", "dirty": False},
        },
        "checks": [
            {
                "id": "balancing",
                "title": "Automatic NUMA balancing is off",
                "verdict": "pass",
                "value": "kernel.numa_balancing is 0",
                "why": "pages would move",
                "fix": "sysctl -w kernel.numa_balancing=0",
            }
        ],
        "conformance": {
            "implementation": "libnumaproof.so.0",
            "version": "0.1.0",
            "clauses": [
                {"id": "PIN-3", "level": "must", "text": "Strict names the CPUs.", "verdict": "pass"},
                {"id": "MEM-9", "level": "must", "text": "Shares are even.", "verdict": "not-applicable"},
                {"id": "CHECK-3", "level": "command", "text": "Balancing is checked.", "verdict": "not-applicable"},
            ],
            "cases": [
                {
                    "id": "pin_strict_offline_cpu",
                    "meaning": "strict names the CPUs that it could not have",
                    "clauses": ["PIN-3", "LAW-2"],
                    "status": "ran",
                    "verdict": "pass",
                    "reason": "",
                    "seconds": 0.01,
                },
                {
                    "id": "region_strict_interleave",
                    "meaning": "shares are even",
                    "clauses": ["MEM-9"],
                    "status": "skipped",
                    "verdict": "not-applicable",
                    "reason": "needs 2 nodes with usable memory; there is 1",
                    "seconds": 0.0,
                },
            ],
            "summary": {"passed": 1, "failed": 0, "skipped": 1, "inconclusive": 0, "errors": 0, "seconds": 0.02},
        },
        "measurements": [measurement(a, b, 100.0 if a == b else 180.0) for a in range(nodes) for b in range(nodes)],
        "claims": [{"id": "remote", "text": "Remote is slower", "verdict": "pass", "reason": "+80 ns, noise 1 ns"}],
        "counters": [
            {
                "name": "REMOTE",
                "source": "perf",
                "during": "",
                "value": None,
                "unit": "accesses",
                "reason": "no PMU in this machine",
            }
        ],
        "verdict": {"verdict": "pass", "reasons": ["all 1 cases passed"]},
    }


def write(folder: Path, content: dict[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "result.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def changed(content: dict[str, Any], path: list[Any], value: Any) -> dict[str, Any]:
    """A copy with one value replaced."""
    made = copy.deepcopy(content)
    place: Any = made
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return made
