"""The access counter as the suite's oracle: it alone finds an executor that strays once in a thousand tasks."""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

COMMAND = os.environ["NUMAPROOF_COMMAND"]
MUTANT = os.environ["NUMAPROOF_MUTANT"]


class Oracle(unittest.TestCase):
    def conform(self, *arguments: str, options: tuple[str, ...] = ()) -> tuple[int, dict[str, str]]:
        """Exit status, and verdicts by case."""
        with tempfile.TemporaryDirectory() as folder:
            vm = [COMMAND, "vm", "--machine", "two-nodes", *options, "--out", folder, "--"]
            done = subprocess.run([*vm, "conform", *arguments], capture_output=True, text=True, check=False)
            result = Path(folder, "result.json")
            self.assertTrue(result.is_file(), done.stdout + done.stderr)
            cases = json.loads(result.read_text())["conformance"]["cases"]
        return done.returncode, {case["id"]: case["verdict"] for case in cases}

    def test_the_reference_makes_no_foreign_access(self) -> None:
        clauses = [word for clause in ("PIN-2", "MEM-2", "MEM-9", "SHARD-1") for word in ("--clause", clause)]
        status, verdicts = self.conform("--clause", "EXEC-4", *clauses, options=("--count",))
        by_access = {case: verdict for case, verdict in verdicts.items() if case.startswith("access_")}
        self.assertEqual(status, 0, verdicts)
        self.assertEqual(len(by_access), 5, by_access)
        self.assertEqual(set(by_access.values()), {"pass"}, by_access)

    def test_one_task_in_a_thousand_is_found_by_the_counter_alone(self) -> None:
        asked = ("--clause", "EXEC-4", "--impl", MUTANT)
        status, verdicts = self.conform(*asked, options=("--count",))
        failed = [case for case, verdict in verdicts.items() if verdict == "fail"]
        self.assertEqual((status, failed), (1, ["access_tasks_stay_on_their_node"]), verdicts)
        status, verdicts = self.conform(*asked)
        self.assertEqual((status, verdicts["access_tasks_stay_on_their_node"]), (0, "not-applicable"), verdicts)


if __name__ == "__main__":
    unittest.main()
