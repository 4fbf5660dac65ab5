"""What the command writes and how it ends, for every result that the suite and the benchmark can have."""

import copy
import json
import os
import pty
import select
import subprocess
import unittest
from typing import Any

from command import COMMAND, REHEARSAL, CommandTests, schema_errors


class ScenarioTests(CommandTests):
    """Exit status and verdict of a run, by what became of its cases and figures."""

    def check(self, verb: str, scenario: str, status: int, verdict: str, reason: str) -> Any:
        with self.subTest(verb=verb, scenario=scenario):
            run = self.rehearse(verb, "--out", "out", scenario=scenario)
            self.assertEqual(run.returncode, status, run.stderr)
            result = self.result()
            self.assertEqual(result["verdict"]["verdict"], verdict)
            self.assertIn(reason, result["verdict"]["reasons"][0])
            self.assertIn(verdict.upper(), run.stdout)
            return result

    def test_conform(self) -> None:
        for scenario, status, verdict, reason in (
            ("", 0, "pass", "cases passed: 1, failed: none"),
            ("case-fails", 1, "fail", "PIN-3: case first failed: expected 1, seen 2"),
            ("case-errs", 1, "fail", "first could not be run: ended without a verdict"),
            ("case-inconclusive", 3, "inconclusive", "too noisy"),
            ("all-skipped", 3, "inconclusive", "no conformance case passed"),
            ("odd-text", 1, "fail", 'seen ??\n"x"'),
        ):
            result = self.check("conform", scenario, status, verdict, reason)
            self.assertEqual(result["measurements"], [])
            self.assertEqual([case["id"] for case in result["conformance"]["cases"]], ["first", "second"])

    def test_text_of_an_implementation_does_not_act_on_the_terminal(self) -> None:
        run = self.rehearse("conform", scenario="odd-text")
        self.assertIn('?"x"', run.stdout)

    def test_bench(self) -> None:
        for scenario, status, verdict, reason in (
            ("", 0, "pass", "figures taken: 1"),
            ("not-converged", 3, "inconclusive", "none of 1 figures is known well enough to tell anything"),
            ("claim-undecided", 3, "inconclusive", "1 of 1 claims could not be decided from the figures"),
            ("misplaced", 1, "fail", "was not where it should be: because"),
            ("not-run", 3, "inconclusive", "could not be measured: because"),
            ("claim-fails", 1, "fail", "Remote memory is slower than local: does not hold"),
        ):
            result = self.check("bench", scenario, status, verdict, reason)
            self.assertIsNone(result["conformance"])
            figure = scenario not in ("misplaced", "not-run")
            self.assertEqual(result["measurements"][0]["median"], 100.5 if figure else None)
            self.assertIsNone(result["measurements"][0]["p99"])

    def test_groups_of_modes_are_marked_and_their_noise_is_told(self) -> None:
        run = self.rehearse("bench", "modes", scenario="noisy-modes")
        self.assertIn("  lookup, quiet  (n 3)\n", run.stdout)
        told = {"lookup, CPU hog": "soft: others took 41%", "chase, quiet": "hard: throttled"}
        for group, words in told.items():
            self.assertIn(f"  {group}  (n 3)  noisy\n", run.stdout)
            self.assertIn(f"  noisy           {group}, throughput, {words}\n", run.stdout)
        self.assertEqual(run.stdout.count("noisy"), 2 * len(told))

    def test_a_counter_that_does_not_count_is_no_zero(self) -> None:
        self.rehearse("bench", "--out", "out")
        faults, remote = self.result()["counters"]
        self.assertEqual((faults["value"], faults["reason"]), (7, ""))
        self.assertEqual((remote["value"], remote["reason"]), (None, "no such event"))
        listed = json.loads(self.rehearse("info", "--json").stdout)
        self.assertEqual(schema_errors("result", listed), [])
        self.assertEqual([counter["value"] for counter in listed["counters"]], [None, None])

    def test_raw_samples_are_kept(self) -> None:
        self.rehearse("bench", "latency", "--out", "out")
        samples = json.loads((self.folder / "out" / "samples.json").read_text(encoding="utf-8"))
        self.assertEqual(schema_errors("samples", samples), [])
        self.assertEqual(samples["samples"][0]["samples"], [100.5, 101.5, 99.5])

    def test_a_run_that_does_not_take_place_leaves_nothing(self) -> None:
        for verb, scenario, status, words in (
            ("conform", "suite-refuses", 2, "it is no shared object"),
            ("bench", "bench-refuses", 3, "asked for 1 GiB, and 1 MiB is free"),
        ):
            with self.subTest(verb=verb):
                self.assert_one_line(self.rehearse(verb, "--out", "out", scenario=scenario), status, words)
                self.assertFalse((self.folder / "out").exists())


class FolderTests(CommandTests):
    def test_an_old_result_does_not_survive_a_run_that_dies(self) -> None:
        self.assertEqual(self.rehearse("conform", "--out", "out").returncode, 0)
        self.assertTrue((self.folder / "out" / "result.json").exists())
        self.assertEqual(self.rehearse("conform", "--out", "out", scenario="suite-dies").returncode, -9)
        self.assertEqual([path.name for path in (self.folder / "out").iterdir()], ["log.txt.partial"])

    def test_without_a_name_folders_are_named_by_time_and_verb(self) -> None:
        for _ in range(3):
            self.assertEqual(self.rehearse("conform").returncode, 0)
        names = [path.name for path in (self.folder / "numaproof-results").iterdir()]
        self.assertEqual(len(names), 3)
        for name in names:
            self.assertRegex(name, r"^\d{8}T\d{6}Z-conform(-\d+)?$")

    def test_what_a_folder_holds(self) -> None:
        self.rehearse("bench", "--out", "out")
        names = {path.name for path in (self.folder / "out").iterdir()}
        self.assertEqual(names - {"topology.svg"}, {"result.json", "samples.json", "topology.xml", "log.txt"})
        self.assertIn("verdict: pass", (self.folder / "out" / "log.txt").read_text(encoding="utf-8"))

    def test_the_picture_and_the_nodes_are_of_this_machine(self) -> None:
        faked = {"HWLOC_SYNTHETIC": "node:4 core:4 pu:1", "HWLOC_XMLFILE": "/nonexistent"}
        run = self.run_command("conform", "--out", "out", program=REHEARSAL, environment=faked)
        self.assertIn("HWLOC_SYNTHETIC is ignored", run.stderr)
        self.assertIn("HWLOC_XMLFILE is ignored", run.stderr)
        topology = (self.folder / "out" / "topology.xml").read_text(encoding="utf-8")
        self.assertEqual(topology.count('type="NUMANode"'), len(self.result()["environment"]["nodes"]))


class EnvironmentTests(CommandTests):
    def test_info_is_about_this_machine(self) -> None:
        run = self.run_command("info", "--json", program=COMMAND)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        info = json.loads(run.stdout)
        self.assertEqual(schema_errors("result", info), [])
        environment = info["environment"]
        self.assertEqual(environment["privileges"]["uid"], os.geteuid())
        self.assertEqual(environment["command"], [str(COMMAND), "info", "--json"])
        self.assertIn(os.uname().release, environment["kernel"])
        self.assertEqual(sum(count_cpus(node["cpus"]) for node in environment["nodes"]), os.cpu_count())
        self.assertEqual(info["verdict"]["verdict"], "inconclusive")

    def test_info_for_people_has_each_check(self) -> None:
        checks = json.loads(self.run_command("info", "--json").stdout)["checks"]
        table = self.run_command("info").stdout
        for check in checks:
            self.assertIn(check["title"], table)


def count_cpus(cpus: str) -> int:
    ranges = [item.split("-") for item in cpus.split(",") if item]
    return sum(int(item[-1]) - int(item[0]) + 1 for item in ranges)


class SchemaTests(CommandTests):
    """A schema that accepts everything proves nothing: it must refuse what is wrong."""

    def test_wrong_documents_are_refused(self) -> None:
        self.rehearse("conform", "--out", "conform", scenario="case-fails")
        self.rehearse("bench", "--out", "bench", scenario="misplaced")
        wrong: list[tuple[str, list[Any], Any]] = [
            ("conform", ["schema"], 2),
            ("conform", ["surplus"], 1),
            ("conform", ["verdict", "verdict"], "passed"),
            ("conform", ["verdict", "reasons"], []),
            ("conform", ["environment", "nodes"], []),
            ("conform", ["environment", "started"], "yesterday"),
            ("conform", ["checks", 0, "verdict"], "fine"),
            ("conform", ["conformance", "cases", 0, "reason"], ""),
            ("conform", ["conformance", "cases", 0, "verdict"], "not-applicable"),
            ("conform", ["conformance", "cases", 1, "verdict"], "pass"),
            ("conform", ["conformance", "cases", 1, "clauses"], []),
            ("bench", ["measurements", 0, "median"], 1.0),
            ("bench", ["measurements", 0, "converged"], True),
            ("bench", ["measurements", 0, "initiator"], -1),
        ]
        for folder, path, value in wrong:
            with self.subTest(path=path):
                document = copy.deepcopy(self.result(folder))
                *way, last = path
                place = document
                for key in way:
                    place = place[key]
                place[last] = value
                self.assertNotEqual(schema_errors("result", document), [])

    def test_each_part_is_required(self) -> None:
        self.rehearse("conform", "--out", "out")
        result = self.result()
        for part in set(result) - {"thresholds"}:  # Which results of before do not have.
            self.assertNotEqual(schema_errors("result", {key: result[key] for key in result if key != part}), [])


class TerminalTests(CommandTests):
    """Colour and progress are for terminals that want them."""

    def on_terminal(self, scenario: str, **environment: str) -> str:
        """What appears on a terminal of 80 columns that is both outputs."""
        master, slave = pty.openpty()
        settings = {**os.environ, "TERM": "xterm", "NUMAPROOF_SCENARIO": scenario, **environment}
        settings.pop("NO_COLOR", None) if "NO_COLOR" not in environment else None
        process = subprocess.Popen(
            [str(REHEARSAL), "conform", "--out", "out"], cwd=self.folder, env=settings, stdout=slave, stderr=slave
        )
        os.close(slave)
        shown = b""
        while select.select([master], [], [], 60)[0]:
            try:
                shown += os.read(master, 65536)
            except OSError:  # Linux says so when the last writer has gone.
                break
        os.close(master)
        self.assertEqual(process.wait(), 0)
        return shown.decode()

    def test_colour(self) -> None:
        self.assertRegex(self.on_terminal(""), r"\033\[1;7m\033\[32m +P A S S +\033\[0m")
        self.assertNotIn("\033[3", self.on_terminal("", NO_COLOR="1"))
        plain = self.rehearse("conform").stdout
        self.assertNotIn("\033", plain)
        self.assertRegex(plain, r"(?m)^PASS$")

    def test_progress(self) -> None:
        self.assertRegex(self.on_terminal("suite-is-slow"), r"\r\033\[Kconformance  +\d+ %  \d+ s left")
        self.assertNotIn("left", self.on_terminal(""))
        self.assertEqual(self.rehearse("conform", scenario="suite-is-slow").stderr, "")


if __name__ == "__main__":
    unittest.main()
