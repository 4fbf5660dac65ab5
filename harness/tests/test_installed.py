"""The command installed under a prefix of its own: it finds all that belongs to it, and its manual is true."""

import os
import pathlib
import re
import subprocess
import unittest

from command import CommandTests

BUILD = pathlib.Path(os.environ["NUMAPROOF_BUILD"])
CMAKE = os.environ["NUMAPROOF_CMAKE"]


class InstalledTests(CommandTests):
    def setUp(self) -> None:
        super().setUp()
        self.prefix = self.folder / "prefix"
        install = [CMAKE, "--install", str(BUILD), "--prefix", str(self.prefix)]
        subprocess.run(install, check=True, capture_output=True)
        self.program = self.prefix / "bin" / "numaproof"

    def test_it_finds_what_belongs_to_it(self) -> None:
        run = self.run_command("conform", "--clause", "CAP-*", "--out", "out", program=self.program)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        library = pathlib.Path(self.result()["conformance"]["implementation"])
        self.assertTrue(library.is_relative_to(self.prefix), library)
        for verb in ("vm", "report", "compare"):
            helped = self.run_command(verb, "--help", program=self.program)
            self.assertEqual((helped.returncode, helped.stderr), (0, ""))
        self.assertTrue((self.prefix / "share" / "numaproof" / "schema" / "result-1.schema.json").exists())
        self.assertTrue((self.prefix / "libexec" / "numaproof" / "guest-init").exists())

    def test_it_answers_no_call_of_what_it_loads(self) -> None:
        """Neither it nor a library that it is linked to shows a function of the contract to the dynamic linker."""
        libraries = subprocess.run(["ldd", str(self.program)], capture_output=True, text=True, check=True).stdout
        self.assertNotIn("libnumaproof", libraries)
        shown = subprocess.run(["nm", "-D", str(self.program)], capture_output=True, text=True, check=True).stdout
        self.assertNotRegex(shown, r" [TtWw] np_")

    def test_the_manual_has_every_verb_and_option(self) -> None:
        manual = (self.prefix / "share" / "man" / "man1" / "numaproof.1").read_text(encoding="utf-8")
        manual = manual.replace("\\-", "-")
        verbs = re.findall(r"^  (\w+) +\S", self.run_command("--help", program=self.program).stdout, re.MULTILINE)
        self.assertIn("validate", verbs)
        for verb in verbs:
            self.assertRegex(manual, rf"\b{verb}\b")
        for verb in ("info", "conform", "bench", "validate"):
            options = re.findall(r"--([a-z-]+)", self.run_command(verb, "--help", program=self.program).stdout)
            for option in set(options) - {"help", "usage", "version"}:
                self.assertIn(f"--{option}", manual)

    def test_each_verb_has_a_page(self) -> None:
        pages = {path.name for path in (self.prefix / "share" / "man" / "man1").glob("*.1")}
        verbs = re.findall(r"^  (\w+) +\S", self.run_command("--help", program=self.program).stdout, re.MULTILINE)
        self.assertEqual(pages, {"numaproof.1", *(f"numaproof-{verb}.1" for verb in verbs)})
        page = (self.prefix / "share" / "man" / "man1" / "numaproof-validate.1").read_text(encoding="utf-8")
        for option in ("quick", "baseline=DIR", "thresholds=FILE"):
            self.assertIn(f".B \\-\\-{option}\n", page)

    def test_completion(self) -> None:
        script = self.prefix / "share" / "bash-completion" / "completions" / "numaproof"
        rows = {
            ("numaproof", "va"): ["validate"],
            ("numaproof", "vm", "--machine", "two-nodes-"): ["two-nodes-uneven"],
            ("numaproof", "validate", "--th"): ["--thresholds"],
            ("numaproof", "conform", "--clause", "MEM-17"): ["MEM-17"],
            ("numaproof", "bench", "lat"): ["latency"],
            ("numaproof", "vm", "--", "conf"): ["conform"],
        }
        command = '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _numaproof; printf "%s\\n" "${COMPREPLY[@]}"'
        path = f"{self.program.parent}:{os.environ['PATH']}"
        for words, expected in rows.items():
            with self.subTest(words=words):
                run = subprocess.run(
                    ["bash", "-c", command, str(script), *words],
                    capture_output=True,
                    text=True,
                    env={**os.environ, "PATH": path},
                )
                self.assertEqual((run.stdout.split(), run.stderr), (expected, ""))


if __name__ == "__main__":
    unittest.main()
