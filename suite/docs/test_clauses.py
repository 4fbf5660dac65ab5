"""The list of clauses has no hole, and a hole is found where there is one: in copies of what it is made from.

Usage: test_clauses.py LISTED HEADER_FOLDER MAKE_MAN
"""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

LISTED, HEADERS, MAKE_MAN = (Path(argument) for argument in sys.argv[1:4])
SCRIPT = Path(__file__).parent / "make_clauses.py"


class ClauseTests(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.headers = self.folder / "headers"
        self.listed = self.folder / "listed.txt"
        shutil.copytree(HEADERS, self.headers)
        shutil.copy(LISTED, self.listed)

    def make(self) -> tuple[int, str]:
        """The exit status, and what is said."""
        command = [
            sys.executable,
            str(SCRIPT),
            str(self.listed),
            str(self.headers),
            str(MAKE_MAN),
            str(self.folder / "list.md"),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def without(self, path: Path, words: str, instead: str = "") -> None:
        """Take words out of a file, where they must be."""
        text = path.read_text()
        self.assertIn(words, text)
        path.write_text(text.replace(words, instead))

    def test_there_is_no_hole(self) -> None:
        status, words = self.make()
        print(words, end="")
        self.assertEqual(status, 0, words)
        text = (self.folder / "list.md").read_text()
        self.assertTrue("kept by `np_pin_verify`\n" in text and "tested by `pin_strict_holds`" in text)
        self.assertFalse("**nothing**" in text)

    def test_a_clause_that_no_function_keeps(self) -> None:
        self.without(self.headers / "pin.h", "PIN-9")
        status, words = self.make()
        self.assertEqual(status, 1)
        self.assertIn("PIN-9: no function", words)

    def test_a_clause_that_no_case_tests(self) -> None:
        lines = [
            line for line in LISTED.read_text().splitlines() if not line.startswith("case\t") or "MEM-17" not in line
        ]
        self.listed.write_text("\n".join(lines) + "\n")
        status, words = self.make()
        self.assertEqual(status, 1)
        self.assertIn("MEM-17: no case", words)
        self.assertIn("**nothing**", (self.folder / "list.md").read_text())

    def test_a_clause_that_no_mutant_breaks(self) -> None:
        lines = [
            line for line in LISTED.read_text().splitlines() if not line.startswith("mutant\t") or "MEM-17" not in line
        ]
        self.listed.write_text("\n".join(lines) + "\n")
        self.assertIn("MEM-17: no mutant", self.make()[1])

    def test_a_header_that_names_no_clause(self) -> None:
        self.without(self.headers / "pin.h", "PIN-9", "PIN-99")
        status, words = self.make()
        self.assertEqual(status, 1)
        self.assertIn("pin.h names PIN-99, which is no clause", words)

    def test_a_list_that_is_none(self) -> None:
        self.listed.write_text("clause\tPIN-1\n")
        status, words = self.make()
        self.assertEqual(status, 1)
        self.assertIn("listed.txt:1: not a clause", words)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
