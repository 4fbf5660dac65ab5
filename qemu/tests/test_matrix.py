"""Many machines: how many at once, what each came to, and what all came to together."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

import support
from emulated import fleet
from emulated.fleet import Job, RunningJob, Watcher, run_fleet
from emulated.summary import Row, as_values, coverage, coverage_lines, overall_status, row_for, rows_as_cells, uncovered
from emulated.table import table


class Recorder(Watcher):
    """Remembers what ran beside what."""

    def __init__(self) -> None:
        self.running: list[str] = []
        self.most = 0
        self.statuses: dict[str, int] = {}
        self.order: list[str] = []

    def began(self, running: RunningJob) -> None:
        self.running.append(running.job.machine.name)
        self.order.append(running.job.machine.name)
        self.most = max(self.most, len(self.running))

    def ended(self, running: RunningJob, status: int) -> None:
        self.running.remove(running.job.machine.name)
        self.statuses[running.job.machine.name] = status


class Fleets(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def jobs(self, count: int, memory: int = 0) -> list[Job]:
        machines = [support.machine_of((number + 1, 512), name=f"m{number}", needs=memory) for number in range(count)]
        return [Job(machine, machine.name, self.folder / machine.name) for machine in machines]

    def run_jobs(self, jobs: list[Job], at_once: int, code: str) -> Recorder:
        recorder = Recorder()
        run_fleet(jobs, at_once, lambda job: ["-c", code, job.machine.name], recorder)
        return recorder

    def test_no_more_at_once_than_asked_and_the_largest_first(self) -> None:
        recorder = self.run_jobs(self.jobs(6), 2, "import time; time.sleep(0.2)")
        self.assertEqual(recorder.most, 2)
        self.assertEqual(recorder.order[0], "m5")
        self.assertEqual(len(recorder.statuses), 6)

    def test_no_more_at_once_than_memory_holds_but_always_one(self) -> None:
        with mock.patch.object(fleet, "available_memory", return_value=100):
            self.assertEqual(self.run_jobs(self.jobs(4, memory=40), 4, "import time; time.sleep(0.2)").most, 2)
            self.assertEqual(len(self.run_jobs(self.jobs(2, memory=101), 2, "").statuses), 2)

    def test_memory_that_others_took_meanwhile_is_waited_for(self) -> None:
        def available() -> int:
            return 30 if recorder.running else 100

        recorder = Recorder()
        with mock.patch.object(fleet, "available_memory", available):
            run_fleet(self.jobs(3, memory=40), 3, lambda job: ["-c", "import time; time.sleep(0.2)"], recorder)
        self.assertEqual((recorder.most, len(recorder.statuses)), (1, 3))

    def test_memory_that_others_gave_back_is_used(self) -> None:
        memory = iter([50, *[100] * 99])
        with mock.patch.object(fleet, "available_memory", lambda: next(memory)):
            recorder = self.run_jobs(self.jobs(3, memory=45), 2, "import time; time.sleep(0.2)")
        self.assertEqual(recorder.most, 2)

    def test_statuses_and_output_are_kept(self) -> None:
        recorder = self.run_jobs(self.jobs(2), 2, "import sys; print(sys.argv[1]); sys.exit(int(sys.argv[1][1:]))")
        self.assertEqual(recorder.statuses, {"m0": 0, "m1": 1})
        self.assertEqual((self.folder / "m1" / fleet.OUTPUT).read_text(), "m1\n")

    def test_an_interruption_ends_all(self) -> None:
        class Interrupting(Recorder):
            def refresh(self, running: list[RunningJob]) -> None:
                self.processes = [each.process for each in running]
                raise KeyboardInterrupt

        recorder = Interrupting()
        with self.assertRaises(KeyboardInterrupt):
            run_fleet(self.jobs(2), 2, lambda job: ["-c", "import time; time.sleep(60)"], recorder)
        self.assertEqual([process.returncode for process in recorder.processes], [-signal.SIGTERM] * 2)


class Rows(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def row(self, status: int, record: object = None, result: object = None, last_line: str = "") -> Row:
        for name, content in (("machine.json", record), ("result.json", result)):
            (self.folder / name).unlink(missing_ok=True)
            if content is not None:
                (self.folder / name).write_text(content if isinstance(content, str) else json.dumps(content))
        return row_for(Job(support.machine_of((1, 512)), "made-up", self.folder), status, 1.0, last_line)

    def test_a_good_run(self) -> None:
        clauses = [{"id": "PIN-1", "level": "must", "verdict": "pass"}, {"id": "PIN-2", "verdict": "not-applicable"}]
        clauses.append({"id": "CHECK-1", "level": "command", "verdict": "not-applicable"})
        result = {"conformance": {"summary": {"passed": 3, "failed": 0, "skipped": 1}, "clauses": clauses}}
        row = self.row(0, {"outcome": "ended", "status": 0}, result)
        self.assertEqual((row.status, row.cases["passed"], row.cases["skipped"]), (0, 3, 1))
        self.assertEqual(row.clauses, {"PIN-1": "pass", "PIN-2": "not-applicable"})

    def test_a_lost_guest_tells_its_cause(self) -> None:
        row = self.row(3, {"outcome": "panic", "status": None, "reason": "kernel panic: bad"})
        self.assertEqual((row.status, row.outcome, row.reason), (3, "panic", "kernel panic: bad"))

    def test_nothing_counts_as_a_pass_without_its_record(self) -> None:
        self.assertEqual(self.row(0).status, 3)
        self.assertEqual(self.row(0, "{ cut").status, 3)
        self.assertEqual(self.row(-9, {"outcome": "ended", "status": 0}).status, 3)
        self.assertEqual(self.row(0, {"outcome": "panic", "status": None}).status, 3)

    def test_a_failure_has_its_reason(self) -> None:
        verdict = {"verdict": {"verdict": "fail", "reasons": ["PIN-1 fails", "more"]}}
        self.assertEqual(self.row(1, {"outcome": "ended", "status": 1}, verdict).reason, "PIN-1 fails")
        self.assertEqual(self.row(2, last_line="numaproof vm: wrong").reason, "numaproof vm: wrong")

    def test_foreign_results_are_survived(self) -> None:
        for result in (
            "",
            "[]",
            {"conformance": []},
            {"conformance": {"clauses": [1, {"id": 1}]}, "verdict": {"reasons": 1}},
        ):
            self.row(1, {"outcome": "ended", "status": 1}, result)


def row(name: str, status: int, **clauses: str) -> Row:
    """A row with clauses."""
    return Row(name, status, "ended", 1.0, "", {}, {key.replace("_", "-"): value for key, value in clauses.items()})


class AllTogether(unittest.TestCase):
    def test_the_worst_result_counts(self) -> None:
        self.assertEqual(overall_status([row("a", 0), row("b", 0)], True), 0)
        self.assertEqual(overall_status([row("a", 3), row("b", 1)], True), 1)
        self.assertEqual(overall_status([row("a", 0), row("b", 3)], True), 3)
        self.assertEqual(overall_status([row("a", 2), row("b", 3)], True), 2)

    def test_each_clause_must_have_passed_somewhere(self) -> None:
        rows = [
            row("a", 0, PIN_1="pass", PIN_2="not-applicable"),
            row("b", 0, PIN_1="not-applicable", PIN_2="inconclusive"),
        ]
        self.assertEqual(uncovered(rows), ["PIN-2"])
        self.assertEqual(overall_status(rows, coverage_counts=True), 3)
        self.assertEqual(overall_status(rows, coverage_counts=False), 0)
        self.assertEqual(as_values(rows, ["conform"], 3)["uncovered_clauses"], ["PIN-2"])

    def test_clauses_are_told_by_the_number_of_machines_that_they_ran_on(self) -> None:
        rows = [
            row("a", 0, LAW_1="pass", LAW_2="pass", PIN_1="pass", PIN_2="not-applicable"),
            row("b", 1, LAW_1="pass", LAW_2="pass", PIN_1="fail", PIN_2="not-applicable"),
        ]
        head, two, none = coverage_lines(rows)
        self.assertEqual(two, "       2  LAW-1, LAW-2, PIN-1 (passed on 1)")
        self.assertEqual(none, "       0  PIN-2")
        self.assertTrue(head.startswith("MACHINES  CLAUSES"))
        self.assertEqual(vars(coverage(rows)["PIN-1"]), {"ran": 2, "passed": 1})
        self.assertIn("clauses", as_values(rows, ["conform"], 1))
        self.assertEqual(coverage_lines([row("a", 0)]), [])

    def test_long_lines_of_clauses_are_folded(self) -> None:
        rows = [row("a", 0, **{f"EXEC_{number}": "pass" for number in range(40)})]
        for line in coverage_lines(rows):
            self.assertLessEqual(len(line), 80)

    def test_the_table(self) -> None:
        rows = [row("short", 0), row("longer-name", 1)]
        rows[0].cases = {"passed": 12, "failed": 0, "skipped": 3, "inconclusive": 0, "errors": 0}
        lines = table(*rows_as_cells(rows)).splitlines()
        self.assertEqual(lines[0], "MACHINE      RESULT  SECONDS  PASSED  FAILED  SKIPPED")
        self.assertEqual(lines[1], "short        pass          1      12       0        3")
        self.assertEqual(lines[2], "longer-name  fail          1       -       -        -")


class KilledLaunchers(unittest.TestCase):
    def test_the_fleets_processes_go_with_it(self) -> None:
        folder = self.enterContext(tempfile.TemporaryDirectory())
        code = (
            f"import sys; sys.path[:0] = {[str(support.QEMU_FOLDER), str(Path(__file__).parent)]!r}\n"
            "import support\n"
            "from pathlib import Path\n"
            "from emulated.fleet import Job, Watcher, run_fleet\n"
            "class Teller(Watcher):\n"
            "    def began(self, running):\n"
            "        print(running.process.pid, flush=True)\n"
            f"job = Job(support.machine_of((1, 512)), 'm', Path({folder!r}))\n"
            "run_fleet([job], 1, lambda job: ['-c', 'import time; time.sleep(60)'], Teller())\n"
        )
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as launcher:
            assert launcher.stdout is not None
            child = int(launcher.stdout.readline())
            launcher.kill()
        deadline = time.monotonic() + 30
        while os.path.exists(f"/proc/{child}"):
            self.assertLess(time.monotonic(), deadline, "the child outlives its launcher")
            time.sleep(0.02)


if __name__ == "__main__":
    unittest.main()
