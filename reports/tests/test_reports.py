"""Pages, summaries and comparisons from result folders; and from folders that are none."""

from __future__ import annotations

import contextlib
import io
import json
import random
import re
import subprocess
import sys
import tempfile
import unittest
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent)]

import compare as compare_program  # noqa: E402
import report as report_program  # noqa: E402
import sample  # noqa: E402

EMPTY_ELEMENTS = {"meta", "img", "br", "link", "input", "hr", "wbr"}


class Balance(HTMLParser):
    """Whether every element ends, in the right order; and what the page refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[str] = []
        self.references: list[str] = []
        self.identifiers: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)
        for name, value in attributes:
            if name in ("src", "href", "xlink:href", "action", "data"):
                self.references.append(value or "")
            if name == "id":
                self.identifiers.append(value or "")
        if tag not in EMPTY_ELEMENTS:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag not in EMPTY_ELEMENTS:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> ends {self.open[-1:]}"
        self.open.pop()


class WithFolder(unittest.TestCase):
    def setUp(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.folder = Path(self._folder.name)
        self.addCleanup(self._folder.cleanup)

    def run_program(self, program: Any, *arguments: object) -> tuple[int, str, str]:
        out, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            try:
                status = program.main([str(argument) for argument in arguments])
            except SystemExit as end:
                status = int(end.code or 0)
        return status, out.getvalue(), errors.getvalue()

    def page_of(self, content: dict[str, Any]) -> str:
        run = sample.write(self.folder / "run", content)
        status, _, errors = self.run_program(report_program, run)
        self.assertEqual((status, errors), (0, ""))
        return (run / "report.html").read_text(encoding="utf-8")

    def assert_sound(self, page: str) -> Balance:
        balance = Balance()
        balance.feed(page)
        balance.close()
        self.assertEqual(balance.open, [])
        self.assertNotIn("script", balance.found)
        for reference in balance.references:
            self.assertRegex(reference, r"^(#|data:image/(svg\+xml|png);base64,)")
        self.assertEqual(len(balance.identifiers), len(set(balance.identifiers)))
        return balance


class Page(WithFolder):
    def test_stands_alone_and_is_well_formed(self) -> None:
        page = self.page_of(sample.result())
        self.assert_sound(page)
        self.assertNotIn("url(http", page)
        self.assertNotIn("@import", page)

    def test_verdict_stands_before_everything_else(self) -> None:
        page = self.page_of(sample.result())
        self.assertLess(page.index("<strong>PASS</strong>"), page.index("The machine"))
        self.assertLess(page.index("all 1 cases passed"), page.index("The machine"))

    def test_every_verdict_has_its_word(self) -> None:
        for verdict, word in (("pass-soft-only", "SOFT ONLY"), ("fail", "FAIL"), ("inconclusive", "INCONCLUSIVE")):
            page = self.page_of(sample.changed(sample.result(), ["verdict", "verdict"], verdict))
            self.assertIn(word, page)
            self.assertNotIn("<strong>PASS</strong>", page)

    def test_a_failing_check_shows_why_and_the_mend(self) -> None:
        page = self.page_of(sample.changed(sample.result(), ["checks", 0, "verdict"], "fail"))
        self.assertIn("pages would move", page)
        self.assertIn("sysctl -w kernel.numa_balancing=0", page)

    def test_a_skipped_case_shows_its_reason_and_is_no_pass(self) -> None:
        page = self.page_of(sample.result())
        clause = page[page.index("MEM-9") : page.index("</details>", page.index("MEM-9"))]
        self.assertIn("needs 2 nodes with usable memory", clause)
        self.assertIn("not-applicable", clause)
        self.assertNotIn('class="tag pass"', clause)

    def test_a_clause_about_the_command_is_none_that_the_implementation_was_not_tested_for(self) -> None:
        page = self.page_of(sample.result())
        start = page.index("Conformance, clause by clause")
        conformance = page[start : page.index("-figures", start)]
        self.assertIn('<span class="id">MEM-9</span>', conformance)
        self.assertNotIn("CHECK-3", conformance)

    def test_a_misplaced_figure_is_marked_and_has_no_number(self) -> None:
        content = sample.result()
        content["measurements"][1] = sample.measurement(0, 1, None)
        page = self.page_of(content)
        self.assertIn("misplaced", page)
        self.assertIn("3 pages were elsewhere", page)
        self.assertIn("no figure", page)

    def test_a_figure_that_did_not_converge_is_marked(self) -> None:
        content = sample.changed(sample.result(), ["measurements", 0, "state"], "not-converged")
        self.assertIn("100.0 *", self.page_of(content))

    def test_what_disturbed_a_figure_is_shown(self) -> None:
        content = sample.changed(
            sample.result(), ["measurements", 0, "noise"], "other programs took 88% of the CPUs' time"
        )
        self.assertIn("noisy: other programs took 88%", self.page_of(content))

    def test_hostile_words_stay_words(self) -> None:
        content = sample.result()
        content["verdict"]["reasons"] = [sample.HOSTILE]
        content["checks"][0].update(verdict="fail", title=sample.HOSTILE, value=sample.HOSTILE, fix=sample.HOSTILE)
        content["conformance"]["cases"][0].update(id=sample.HOSTILE, meaning=sample.HOSTILE, reason=sample.HOSTILE)
        content["measurements"][0].update(name=sample.HOSTILE, unit=sample.HOSTILE, detail=sample.HOSTILE)
        content["environment"]["cpu_model"] = sample.HOSTILE
        content["environment"]["nodes"][0]["cpus"] = sample.HOSTILE
        self.assert_sound(self.page_of(content))

    def test_a_picture_from_the_folder_cannot_reach_into_the_page(self) -> None:
        run = sample.write(self.folder / "run", sample.result())
        (run / "topology.svg").write_text("<svg><script>alert(1)</script></svg>")
        self.assertEqual(self.run_program(report_program, run)[0], 0)
        page = (run / "report.html").read_text()
        self.assert_sound(page)
        self.assertIn("data:image/svg+xml;base64,", page)

    def test_emulated_machines_are_apart_and_say_so(self) -> None:
        run = sample.write(self.folder / "run", sample.result(nodes=1))
        sample.write(run / "emulated" / "two-nodes", sample.result(emulated=True))
        self.assertEqual(self.run_program(report_program, run)[0], 0)
        page = (run / "report.html").read_text()
        self.assert_sound(page)
        self.assertIn("Emulated machine two-nodes", page)
        own, emulated = page[: page.index('id="m1"')], page[page.index('id="m1"') :]
        self.assertNotIn("say nothing about hardware", own)
        self.assertIn("say nothing about hardware", emulated)

    def test_every_kind_of_figure_is_drawn_and_listed(self) -> None:
        content = sample.result()
        content["measurements"] += sample.every_kind()
        page = self.page_of(content)
        balance = self.assert_sound(page)
        pictures = re.findall(r'<svg role="img" aria-label="([^"]*)"', page)
        for title in (
            "Latency in ns",
            "Bandwidth in GB/s, read, 2 threads",
            "Bandwidth in GB/s, triad, 2 threads",
            "Latency under load",
            "Cores in ns",
            "Api in ns, soft and hard mode side by side",
            "Modes in Mops/s, soft and hard mode side by side",
        ):
            self.assertIn(title, pictures)
        self.assertEqual(balance.found.count("svg"), len(pictures))
        for axis in ("bandwidth in GB/s", "latency in ns", "to CPU", "memory on (target)", "api in ns"):
            self.assertIn(axis, page)
        self.assertIn("1.67 [1.6, 1.73]", page)  # Strict over soft, with the interval that both allow.
        self.assertIn("no room on node 0: 64 MiB asked, 12 MiB free", page)

    def test_a_failing_case_shows_what_was_expected_and_seen(self) -> None:
        content = sample.result()
        content["conformance"]["cases"][0].update(verdict="fail", reason="pin.c:7: affinity: expected 0-1, found 0")
        page = self.page_of(content)
        self.assertIn("<dt>expected</dt><dd>0-1</dd><dt>seen</dt><dd>0</dd>", page)
        self.assertIn("pin.c:7: affinity", page)

    def test_the_page_says_how_to_repeat_the_run(self) -> None:
        page = self.page_of(sample.result(emulated=True))
        self.assertIn("git checkout 0123456", page)
        self.assertIn("numaproof vm --machine two-nodes --accel tcg -- validate", page)

    def test_the_raw_data_is_at_the_end(self) -> None:
        page = self.page_of(sample.result())
        self.assertIn("&quot;schema&quot;: 1", page[page.index("m0-environment") :])

    def test_single_events_are_drawn_and_their_tails_listed(self) -> None:
        content = sample.result()
        for item in content["measurements"]:
            item["histogram"] = [[90, 96, 8890], [96, 102, 1000], [200, 212, 100], [4000, 4200, 10]]
        content["measurements"][3]["histogram"] = None
        page = self.page_of(content)
        self.assert_sound(page)
        self.assertEqual(len(re.findall(r'<svg role="img" aria-label="[^"]*single events', page)), 1)
        listed = page[page.index("Single events, latency in ns") :]
        listed = listed[: listed.index("</table>")]
        for title, time in (
            ("events", "10,000"),
            ("50% below", "96"),
            ("99% below", "212.0"),
            ("99.9% below", "212.0"),
        ):
            self.assertEqual(listed.count(f'data-title="{title}">{time}<'), 3, (title, time, listed))
        self.assertEqual(listed.count('data-title="99.99% below">4,200<'), 3, listed)
        self.assertNotIn("node 1 → node 1", listed)
        self.assertNotIn("single events", self.page_of(sample.result()))

    def test_results_of_before_are_readable(self) -> None:
        content = sample.result()
        for item in content["measurements"]:
            del item["variant"]
        for item in content["counters"]:
            del item["during"]
        self.assert_sound(self.page_of(content))

    def test_leaves_nothing_behind(self) -> None:
        temporary = self.folder / "temporary"
        temporary.mkdir()
        self.addCleanup(setattr, tempfile, "tempdir", tempfile.tempdir)
        tempfile.tempdir = str(temporary)
        self.page_of(sample.result())
        self.assertEqual(list(temporary.iterdir()), [])
        self.assertEqual(sorted(p.name for p in (self.folder / "run").iterdir()), ["report.html", "result.json"])


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


class BadInput(WithFolder):
    def refused(self, *arguments: object) -> str:
        status, out, errors = self.run_program(report_program, *arguments)
        self.assertEqual((status, out), (2, ""))
        self.assertEqual(len(errors.splitlines()), 1, errors)
        return errors

    def test_a_folder_that_is_none(self) -> None:
        self.assertIn("nowhere", self.refused(self.folder / "nowhere"))

    def test_a_folder_without_results(self) -> None:
        self.assertIn("result.json", self.refused(self.folder))

    def test_a_truncated_file_names_the_line(self) -> None:
        run = sample.write(self.folder / "run", sample.result())
        text = json.dumps(sample.result(), indent=1)
        (run / "result.json").write_text(text[: len(text) // 2])
        self.assertRegex(self.refused(run), r"result\.json:\d+:\d+: is no JSON")

    def test_another_schema(self) -> None:
        run = sample.write(self.folder / "run", sample.changed(sample.result(), ["schema"], 2))
        self.assertIn("schema 2", self.refused(run))

    def test_status_and_verdict_that_contradict(self) -> None:
        content = sample.changed(sample.result(), ["conformance", "cases", 1, "verdict"], "pass")
        self.assertIn("conformance.cases[1]", self.refused(sample.write(self.folder / "run", content)))

    def test_a_histogram_that_is_none(self) -> None:
        for wrong in ([[1, 2]], [[2, 1, 3]], [[0, 1, 3]], [[1, 2, 0]], [[5, 6, 1], [1, 2, 1]], [["x", 2, 1]], 7):
            with self.subTest(wrong=wrong):
                content = sample.result()
                content["measurements"][0]["histogram"] = wrong
                self.assertIn("measurements[0].histogram", self.refused(sample.write(self.folder / "run", content)))

    def test_a_nesting_without_end(self) -> None:
        run = sample.write(self.folder / "run", sample.result())
        (run / "result.json").write_text("[" * 200000)
        self.assertIn("nested", self.refused(run))

    def test_not_utf8(self) -> None:
        run = sample.write(self.folder / "run", sample.result())
        (run / "result.json").write_bytes(b'{"schema": "\xff"}')
        self.assertIn("UTF-8", self.refused(run))

    def test_a_page_that_cannot_be_written_is_not_half_there(self) -> None:
        run = sample.write(self.folder / "run", sample.result())
        status, _, errors = self.run_program(report_program, run, "--out", self.folder / "no" / "page.html")
        self.assertEqual(status, 3)
        self.assertIn("no/page.html", errors)

    def test_a_hundred_wrong_values_are_each_named(self) -> None:
        run = sample.write(self.folder / "run", sample.result())
        chance = random.Random(20260102)
        for _ in range(100):
            content = sample.result()
            path = self.random_path(content, chance)
            wrong: Any = chance.choice([None, [], {}, "x", -1, 1e400, True, "\x00", 10**400])
            sample.write(run, sample.changed(content, path, wrong))
            status, _, errors = self.run_program(report_program, run)
            self.assertIn(status, (0, 2), (path, wrong))
            self.assertLessEqual(len(errors.splitlines()), 1, errors)

    def random_path(self, content: Any, chance: random.Random) -> list[Any]:
        path: list[Any] = []
        while isinstance(content, (dict, list)) and content and (not path or chance.random() < 0.9):
            key: Any = chance.choice(list(content)) if isinstance(content, dict) else chance.randrange(len(content))
            path.append(key)
            content = content[key]
        return path


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
