"""What the tests of the command share: running it in a folder of its own, and the schemas of its files.

Two programs are tested: the command itself, and the rehearsal, which is the command with doubles of the suite and of the
benchmark that do what a scenario says (see doubles/scenario.h). NUMAPROOF_BIN names the folder of both.
"""

import importlib
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest
from typing import Any, Callable, Optional

jsonschema: Any = importlib.import_module("jsonschema")  # Its Debian package has no types.

BIN = pathlib.Path(os.environ["NUMAPROOF_BIN"])
COMMAND = BIN / "numaproof"
REHEARSAL = BIN / "numaproof_rehearsal"
SCHEMAS = pathlib.Path(__file__).parent.parent / "schema"


def schema(name: str) -> Any:
    return json.loads((SCHEMAS / f"{name}-1.schema.json").read_text(encoding="utf-8"))


def schema_errors(name: str, document: Any) -> list[str]:
    """Where a document differs from its schema: paths with what is wrong there."""
    validator = jsonschema.Draft202012Validator(schema(name))
    return [f"{'/'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(document)]


# What ends a command from outside.
_ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def take_signals() -> None:
    """In a child, before it is the command: what ends it ends it, also where the tests run under nohup or in the background."""
    for number in _ENDS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)


class CommandTests(unittest.TestCase):
    """Each test has a folder of its own, in which the command is run."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="numaproof-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_command(
        self,
        *arguments: str,
        program: pathlib.Path = COMMAND,
        scenario: str = "",
        environment: Optional[dict[str, str]] = None,
        before: Optional[Callable[[], None]] = None,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(program), *arguments],
            cwd=self.folder,
            env={**os.environ, "NUMAPROOF_SCENARIO": scenario, **(environment or {})},
            preexec_fn=before,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=240,
        )

    def rehearse(self, *arguments: str, scenario: str = "") -> subprocess.CompletedProcess[str]:
        return self.run_command(*arguments, program=REHEARSAL, scenario=scenario)

    def result(self, folder: str = "out") -> Any:
        """The result file that was written, which must be as its schema says."""
        document = json.loads((self.folder / folder / "result.json").read_text(encoding="utf-8"))
        self.assertEqual(schema_errors("result", document), [])
        return document

    def assert_one_line(self, run: subprocess.CompletedProcess[str], status: int, *parts: str) -> None:
        """The command said what is wrong in one line that names it, and ended with @status."""
        self.assertEqual(run.returncode, status, run.stderr)
        self.assertEqual(len(run.stderr.splitlines()), 1, run.stderr)
        for part in parts:
            self.assertIn(part, run.stderr)
