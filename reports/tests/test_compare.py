"""Comparisons of two runs, and of the machines of a fleet."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent)]

import compare as compare_program  # noqa: E402
import sample  # noqa: E402
from folder import WithFolder  # noqa: E402


class Compare(WithFolder):
    def compared(self, before: dict[str, Any], after: dict[str, Any]) -> tuple[int, str, str]:
        one, other = sample.write(self.folder / "a", before), sample.write(self.folder / "b", after)
        return self.run_program(compare_program, one, other)

    def test_a_run_and_itself_are_the_same(self) -> None:
        status, out, _ = self.compared(sample.result(), sample.result())
        self.assertEqual(status, 0)
        self.assertRegex(out, r"^\d+ same\n$")

    def test_a_difference_within_the_intervals_is_the_same(self) -> None:
        content = sample.result()
        content["measurements"][1] = sample.measurement(0, 1, 181.5)
        self.assertEqual(self.compared(sample.result(), content)[0], 0)

    def test_a_slower_path_is_found_and_named(self) -> None:
        content = sample.result()
        content["measurements"][1] = sample.measurement(0, 1, 200.0)
        status, out, _ = self.compared(sample.result(), content)
        self.assertEqual(status, 1)
        self.assertRegex(out, r"worse +latency node 0 → node 1")
        status, out, _ = self.compared(content, sample.result())
        self.assertEqual(status, 0)
        self.assertRegex(out, r"better +latency node 0 → node 1")

    def test_a_clause_that_fails_now_is_worse(self) -> None:
        content = sample.changed(sample.result(), ["conformance", "clauses", 0, "verdict"], "fail")
        status, out, _ = self.compared(sample.result(), content)
        self.assertEqual(status, 1)
        self.assertRegex(out, r"worse +clause PIN-3")

    def test_what_only_one_run_has_is_new_or_gone(self) -> None:
        status, out, _ = self.compared(sample.result(nodes=1), sample.result(nodes=2))
        self.assertEqual(status, 0)
        self.assertEqual(len(re.findall(r"new +latency", out)), 3)

    def test_a_machine_that_has_lost_something_is_worse(self) -> None:
        status, out, _ = self.compared(sample.result(nodes=2), sample.result(nodes=1))
        self.assertEqual(status, 1)
        self.assertRegex(out, r"worse +node 1 .* –")
        for key, value in (("memory_bytes", 1 << 20), ("cpus", "2"), ("cpus", ""), ("usable", False)):
            with self.subTest(key=key, value=value):
                less = sample.changed(sample.result(), ["environment", "nodes", 1, key], value)
                status, out, _ = self.compared(sample.result(), less)
                self.assertEqual(status, 1)
                self.assertRegex(out, r"worse +node 1 ")
                self.assertEqual(self.compared(less, sample.result())[0], 0)

    def test_a_skip_is_neither_as_good_as_a_pass_nor_better_than_a_fail(self) -> None:
        path = ["conformance", "clauses", 0, "verdict"]
        passed, skipped, failed = (
            sample.changed(sample.result(), path, verdict) for verdict in ("pass", "not-applicable", "fail")
        )
        for before, after, status, kind in (
            (passed, skipped, 0, "gone"),
            (failed, skipped, 0, "gone"),
            (skipped, passed, 0, "new"),
            (skipped, failed, 1, "worse"),
        ):
            with self.subTest(kind=kind):
                seen, out, _ = self.compared(before, after)
                self.assertEqual(seen, status)
                self.assertRegex(out, rf"{kind} +clause PIN-3")

    def test_a_baseline_without_a_figure_in_common_says_nothing(self) -> None:
        few, none, lost = sample.result(), sample.result(), sample.result()
        for item in few["measurements"]:
            item["n"] = 5
        none["measurements"] = []
        lost["measurements"] = [sample.measurement(0, 1, None)]
        one, other = self.folder / "a", self.folder / "b"
        for name, good, status in (
            ("same", sample.result(), 0),
            ("few", few, 3),
            ("none", none, 3),
            ("lost", lost, 3),
        ):
            with self.subTest(name=name):
                self.compared(good, sample.result())
                seen, out, errors = self.run_program(compare_program, "--need-figures", one, other)
                self.assertEqual(seen, status, out + errors)
                self.assertEqual("no figure in common" in errors, status == 3)
        worse = sample.changed(sample.result(), ["conformance", "clauses", 0, "verdict"], "fail")
        self.compared(none, worse)
        self.assertEqual(self.run_program(compare_program, "--need-figures", one, other)[0], 1)

    def test_what_is_wrong_is_the_last_line(self) -> None:
        """Whoever reads both outputs as one takes the last line for the cause."""
        self.compared(sample.changed(sample.result(), ["measurements"], []), sample.result())
        program = Path(__file__).resolve().parent.parent / "compare.py"
        command = [
            sys.executable,
            "-EsB",
            str(program),
            "--need-figures",
            str(self.folder / "a"),
            str(self.folder / "b"),
        ]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        self.assertEqual(done.returncode, 3)
        self.assertIn("no figure in common", done.stdout.splitlines()[-1])

    def test_a_difference_within_the_scatter_of_samples_is_the_same(self) -> None:
        content = sample.result()
        content["measurements"][1] = sample.measurement(0, 1, 200.0)
        content["measurements"][1]["mad"] = 10.0
        self.assertEqual(self.compared(sample.result(), content)[0], 0)

    def test_a_small_difference_counts_when_it_is_asked_for(self) -> None:
        content = sample.result()
        content["measurements"][1] = sample.measurement(0, 1, 188.0)
        self.assertEqual(self.compared(sample.result(), content)[0], 0)
        one, other = self.folder / "a", self.folder / "b"
        status, out, _ = self.run_program(compare_program, "--least", "0.01", one, other)
        self.assertEqual(status, 1)
        self.assertRegex(out, r"worse +latency node 0 → node 1")

    def test_figures_emulated_beside_hardware_are_not_compared(self) -> None:
        slow = sample.result(emulated=True)
        slow["measurements"][1] = sample.measurement(0, 1, 900.0)
        slow["conformance"]["clauses"][0]["verdict"] = "fail"
        for name, emulated in (("a", sample.result(emulated=True)), ("b", slow)):
            sample.write(self.folder / name / "emulated" / "two-nodes", emulated)
        status, out, _ = self.compared(sample.result(), sample.result())
        self.assertEqual(status, 1)
        self.assertRegex(out, r"worse +clause PIN-3")
        self.assertNotRegex(out, r"worse +latency")

    def test_the_page(self) -> None:
        content = sample.result()
        content["measurements"][1] = sample.measurement(0, 1, 200.0)
        content["environment"]["cpu_model"] = sample.HOSTILE
        self.compared(sample.result(), content)
        page = self.folder / "page.html"
        self.run_program(compare_program, self.folder / "a", self.folder / "b", "--page", page)
        text = page.read_text(encoding="utf-8")
        self.assert_sound(text)
        self.assertIn("<strong>WORSE</strong>", text)
        self.assertIn("latency node 0 → node 1", text)

    def test_emulated_is_not_compared_with_hardware(self) -> None:
        status, _, errors = self.compared(sample.result(), sample.result(emulated=True))
        self.assertEqual(status, 2)
        self.assertIn("emulated", errors)


class Fleet(WithFolder):
    """Twelve machines that differ as like machines do, with what a test changes in one of them."""

    def fleet(self, bad: dict[str, Any] | None = None) -> tuple[int, str, str]:
        chance = random.Random(12)
        for number in range(12):
            content = bad if bad is not None and number == 6 else sample.result()
            if content is not bad:
                for item in content["measurements"]:
                    for key in ("median", "ci_low", "ci_high"):
                        item[key] *= 1 + chance.gauss(0, 0.01)
                    item["ci_low"], item["ci_high"] = sorted((item["ci_low"], item["ci_high"]))
                    item["median"] = min(max(item["median"], item["ci_low"]), item["ci_high"])
            sample.write(self.folder / f"machine{number:02}", content)
        folders = sorted(self.folder.glob("machine*"))
        return self.run_program(compare_program, *folders, "--page", self.folder / "fleet.html")

    def test_like_machines_are_alike(self) -> None:
        status, out, errors = self.fleet()
        self.assertEqual((status, errors), (0, ""))
        self.assertRegex(out, r"^12 machines, all alike in \d+ comparisons\n$")
        self.assertIn("<strong>ALIKE</strong>", (self.folder / "fleet.html").read_text(encoding="utf-8"))

    def test_the_bad_machine_is_named_with_its_figure_and_no_other(self) -> None:
        bad = sample.result()
        bad["measurements"][1] = sample.measurement(0, 1, 260.0)
        status, out, _ = self.fleet(bad)
        self.assertEqual(status, 1)
        self.assertRegex(out, r"worse +machine06 +latency node 0 → node 1 +260.0 ns, 1.4\d times; the fleet: 1[78]\d")
        self.assertTrue(out.endswith("1 of 12 unlike the others: machine06\n"), out)
        page = (self.folder / "fleet.html").read_text(encoding="utf-8")
        self.assert_sound(page)
        self.assertIn("1 OF 12 UNLIKE", page)
        self.assertIn("machine06", page)

    def test_a_machine_that_lacks_a_figure_is_named(self) -> None:
        for words in ("not measured", "5 samples, too few to tell"):
            with self.subTest(words=words):
                bad = sample.result()
                if words == "not measured":
                    del bad["measurements"][1]
                else:
                    bad["measurements"][1]["n"] = 5
                status, out, _ = self.fleet(bad)
                self.assertEqual(status, 1)
                self.assertRegex(out, f"worse +machine06 +latency node 0 → node 1 +{words}; the fleet: a figure")
                self.assertTrue(out.endswith("1 of 12 unlike the others: machine06\n"), out)

    def test_a_figure_that_few_machines_have_names_none(self) -> None:
        more = sample.result()
        more["measurements"].append(sample.measurement(0, 1, 50.0, variant="page by page"))
        self.assertEqual(self.fleet(more)[0], 0)

    def test_what_a_machine_is_made_of_counts(self) -> None:
        bad = sample.changed(sample.result(), ["environment", "nodes", 1, "memory_bytes"], 1 << 29)
        bad["checks"][0]["verdict"] = "fail"
        bad["conformance"]["clauses"][0]["verdict"] = "fail"
        bad["measurements"][1] = sample.measurement(0, 1, None)
        out = self.fleet(bad)[1]
        for what in ("node 1 memory", "check balancing", "clause PIN-3", "latency node 0 → node 1"):
            self.assertRegex(out, f"worse +machine06 +{what}")
        self.assertIn("1 of 12 unlike the others: machine06", out)

    def test_a_better_machine_is_no_fail(self) -> None:
        bad = sample.result()
        bad["measurements"][1] = sample.measurement(0, 1, 90.0)
        status, out, _ = self.fleet(bad)
        self.assertEqual(status, 0)
        self.assertRegex(out, r"better +machine06 +latency node 0 → node 1")

    def test_machines_of_two_kinds_are_no_fleet(self) -> None:
        status, _, errors = self.fleet(sample.result(emulated=True))
        self.assertEqual(status, 2)
        self.assertIn("emulated", errors)


if __name__ == "__main__":
    unittest.main()
