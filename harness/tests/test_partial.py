"""Another implementation, and a partial one: suite/example/bare_pinning.c, which has the contract's headers and nothing else of ours.

It is told what it conforms to, and credited with nothing that it does not export. The lists below are exact: a change in
them is a change in what the suite says of somebody's work.
"""

import os
import pathlib
import re
import unittest

from command import CommandTests

EXAMPLE = pathlib.Path(os.environ["NUMAPROOF_EXAMPLE"])
API = pathlib.Path(__file__).parents[2] / "ref" / "include" / "numaproof" / "api.h"

EXPORTED = {
    "np_pin_to_cpus",
    "np_pin_to_cpu",
    "np_pin_current",
    "np_pin_release",
    "np_pin_cpus",
    "np_pin_enforcement",
    "np_pin_verify",
    "np_version",
    "np_version_string",
}

# PIN-2, PIN-4 and PIN-7 have cases that pin to a node, which this implementation cannot.
CONFORMING = ["PIN-1", "PIN-3", "PIN-5", "PIN-6", "PIN-8", "PIN-9"]
LACKING = ["PIN-2", "PIN-4", "PIN-7"]


class PartialImplementation(CommandTests):
    def conform(self) -> str:
        run = self.run_command("conform", "--impl", str(EXAMPLE), "--jobs", "2", "--out", "out")
        self.assertEqual(run.returncode, 1, run.stdout + run.stderr)
        return run.stdout

    def test_the_list_is_exact(self) -> None:
        printed = self.conform()
        conformance = self.result()["conformance"]
        declared = {f"np_{name}" for name in re.findall(r"^    X\((\w+)\)", API.read_text(encoding="utf-8"), re.M)}
        self.assertEqual(set(conformance["missing"]), declared - EXPORTED)
        self.assertEqual(conformance["functions"], len(declared))
        verdicts = {clause["id"]: clause["verdict"] for clause in conformance["clauses"]}
        conforming = [clause for clause, verdict in verdicts.items() if verdict == "pass"]
        self.assertIn(f"It exports {len(EXPORTED)} of the {len(declared)} functions", printed)
        if os.geteuid() != 0:  # A user who may not pin strictly sees less of it, and never more.
            self.assertLessEqual(set(conforming), set(CONFORMING))
            return
        self.assertEqual(conforming, CONFORMING)
        self.assertTrue(all(verdicts[clause] == "fail" for clause in LACKING))
        self.assertIn("conforms to 6 of 9 clauses; not to PIN-2, PIN-4, PIN-7", printed)

    def test_what_fails_fails_for_want_of_a_function(self) -> None:
        self.conform()
        conformance = self.result()["conformance"]
        missing = set(conformance["missing"])
        self.assertEqual(conformance["summary"]["errors"], 0)
        for case in conformance["cases"]:
            if case["verdict"] != "fail" or case["id"] == "abi_exports_everything":
                continue
            with self.subTest(case=case["id"]):
                match = re.fullmatch(r"the implementation does not export (np_\w+)", case["reason"])
                self.assertIsNotNone(match, case["reason"])
                assert match is not None
                self.assertIn(match[1], missing)


if __name__ == "__main__":
    unittest.main()
