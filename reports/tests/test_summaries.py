"""JUnit XML and Markdown beside the page."""

from __future__ import annotations

import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent)]

import report as report_program  # noqa: E402
import sample  # noqa: E402
from folder import WithFolder  # noqa: E402


class Summaries(WithFolder):
    def test_junit_has_a_test_a_case(self) -> None:
        content = sample.result()
        failed = {**content["conformance"]["cases"][0], "id": "bad", "verdict": "fail", "reason": "1, not 2\x01"}
        error = {**failed, "id": "broken", "status": "error", "verdict": "inconclusive"}
        content["conformance"]["cases"] += [failed, error]
        run = sample.write(self.folder / "run", content)
        self.assertEqual(self.run_program(report_program, run, "--junit", self.folder / "junit.xml")[0], 0)
        suite = ElementTree.parse(self.folder / "junit.xml").getroot()[0]
        self.assertEqual(
            {k: suite.get(k) for k in ("tests", "failures", "errors", "skipped")},
            dict.fromkeys(("failures", "errors", "skipped"), "1") | {"tests": "4"},
        )
        self.assertEqual([len(test) for test in suite], [0, 1, 1, 1])

    def verdict_tests(self, content: dict[str, Any]) -> dict[str, tuple[str, str]]:
        """Of the suite of the verdict, by test: what stands in it, and its message."""
        run = sample.write(self.folder / "run", content)
        junit = self.folder / "junit.xml"
        self.assertEqual(self.run_program(report_program, run, "--junit", junit)[0], 0)
        schema = Path(__file__).resolve().parent.parent / "junit.xsd"
        command = ["xmllint", "--noout", "--nonet", "--schema", str(schema), str(junit)]
        checked = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        suites = [suite for suite in ElementTree.parse(junit).getroot() if suite.get("name") == "verdict"]
        self.assertEqual(len(suites), 1)
        failures = sum(len(test.findall("failure")) for test in suites[0])
        self.assertEqual(suites[0].get("failures"), str(failures))
        return {
            str(test.get("name")): (test[0].tag, str(test[0].get("message"))) if len(test) else ("", "")
            for test in suites[0]
        }

    def test_junit_is_red_where_the_verdict_is(self) -> None:
        for verdict, outcome in (
            ("pass", ""),
            ("pass-soft-only", ""),
            ("inconclusive", "failure"),
            ("fail", "failure"),
        ):
            with self.subTest(verdict=verdict):
                content = sample.changed(sample.result(), ["verdict", "verdict"], verdict)
                self.assertEqual(self.verdict_tests(content)["verdict"][0], outcome)
                content["conformance"] = None
                self.assertEqual(self.verdict_tests(content)["verdict"][0], outcome)

    def test_junit_has_what_is_no_case_and_made_the_verdict(self) -> None:
        far = "latency from node 0 to node 1"
        rows = [
            ("fail", "figure", far, "is 6 times"),
            ("fail", "figure", far, "was misplaced"),
            ("fail", "claim", "remote-slower-0-1", "does not hold\x01"),
            ("fail", "case", "bad", "PIN-3: failed"),
            ("inconclusive", "part", "emulated machine two-nodes", "was lost"),
            ("pass-soft-only", "check", "numa-balancing", "is 1"),
            ("note", "check", "swap", "there is some"),
        ]
        content = sample.changed(sample.result(), ["verdict", "verdict"], "fail")
        content["verdict"]["findings"] = [dict(zip(("weight", "part", "id", "text"), row)) for row in rows]
        tests = self.verdict_tests(content)
        self.assertEqual(
            {name: outcome for name, (outcome, _) in tests.items()},
            {
                "verdict": "failure",
                f"figure {far}": "failure",
                f"figure {far} (2)": "failure",
                "claim remote-slower-0-1": "failure",
                "part emulated machine two-nodes": "failure",
                "check numa-balancing": "skipped",
            },
        )
        self.assertEqual(tests[f"figure {far} (2)"][1], "fail: was misplaced")

    def test_markdown_keeps_hostile_words_out(self) -> None:
        content = sample.changed(sample.result(), ["verdict", "reasons"], [sample.HOSTILE])
        run = sample.write(self.folder / "run", content)
        self.assertEqual(self.run_program(report_program, run, "--markdown", self.folder / "s.md")[0], 0)
        text = (self.folder / "s.md").read_text()
        self.assertIn("## This machine: PASS", text)
        self.assertNotIn("<script>", text)


if __name__ == "__main__":
    unittest.main()
