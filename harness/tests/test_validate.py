"""The verb validate, installed in a folder of its own with helpers that do what a test says.

The helpers of the emulated machine and of the report are found beside the command; here they are a few lines each, so that
every way they can end is seen, in no time.
"""

import json
import os
import select
import shutil
import signal
import subprocess
import unittest
from typing import Any

from command import REHEARSAL, CommandTests, schema_errors, take_signals

EMULATION = """
import json, os, pathlib, sys
arguments = sys.argv[1:]
folder = pathlib.Path(arguments[arguments.index("--out") + 1])
assert arguments[:2] == ["--machine", "two-nodes"] and arguments[arguments.index("--") + 1 :] == ["validate", "--quick"]
assert os.access(os.environ["NUMAPROOF_BINARY"], os.X_OK) and "NUMAPROOF_LIBRARY" in os.environ
folder.mkdir(parents=True)
verdict = {verdict!r}
if verdict:
    (folder / "result.json").write_text(json.dumps({{"verdict": {{"verdict": verdict, "reasons": ["so it is"]}}}}))
print("numaproof vm: what it said last", file=sys.stderr)
sys.exit({status})
"""
REPORT = """
import pathlib, sys
rights = pathlib.Path("/proc/self/status").read_text()
(pathlib.Path(sys.argv[sys.argv.index("--") + 1]) / "report.html").write_text(rights)
"""
COMPARISON = "import sys; print('slower: node 0 to node 1'); sys.exit({status})"
NO_FILE_RIGHTS = ~(1 << 1 | 1 << 2)  # All but CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH.


class ValidateTests(CommandTests):
    def setUp(self) -> None:
        super().setUp()
        self.prefix = self.folder / "prefix"
        (self.prefix / "bin").mkdir(parents=True)
        self.program = self.prefix / "bin" / "numaproof"
        shutil.copy(REHEARSAL, self.program)
        self.helper("qemu/vm.py", EMULATION.format(verdict="pass", status=0))
        self.helper("reports/report.py", REPORT)

    def helper(self, name: str, text: str) -> None:
        path = self.prefix / "share" / "numaproof" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def validate(self, *arguments: str, scenario: str = "") -> subprocess.CompletedProcess[str]:
        return self.run_command("validate", "--out", "out", *arguments, program=self.program, scenario=scenario)

    def verdict(self, *arguments: str, scenario: str = "") -> tuple[int, str, str]:
        """Exit status, verdict and first reason. Where hard mode is missing here, a pass is one for soft mode only."""
        run = self.validate(*arguments, scenario=scenario)
        result = self.result()
        self.assertIn(result["verdict"]["verdict"].upper(), run.stdout)
        return run.returncode, result["verdict"]["verdict"], result["verdict"]["reasons"][0]

    def hard_mode_is_here(self) -> bool:
        return all(check["verdict"] != "fail" for check in self.result()["checks"])

    def one_node(self) -> bool:
        info = json.loads(self.run_command("info", "--json", program=self.program).stdout)
        return len(info["environment"]["nodes"]) == 1

    def test_all_well(self) -> None:
        status, verdict, reason = self.verdict()
        self.assertEqual(status, 0)
        self.assertEqual(verdict, "pass" if self.hard_mode_is_here() else "pass-soft-only")
        if verdict == "pass":
            self.assertIn("hard mode can be relied on here", reason)
            self.assertEqual("one node" in reason, self.one_node())
        self.assertTrue((self.folder / "out" / "report.html").exists())

    def test_the_emulated_machine_counts(self) -> None:
        if not self.one_node():
            self.skipTest("this machine has nodes of its own and needs no emulated one")
        for there, status, here, words in (
            ("fail", 1, "fail", "emulated machine two-nodes: fail: so it is"),
            ("inconclusive", 3, "inconclusive", "so it is"),
            ("pass-soft-only", 0, "inconclusive", "pass-soft-only: so it is"),
            ("nonsense", 0, "inconclusive", "what it said last"),
            ("", 3, "inconclusive", "could not be run: numaproof vm: what it said last"),
            ("pass", 3, "inconclusive", "ended with status 3 after all"),
        ):
            with self.subTest(there=there, status=status):
                self.helper("qemu/vm.py", EMULATION.format(verdict=there, status=status))
                shutil.rmtree(self.folder / "out", ignore_errors=True)
                ended, verdict, reason = self.verdict()
                self.assertEqual((ended, verdict), (1 if here == "fail" else 3, here))
                self.assertIn(words, reason)

    def test_without_the_emulation_a_machine_of_one_node_is_inconclusive(self) -> None:
        if not self.one_node():
            self.skipTest("this machine has nodes of its own and needs no emulated one")
        (self.prefix / "share" / "numaproof" / "qemu" / "vm.py").unlink()
        status, verdict, reason = self.verdict()
        self.assertEqual((status, verdict), (3, "inconclusive"))
        self.assertIn("vm.py: No such file", reason)

    def test_what_fails_here_is_a_fail(self) -> None:
        for scenario, status, verdict in (
            ("case-fails", 1, "fail"),
            ("misplaced", 1, "fail"),
            ("case-inconclusive", 3, "inconclusive"),
            ("suite-refuses", 3, "inconclusive"),
            ("bench-refuses", 3, "inconclusive"),
            ("suite-refuses misplaced", 1, "fail"),
        ):
            with self.subTest(scenario=scenario):
                shutil.rmtree(self.folder / "out", ignore_errors=True)
                self.assertEqual(self.verdict(scenario=scenario)[:2], (status, verdict))

    def test_a_baseline(self) -> None:
        self.assertEqual(self.run_command("conform", "--out", "good", program=self.program).returncode, 0)
        for compared, status, verdict in ((0, 0, ""), (1, 1, "fail"), (3, 3, "inconclusive")):
            with self.subTest(compared=compared):
                self.helper("reports/compare.py", COMPARISON.format(status=compared))
                shutil.rmtree(self.folder / "out", ignore_errors=True)
                ended, seen, reason = self.verdict("--baseline", "good")
                self.assertEqual(ended, status)
                if verdict:
                    self.assertEqual(seen, verdict)
                    self.assertIn("slower: node 0 to node 1", reason)

    def test_clauses_that_were_asked_for(self) -> None:
        """They are the guest's clauses too, and a pass says that it speaks for them alone."""
        wanted = ["--clause", "PIN-*"] * 12
        emulation = EMULATION.format(verdict="pass", status=0).replace('"--quick"]', f'"--quick", *{wanted!r}]')
        self.helper("qemu/vm.py", emulation)
        run = self.validate(*wanted)
        self.assertEqual(run.returncode, 0, run.stdout)
        if self.hard_mode_is_here():
            self.assertIn("the other clauses were not tested", self.result()["verdict"]["reasons"][0])
        self.assert_one_line(self.validate("--clause", "PON-*"), 2, "no clause matches 'PON-*'")

    def test_the_page_is_made_with_file_rights_only(self) -> None:
        self.validate()
        page = (self.folder / "out" / "report.html").read_text(encoding="utf-8")
        rows = dict(row.split(":\t", 1) for row in page.splitlines() if ":\t" in row)
        self.assertEqual(int(rows["CapEff"], 16) & NO_FILE_RIGHTS, 0)
        self.assertEqual(int(rows["CapPrm"], 16) & NO_FILE_RIGHTS, 0)
        self.assertEqual(rows["NoNewPrivs"], "1")

    def test_without_a_page_the_verdict_stands(self) -> None:
        self.helper("reports/report.py", "import sys; sys.exit('no pictures today')")
        run = self.validate()
        self.assertEqual(run.returncode, 0)
        self.assertIn("no report.html: no pictures today", run.stderr)
        self.assertIn("Results: out", run.stdout)

    def test_a_helper_that_is_killed_is_told(self) -> None:
        if not self.one_node():
            self.skipTest("this machine has nodes of its own and needs no emulated one")
        self.helper("qemu/vm.py", "import os; os.kill(os.getpid(), 9)")
        self.assertIn("killed by signal 9", self.verdict()[2])

    def end(self, process: int) -> None:
        """End a process, by its descriptor, that should have ended by itself."""
        try:
            signal.pidfd_send_signal(process, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def test_an_interrupted_run_leaves_no_helper_behind(self) -> None:
        if not self.one_node():
            self.skipTest("this machine has nodes of its own and needs no emulated one")
        pipe = str(self.folder / "pipe")
        os.mkfifo(pipe)
        self.helper("qemu/vm.py", f"import os, signal; open({pipe!r}, 'w').write(str(os.getpid())); signal.pause()")
        run = subprocess.Popen(
            [str(self.program), "validate", "--out", "out"],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            preexec_fn=take_signals,
        )
        with open(pipe, encoding="utf-8") as started:
            helper = os.pidfd_open(int(started.read()))
        self.addCleanup(os.close, helper)
        self.addCleanup(self.end, helper)
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(), -signal.SIGINT)
        self.assertEqual(select.select([helper], [], [], 60)[0], [helper], "the helper still runs")
        self.assertFalse((self.folder / "out" / "result.json").exists())

    def test_emulated_results_are_kept_apart(self) -> None:
        self.validate()
        measurements: Any = self.result()["measurements"]
        self.assertEqual(len(measurements), 1)
        if self.one_node():
            self.assertTrue((self.folder / "out" / "emulated" / "two-nodes" / "result.json").exists())


if __name__ == "__main__":
    unittest.main()
