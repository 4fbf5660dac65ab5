"""Folders and files that are no results: each is refused in one line that names the place."""

from __future__ import annotations

import json
import random
import sys
import unittest
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent)]

import report as report_program  # noqa: E402
import sample  # noqa: E402
from folder import WithFolder  # noqa: E402


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


if __name__ == "__main__":
    unittest.main()
