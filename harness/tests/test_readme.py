"""Every command that README.md shows, run as it stands there, in the order in which it stands there.

The home folder is a temporary one, and the results that the commands say they leave in ./numaproof-results are taken away. One
command is not run: ./harness/test, which is what runs this.
"""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from command import schema_errors

TOP = pathlib.Path(__file__).resolve().parents[2]
RESULTS = TOP / "numaproof-results"
RUNS_THIS_TEST = "./harness/test"


def commands() -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", (TOP / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def result_folders(output: str) -> set[pathlib.Path]:
    """The folders in ./numaproof-results that a command names as where its results are."""
    named = (
        TOP / path
        for path in re.findall(r"^(?:# )?(?:Results|Report): (\S+?)(?:/report\.html)?$", output, re.MULTILINE)
    )
    return {path for path in named if path.parent == RESULTS and path.is_dir()}


def reasons(output: str) -> list[str]:
    """Those of a verdict that came to nothing, each in one line; of the last one, which counts."""
    listed = re.findall(r"^INCONCLUSIVE\n((?:  .*\n)*)", output, re.MULTILINE)
    return [" ".join(text.split()) for text in re.split(r"^  - ", listed[-1], flags=re.MULTILINE)[1:]] if listed else []


def is_honest_of_noise(run: subprocess.CompletedProcess[str]) -> bool:
    """
    Whether a measurement came to no verdict (3) for this one reason: others worked on the machine meanwhile, and it saw them.
    That is the right answer then, and a machine that runs all these tests cannot be promised to be quiet.
    """
    told = reasons(run.stdout)
    vague = told and re.match(r"none of \d+ figures is known well enough to tell anything", told[0]) is not None
    missing = any(
        re.search(r"could not be|was lost|no conformance case passed|nothing could", reason) for reason in told
    )
    noise = re.search(r"\bother programs took \d+% of the CPUs' time", " ".join(run.stdout.split()))
    return run.returncode == 3 and bool(vague) and not missing and noise is not None


class NoiseTests(unittest.TestCase):
    def test_it_is_no_excuse_for_anything_else(self) -> None:
        noise = "  noisy           other programs took 41% of the CPUs'\n                  time\n\n"
        stolen = (
            "  noisy           the hypervisor took 41.3% of the CPUs' time;\n                  a virtual machine\n\n"
        )
        both = "  noisy           the hypervisor took 1.2% of the CPUs' time; other\n    programs took 5% of the CPUs' time\n\n"
        virtual = (
            "  noisy           a virtual machine, which does not see what else\n                  its host runs\n\n"
        )
        late = "  - latency node 0 to 0 could not be measured: there was no time\n    for it in 11 s\n"
        vague = "  - none of 24 figures is known well enough to tell anything: none\n    converged\n"
        modes = (
            "  - modes latency p99 lookup, CPU hog soft could not be measured: there was no\n    time for it in 5 s\n"
        )
        lost = "  - emulated machine two-nodes: could not be run: it was lost\n"
        for excused, status, output in (
            (True, 3, f"{noise}INCONCLUSIVE\n{vague}  - a note\nResults: /x\n"),
            (True, 3, f"{both}INCONCLUSIVE\n{vague}Results: /x\n"),
            (False, 3, f"{stolen}INCONCLUSIVE\n{vague}Results: /x\n"),
            (False, 3, f"{virtual}INCONCLUSIVE\n{vague}Results: /x\n"),
            (False, 1, f"{stolen}INCONCLUSIVE\n{vague}Results: /x\n"),
            (False, 3, f"INCONCLUSIVE\n{vague}Results: /x\n"),
            (False, 1, f"{noise}INCONCLUSIVE\n{vague}Results: /x\n"),
            (False, 3, f"{noise}INCONCLUSIVE\n{late}Results: /x\n"),
            (False, 3, f"{noise}INCONCLUSIVE\n{vague}{lost}Results: /x\n"),
            (False, 3, f"{noise}INCONCLUSIVE\n{vague}  - no conformance case passed: 3 skipped\nResults: /x\n"),
            (False, 3, f"{noise}INCONCLUSIVE\n{vague}Results: /x\nINCONCLUSIVE\n{late}Results: /x\n"),
            (False, 3, f"{noise}INCONCLUSIVE\n{modes}Results: /x\n"),
            (False, 3, f"{noise}INCONCLUSIVE\n{vague}{modes}Results: /x\n"),
            (False, 3, f"{noise}INCONCLUSIVE\n  - no conformance case passed\nResults: /x\n"),
            (False, 3, noise),
        ):
            with self.subTest(output=output):
                run = subprocess.CompletedProcess[str]([], status, output, "")
                self.assertEqual(is_honest_of_noise(run), excused)


class ReadmeTests(unittest.TestCase):
    def test_each_command_works(self) -> None:
        folders: set[pathlib.Path] = set()
        had_results = RESULTS.exists()
        self.assertIn(RUNS_THIS_TEST, commands())
        with tempfile.TemporaryDirectory() as home:
            # What is fetched once and kept (a kernel for the emulated machines) is not fetched again.
            cache = os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))
            environment = {**os.environ, "HOME": home, "XDG_CACHE_HOME": cache}
            for command in commands():
                if command == RUNS_THIS_TEST:
                    continue
                with self.subTest(command=command):
                    run = subprocess.run(
                        ["/bin/bash", "-c", command], cwd=TOP, env=environment, capture_output=True, text=True
                    )
                    folders |= result_folders(run.stdout)
                    if not is_honest_of_noise(run):
                        self.assertEqual(run.returncode, 0, f"{run.stdout}\n{run.stderr}")
        for folder in folders:
            for path in folder.glob("**/result.json"):
                self.assertEqual(schema_errors("result", json.loads(path.read_text(encoding="utf-8"))), [])
            subprocess.run(["rm", "-r", "--", str(folder)], check=True)
        if not had_results and RESULTS.exists() and not any(RESULTS.iterdir()):
            RESULTS.rmdir()
        self.assertGreater(len(folders), 5)

    def test_each_file_that_is_named_exists(self) -> None:
        named = re.findall(
            r"`((?:ref|suite|bench|harness|qemu|reports)(?:/[\w./-]+)?)`", (TOP / "README.md").read_text()
        )
        self.assertGreater(len(named), 5)
        for name in named:
            self.assertTrue((TOP / name).exists(), name)


if __name__ == "__main__":
    unittest.main()
