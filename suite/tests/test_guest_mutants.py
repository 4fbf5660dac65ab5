"""Mutants that this machine cannot decide, tried where they can be: in emulated machines.

A lie about a second node, a gap in the node ids or a node without CPUs is told by nothing on a machine that has none.
The first machine tries them all, the others what it left undecided, and in the end each mutant has been killed somewhere.
What can be decided anywhere is tried on the host, by the test suite.mutants.
"""

import concurrent.futures
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

# The machine that decides most, and those for what few mutants need.
FIRST = "two-nodes"
OTHERS = ["node-gap", "memory-expander", "four-ring", "cpus-without-memory", "huge-pages", "one-node"]

# Needs that are met on every host (a guest has no PAPI, and what is asked of the build does not depend on the machine), or
# by the counter's own test, which arms it.
ELSEWHERE = ("PAPI", "a build without sanitizers", "an access counter")

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
        wanted = conditional_mutants()
        self.assertGreaterEqual(len(wanted), 15)
        fates = {FIRST: self.try_in(FIRST, sorted(wanted))}
        left = sorted(name for name in wanted if fates[FIRST][name] != "killed")
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            fates.update(zip(OTHERS, pool.map(lambda machine: self.try_in(machine, left), OTHERS)))
        for machine, of_machine in fates.items():
            for name, fate in of_machine.items():
                with self.subTest(machine=machine, mutant=name):
                    self.assertIn(fate, ("killed", "undecided"))
        undecided = [name for name in left if all(fates[machine][name] != "killed" for machine in OTHERS)]
        self.assertEqual(undecided, [], "no machine decides these")


if __name__ == "__main__":
    unittest.main(verbosity=2)
