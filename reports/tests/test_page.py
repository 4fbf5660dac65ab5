"""The page of a run: what stands in it, and what must not."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent)]

import report as report_program  # noqa: E402
import sample  # noqa: E402
from folder import WithFolder  # noqa: E402


# The time is up at once for whoever is told after some seconds.
ON_A_SLOW_MACHINE = """
import os, runpy, sys, threading
class Timer:
    def __init__(self, seconds, call):
        self.start, self.cancel = call, lambda: None
threading.Timer = Timer
sys.argv = sys.argv[1:]
sys.path.insert(0, os.path.dirname(sys.argv[0]))
runpy.run_path(sys.argv[0], run_name="__main__")
"""


class Page(WithFolder):
    def test_a_slow_machine_is_no_news(self) -> None:
        run = sample.write(self.folder / "run", sample.result())
        command = [sys.executable, "-c", ON_A_SLOW_MACHINE, str(report_program.__file__), str(run)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

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


if __name__ == "__main__":
    unittest.main()
