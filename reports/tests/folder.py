"""What the tests of the reports share: a folder of their own, the programs run in it, and a look at a page as browsers look."""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
import unittest
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent)]

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
