"""What other programs read: TAP by prove, JUnit XML by its schema, and a submission by sha256sum.

The cases are those of the rehearsal, whose results a scenario says, and a few of the real suite.
"""

import pathlib
import re
import subprocess
import unittest

from command import CommandTests

JUNIT_SCHEMA = pathlib.Path(__file__).parents[2] / "reports" / "junit.xsd"


class Outputs(CommandTests):
    def tool(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(arguments, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False)

    def prove(self, tap: str) -> subprocess.CompletedProcess[str]:
        """Debian 12 has a prove that reads version 13; but for the number the two are the same here."""
        (self.folder / "cases.tap").write_text(tap.replace("TAP version 14", "TAP version 13", 1), encoding="utf-8")
        return self.tool("prove", "--exec", "cat", "cases.tap")

    def validate_junit(self, path: str) -> subprocess.CompletedProcess[str]:
        return self.tool("xmllint", "--noout", "--schema", str(JUNIT_SCHEMA), path)

    def test_prove_accepts_what_passes(self) -> None:
        run = self.run_command("conform", "--clause", "PIN-*", "--clause", "SET-*", "--tap", "--out", "out")
        self.assertEqual(run.returncode, 0, run.stdout)
        self.assertTrue(run.stdout.startswith("TAP version 14\n1.."), run.stdout)
        cases = self.result()["conformance"]["cases"]
        self.assertEqual(len(re.findall(r"^ok \d+ - ", run.stdout, re.M)), len(cases))
        older = self.run_command("conform", "--clause", "PIN-*", "--clause", "SET-*", "--tap=13", "--out", "out")
        self.assertTrue(older.stdout.startswith("TAP version 13\n1.."), older.stdout)
        proved = self.prove(older.stdout)
        self.assertEqual(proved.returncode, 0, proved.stdout + proved.stderr)
        self.assertIn(f"Tests={len(cases)},", proved.stdout)

    def test_prove_sees_each_thing_that_is_no_pass(self) -> None:
        for scenario, status in (("case-fails", 1), ("case-inconclusive", 3), ("odd-text", 1)):
            with self.subTest(scenario=scenario):
                run = self.rehearse("conform", "--tap", "--out", "out", scenario=scenario)
                self.assertEqual(run.returncode, status, run.stdout)
                proved = self.prove(run.stdout)
                self.assertEqual(proved.returncode, 1, proved.stdout)
                self.assertRegex(proved.stdout, r"Failed test: +1\n")
                self.assertNotIn("Parse errors", proved.stdout)

    def test_a_run_that_does_not_take_place_is_no_pass(self) -> None:
        run = self.rehearse("conform", "--tap", "--out", "out", scenario="suite-refuses")
        self.assertIn("Bail out! it is no shared object", run.stdout)
        self.assertNotEqual(self.prove(run.stdout).returncode, 0)

    def test_a_clause_without_cases_has_a_plan_and_is_no_pass(self) -> None:
        run = self.run_command("conform", "--clause", "CHECK-1", "--tap", "--out", "out")
        self.assertEqual(run.returncode, 3, run.stdout)
        self.assertTrue(run.stdout.startswith("TAP version 14\n1..0\n"), run.stdout)

    def test_junit_is_as_its_schema_says(self) -> None:
        for scenario in ("", "case-fails", "case-inconclusive", "all-skipped"):
            with self.subTest(scenario=scenario):
                self.rehearse("conform", "--submission", "--out", "out", scenario=scenario)
                checked = self.validate_junit("out/junit.xml")
                self.assertEqual(checked.returncode, 0, checked.stderr)

    def test_the_real_suite_too(self) -> None:
        run = self.run_command("conform", "--clause", "LAW-*", "--jobs", "2", "--submission", "--out", "out")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        checked = self.validate_junit("out/junit.xml")
        self.assertEqual(checked.returncode, 0, checked.stderr)

    def test_the_schema_refuses_what_is_wrong(self) -> None:
        self.rehearse("conform", "--submission", "--out", "out")
        good = (self.folder / "out" / "junit.xml").read_text(encoding="utf-8")
        for was, becomes in (
            (' tests="2"', ""),
            (' time="', ' time="x'),
            ("<testcase ", "<test "),
            ('name="second"', 'name="first"'),
            ("<skipped ", '<failure message="both" /><skipped '),
        ):
            with self.subTest(becomes=becomes):
                self.assertIn(was, good)
                (self.folder / "bad.xml").write_text(good.replace(was, becomes, 1), encoding="utf-8")
                self.assertNotEqual(self.validate_junit("bad.xml").returncode, 0)

    def test_a_submission_can_be_rechecked(self) -> None:
        run = self.run_command("conform", "--clause", "SET-*", "--shuffle=7", "--submission", "--out", "out")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        folder = self.folder / "out"
        listed = {line.split("  ", 1)[1] for line in (folder / "SHA256SUMS").read_text().splitlines()}
        self.assertEqual(listed, {path.name for path in folder.iterdir() if path.is_file()} - {"SHA256SUMS"})
        self.assertLessEqual(
            {"result.json", "log.txt", "topology.xml", "junit.xml", "report.html", "RECHECK.md"}, listed
        )
        check = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
        self.assertEqual(subprocess.run(check, cwd=folder, capture_output=True, check=False).returncode, 0)
        recheck = (folder / "RECHECK.md").read_text(encoding="utf-8")
        result = self.result()
        for part in (result["environment"]["git"]["commit"], result["environment"]["kernel"], "--shuffle=7"):
            self.assertIn(part, recheck)
        with (folder / "log.txt").open("a", encoding="utf-8") as log:
            log.write("a word more\n")
        self.assertNotEqual(subprocess.run(check, cwd=folder, capture_output=True, check=False).returncode, 0)
        again = self.run_command("conform", "--clause", "SET-1", "--out", "out")
        self.assertEqual(again.returncode, 0, again.stdout + again.stderr)
        stale = {"SHA256SUMS", "RECHECK.md", "junit.xml", "report.html"}
        self.assertEqual({path.name for path in folder.iterdir()} & stale, set())

    def test_a_folder_s_name_stands_for_itself(self) -> None:
        kept = self.folder / "out1" / "result.json"
        kept.parent.mkdir()
        kept.write_text("of another run", encoding="utf-8")
        for name in ("out*", "out[1]", "out?", "-x"):
            with self.subTest(name=name):
                for _ in range(2):
                    run = self.run_command("conform", "--clause", "SET-1", "--submission", f"--out={name}")
                    self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
                    for console in ("console.log", "console-stalled.log"):
                        (self.folder / name / console).write_text("of the run before", encoding="utf-8")
                self.run_command("conform", "--clause", "SET-1", f"--out={name}")
                for console in ("console.log", "console-stalled.log"):
                    self.assertFalse((self.folder / name / console).exists())
        self.assertEqual(kept.read_text(encoding="utf-8"), "of another run")


if __name__ == "__main__":
    unittest.main()
