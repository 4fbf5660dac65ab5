"""Hard against soft in a real guest: what PAPI says of each workload is what the access counter saw, to the last access."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import Any

COMMAND = os.environ["NUMAPROOF_COMMAND"]
WORKLOADS = ("chase", "triad", "lookup", "packets")
DATA_WINDOWS = range(1, 9)
QUEUE_WINDOWS = range(9, 17)
EVENT = re.compile(r"sde:::numaproof::(data_local|data_remote|queue_local|queue_remote)_node(\d+)")


class Modes(unittest.TestCase):
    result: dict[str, Any]
    totals: dict[str, Any]
    output: str

    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        command = [COMMAND, "vm", "--machine", "two-nodes", "--count", "--out", folder.name]
        command += ["--", "bench", "modes", "--quick", "--seconds", "20"]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode != 0:
            console = Path(folder.name) / "console.log"
            said = console.read_text(errors="replace")[-2000:] if console.exists() else "nothing"
            raise AssertionError(
                f"status {run.returncode}: {run.stdout[-4000:]}{run.stderr[-4000:]}\nThe guest's kernel said: {said}"
            )
        cls.output = run.stdout
        cls.result = json.loads((Path(folder.name) / "result.json").read_text())
        cls.totals = json.loads((Path(folder.name) / "access-counts.json").read_text())

    def claims(self, prefix: str) -> dict[str, str]:
        return {claim["id"]: claim["verdict"] for claim in self.result["claims"] if claim["id"].startswith(prefix)}

    def counted(self, during: str) -> dict[tuple[str, int], float]:
        """What PAPI counted while workloads ran whose name begins so, by kind and node of the CPU."""
        sums: dict[tuple[str, int], float] = {}
        for counter in self.result["counters"]:
            event = EVENT.fullmatch(counter["name"])
            if event and counter["during"].startswith(during):
                key = (event[1], int(event[2]))
                sums[key] = sums.get(key, 0) + counter["value"]
        return sums

    def seen(self, windows: range, initiator: int, local: bool) -> int:
        """What the counter itself had at the end, written by the launcher."""
        rows = [rows[initiator] for number, rows in self.totals["windows"].items() if int(number) in windows]
        return sum(sum(pair) for row in rows for target, pair in enumerate(row) if (target == initiator) == local)

    def test_papi_says_what_the_counter_saw(self) -> None:
        counted = self.counted("")
        self.assertEqual(self.totals["proof"], "holds")
        for node in (0, 1):
            self.assertEqual(counted["data_local", node], self.seen(DATA_WINDOWS, node, True))
            self.assertEqual(counted["data_remote", node], self.seen(DATA_WINDOWS, node, False))
            self.assertEqual(counted["queue_local", node], self.seen(QUEUE_WINDOWS, node, True))
            self.assertEqual(counted["queue_remote", node], self.seen(QUEUE_WINDOWS, node, False))

    def test_every_workload_was_counted(self) -> None:
        for workload in WORKLOADS:
            self.assertGreater(sum(self.counted(f"modes {workload}, quiet, strict").values()), 10000, workload)

    def test_strict_makes_no_remote_access(self) -> None:
        claims = self.claims("modes-strict-local-")
        for workload in WORKLOADS:
            self.assertEqual(claims[f"modes-strict-local-{workload}--quiet"], "pass")
            counted = self.counted(f"modes {workload}, quiet, strict")
            remote = {key: value for key, value in counted.items() if key[0].endswith("_remote") and value != 0}
            self.assertEqual(remote, {}, workload)
        self.assertEqual(set(claims.values()), {"pass"})

    def test_soft_spills_what_its_pages_say(self) -> None:
        claims = self.claims("modes-soft-spill-")
        self.assertEqual(set(claims), {f"modes-soft-spill-{workload}--full-node" for workload in WORKLOADS})
        self.assertEqual(set(claims.values()), {"pass"}, claims)

    def test_strict_is_refused_with_a_reason(self) -> None:
        for measurement in self.result["measurements"]:
            if measurement["mode"] == "strict" and measurement["variant"].endswith(("full node", "balancing on")):
                self.assertEqual(measurement["state"], "refused", measurement)
                self.assertRegex(measurement["reason"], r"found no room|numa_balancing")

    def test_stealing_is_seen(self) -> None:
        """With stealing allowed there are remote accesses, in hard mode too: the counter would see them elsewhere."""
        counted = self.counted("modes packets, CPU hog, stealing")
        self.assertGreater(counted["data_remote", 0] + counted["data_remote", 1], 0)

    def test_what_cannot_be_counted_is_absent_and_not_zero(self) -> None:
        """The emulated machine has no unit that counts: each processor event says so, and none reads 0."""
        absent = [counter for counter in self.result["counters"] if counter["source"] == "processor"]
        self.assertGreater(len(absent), 15)
        for counter in absent:
            self.assertIsNone(counter["value"], counter)
            self.assertIn("no performance monitoring unit", counter["reason"])


if __name__ == "__main__":
    unittest.main()
