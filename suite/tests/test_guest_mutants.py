"""Mutants that this machine cannot decide, tried where they can be: in emulated machines.

A lie about a second node, a gap in the node ids or a node without CPUs is told by nothing on a machine that has none.
Each machine below tries what is still undecided, and in the end each mutant has been killed somewhere. What can be decided
anywhere is tried on the host, by the test suite.mutants.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

VM = pathlib.Path(os.environ["NUMAPROOF_VM"])
MUTANTS = pathlib.Path(os.environ["NUMAPROOF_MUTANTS"])
SOURCES = pathlib.Path(__file__).resolve().parent.parent / "mutants"

# From the one that decides most to those that few mutants need.
MACHINES = ["two-nodes", "memory-expander", "cpus-without-memory", "node-gap", "four-ring", "huge-pages"]

# What a machine of ours cannot have, and where such mutants are tried instead.
ELSEWHERE = {"PAPI": "on the host"}

_FIRST_LINE = re.compile(r"/\* Breaks (?P<clause>[A-Z]+-\d+)(?: \[needs (?P<needs>[^]]+)\])?: ")
_FATE = re.compile(r"(?P<fate>killed|SURVIVED|undecided|BROKEN|not tried) +(?P<clause>\S+) +(?P<name>\w+) +\d+ ms")


def conditional_mutants() -> dict[str, str]:
    """Names of those that need something, with what."""
    needs = {}
    for source in SOURCES.glob("*.c"):
        match = _FIRST_LINE.match(source.read_text(encoding="utf-8"))
        if match and match["needs"] and match["needs"] not in ELSEWHERE:
            needs[source.stem] = match["needs"]
    return needs


class MutantsInGuests(unittest.TestCase):
    def try_in(self, machine: str, names: list[str]) -> dict[str, str]:
        """What became of each in that machine."""
        objects = [str(MUTANTS / f"{name}.so") for name in names]
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, str(VM), "--machine", machine, "--accel", "tcg", "--out", folder, "--"]
            done = subprocess.run(
                [*command, "--jobs", "4", "--limit", "15", *objects],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
        print(f"in {machine}, exit status {done.returncode}:\n{done.stdout}", flush=True)
        fates = {match["name"]: match["fate"] for match in _FATE.finditer(done.stdout)}
        self.assertEqual(sorted(fates), sorted(names), done.stdout + done.stderr)
        return fates

    def test_each_is_killed_somewhere(self) -> None:
        left = conditional_mutants()
        self.assertGreaterEqual(len(left), 15)
        for machine in MACHINES:
            if not left:
                break
            for name, fate in self.try_in(machine, sorted(left)).items():
                with self.subTest(machine=machine, mutant=name):
                    self.assertIn(fate, ("killed", "undecided"))
                if fate == "killed":
                    del left[name]
        self.assertEqual(left, {}, "mutants that no machine can decide")


if __name__ == "__main__":
    unittest.main(verbosity=2)
