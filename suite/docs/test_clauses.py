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

    def list_without(self, kind: str, clause: str) -> None:
        """A list without the lines of that kind that name the clause."""
        lines = LISTED.read_text().splitlines()
        kept = [line for line in lines if not line.startswith(kind + "\t") or clause not in line]
        self.assertLess(len(kept), len(lines))
        self.listed.write_text("\n".join(kept) + "\n")

    def listed_with(self, line: str) -> str:
        """What is said of a list with one line more, which must be a complaint."""
        self.listed.write_text(LISTED.read_text() + line + "\n")
        status, words = self.make()
        self.assertEqual(status, 1, words)
        return words

    def test_a_clause_that_no_case_tests(self) -> None:
        self.list_without("case", "MEM-17")
        status, words = self.make()
        self.assertEqual(status, 1)
        self.assertIn("MEM-17: no case", words)
        self.assertIn("**nothing**", (self.folder / "list.md").read_text())

    def test_a_clause_that_no_mutant_breaks(self) -> None:
        self.list_without("mutant", "MEM-17")
        status, words = self.make()
        self.assertEqual(status, 1)
        self.assertIn("MEM-17: no mutant", words)

    def test_a_mutant_or_case_of_no_clause(self) -> None:
        for kind in ("mutant", "case"):
            words = self.listed_with(f"{kind}\tstray\tPIN-99\ta lie")
            self.assertIn(f"the {kind} stray names PIN-99, which is no clause", words)

    def test_a_mutant_or_case_of_a_clause_about_the_command(self) -> None:
        for kind in ("mutant", "case"):
            words = self.listed_with(f"{kind}\tstray\tCHECK-1\ta lie")
            self.assertIn("CHECK-1: is about the command", words)

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
