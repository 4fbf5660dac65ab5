"""The access counter in real guests: patterns whose counts are known on paper, on machines of several shapes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

VM = Path(__file__).resolve().parent.parent / "vm.py"


class Counter(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_in(self, machine: str, *options: str, tolerance: str = "0") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(VM), "--machine", machine, *options, "--out", str(self.folder), "--", tolerance]
        return subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)

    def assert_as_on_paper(self, run: subprocess.CompletedProcess[str]) -> None:
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertRegex(run.stdout, r"access patterns: [1-9]\d* checks, 0 failed")
        totals = json.loads((self.folder / "access-counts.json").read_text())
        self.assertEqual((totals["proof"], totals["failure"]), ("holds", ""))

    def test_every_access_is_on_its_pair_of_nodes(self) -> None:
        self.assert_as_on_paper(self.run_in("two-nodes", "--count"))

    def test_nodes_without_cpus_and_without_memory(self) -> None:
        self.assert_as_on_paper(self.run_in("memory-expander", "--count"))
        self.assert_as_on_paper(self.run_in("cpus-without-memory", "--count"))

    def test_a_cache_lets_through_what_paper_says(self) -> None:
        self.assert_as_on_paper(self.run_in("two-nodes", "--cache", "64,8,64"))
        self.assert_as_on_paper(self.run_in("two-nodes", "--cache", "128,4,64,node"))

    def test_delays_keep_the_declared_ratios(self) -> None:
        run = self.run_in("two-nodes", "--delay", tolerance="0.05")
        self.assert_as_on_paper(run)
        self.assertIn("declared 2.100", run.stdout)

    def test_without_it_the_program_says_so(self) -> None:
        run = self.run_in("two-nodes")
        self.assertEqual(run.returncode, 3)
        self.assertIn("no access counter", run.stderr)

    def test_it_needs_emulation(self) -> None:
        run = self.run_in("two-nodes", "--count", "--accel", "kvm")
        self.assertEqual(run.returncode, 2)
        self.assertIn("--accel kvm", run.stderr)

    def test_a_cache_of_no_shape_is_refused(self) -> None:
        for shape in ("64,8", "63,8,64", "64,0,64", "a,b,c", "64,8,64,socket", "1,1,4"):
            run = self.run_in("two-nodes", "--cache", shape)
            self.assertEqual(run.returncode, 2, shape)
            self.assertEqual(len(run.stderr.splitlines()), 1)
            self.assertIn(shape, run.stderr)


if __name__ == "__main__":
    unittest.main()
