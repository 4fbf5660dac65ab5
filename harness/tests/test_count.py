"""The counter of test results: a failure is never lost, a skip is never a pass, and silence is a failure."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

COUNTER = pathlib.Path(__file__).parent.parent / "count_tests.py"
PASSED = '<testcase name="good" status="run"><system-out/></testcase>'
FAILED = '<testcase name="bad" status="fail"><failure message=""/><system-out>seen 1\n\n</system-out></testcase>'
SKIPPED = (
    '<testcase name="later" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/>'
    "<system-out>no such tool\n</system-out></testcase>"
)
LOST = '<testcase name="lost" status="notrun"><skipped message="Unable to find executable"/></testcase>'


class CountTests(unittest.TestCase):
    def count(self, files: dict[str, str]) -> tuple[int, list[str]]:
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                (pathlib.Path(folder) / name).write_text(text, encoding="utf-8")
            run = subprocess.run([sys.executable, str(COUNTER), folder], capture_output=True, text=True)
            self.assertEqual(run.stderr, "")
            return run.returncode, run.stdout.splitlines()

    def suite(self, *cases: str) -> str:
        return f"<testsuite>{''.join(cases)}</testsuite>"

    def test_passes_are_counted_over_all_builds(self) -> None:
        status, lines = self.count({"a.xml": self.suite(PASSED), "b.xml": self.suite(PASSED, PASSED)})
        self.assertEqual((status, lines), (0, ["3 passed, 0 failed, 0 skipped"]))

    def test_a_failure_is_named_with_what_it_said_last(self) -> None:
        status, lines = self.count({"a.xml": self.suite(PASSED, FAILED)})
        self.assertEqual((status, lines), (1, ["failed: a: bad: seen 1", "1 passed, 1 failed, 0 skipped"]))

    def test_a_skip_is_no_pass(self) -> None:
        status, lines = self.count({"a.xml": self.suite(SKIPPED)})
        self.assertEqual((status, lines), (1, ["skipped: a: later: no such tool", "0 passed, 0 failed, 1 skipped"]))

    def test_a_test_without_its_program_failed(self) -> None:
        status, lines = self.count({"a.xml": self.suite(PASSED, LOST)})
        self.assertEqual(status, 1)
        self.assertEqual(lines[-1], "1 passed, 1 failed, 0 skipped")

    def test_a_run_of_no_tests_and_a_broken_file_fail(self) -> None:
        for text in (self.suite(), "<testsuite>"):
            status, lines = self.count({"a.xml": text, "b.xml": self.suite(PASSED)})
            self.assertEqual((status, lines[-1]), (1, "1 passed, 1 failed, 0 skipped"))

    def test_steps_count_as_tests(self) -> None:
        status, lines = self.count({"steps.tsv": "build-a\tpassed\t\nbuild-b\tfailed\tno compiler\n"})
        self.assertEqual((status, lines), (1, ["failed: build-b: no compiler", "1 passed, 1 failed, 0 skipped"]))

    def test_nothing_at_all_fails(self) -> None:
        self.assertEqual(self.count({}), (1, ["0 passed, 0 failed, 0 skipped"]))


if __name__ == "__main__":
    unittest.main()
