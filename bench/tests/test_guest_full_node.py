"""A full node stays as full as it was to be in a real guest, whoever gives memory back: see full_node.c."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

LAUNCHER = Path(__file__).resolve().parents[2] / "qemu" / "vm.py"


class FullNode(unittest.TestCase):
    def test_stays_full(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, str(LAUNCHER), "--machine", "two-nodes", "--out", folder, "--", "full-node"]
            run = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertIn("then 0 of 50 found room", run.stdout)


if __name__ == "__main__":
    unittest.main()
