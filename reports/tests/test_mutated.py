"""Broken result files: hundreds of seeded mutations, each refused in one line that names the file, or read as what it says.

Two kinds: bytes that are changed, cut out, doubled or swapped, as a disk or an editor does it; and values that are replaced, lost,
or put elsewhere, as another program does it. None may end in a traceback.
"""

from __future__ import annotations

import contextlib
import copy
import io
import json
import random
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent)]

import compare as compare_program  # noqa: E402
import report as report_program  # noqa: E402
import sample  # noqa: E402

SEED = 20261125
WRONG: list[Any] = [None, [], {}, "", "x", "\x00\u2028", -1, 0, 1 << 70, 0.5, 1e308, True, [[]], {"a": {}}]


def every_place(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to each value."""
    if not isinstance(value, (dict, list)):
        return [path]
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    return [path, *(place for key in keys for place in every_place(value[key], (*path, key)))]


def changed_value(content: Any, chance: random.Random) -> bytes:
    made = copy.deepcopy(content)
    for _ in range(chance.choice((1, 1, 1, 3))):
        *way, last = chance.choice([place for place in every_place(made) if place])
        parent = made
        for key in way:
            parent = parent[key]
        if chance.random() < 0.3:
            del parent[last]
        else:
            parent[last] = copy.deepcopy(chance.choice(WRONG))
    return json.dumps(made).encode()


def changed_bytes(content: Any, chance: random.Random) -> bytes:
    data = bytearray(json.dumps(content, indent=1).encode())
    for _ in range(chance.choice((1, 2, 8))):
        at, other = chance.randrange(len(data)), chance.randrange(len(data))
        kind = chance.randrange(4)
        if kind == 0:
            data[at] = chance.randrange(256)
        elif kind == 1:
            del data[at : at + chance.randrange(1, 40)]
        elif kind == 2:
            data[at:at] = data[other : other + 30]
        else:
            data[at], data[other] = data[other], data[at]
    return bytes(data)


class Mutated(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.content = sample.result()
        self.content["measurements"] += sample.every_kind()

    def run_program(self, program: Any, *arguments: object) -> tuple[int, str]:
        errors = io.StringIO()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(errors):
            status: int = program.main([str(argument) for argument in arguments])
        return status, errors.getvalue()

    def assert_told(self, status: int, errors: str, number: int) -> None:
        self.assertIn(status, (0, 1, 2), f"mutation {number}: {errors}")
        if status == 2:
            self.assertEqual(len(errors.splitlines()), 1, f"mutation {number}: {errors}")
            self.assertIn("bad", errors, f"mutation {number}")

    def test_comparisons(self) -> None:
        """Two runs and a fleet; four in five mutations at least are seen to be wrong."""
        good = [sample.write(self.folder / f"good{number}", self.content) for number in range(2)]
        bad = sample.write(self.folder / "bad", self.content)
        refused = 0
        for number in range(300):
            chance = random.Random(SEED + number)
            change = changed_value if number % 2 else changed_bytes
            (bad / "result.json").write_bytes(change(self.content, chance))
            status, errors = self.run_program(compare_program, good[0], bad)
            self.assert_told(status, errors, number)
            refused += status == 2
            self.assert_told(*self.run_program(compare_program, *good, bad), number)
        self.assertGreater(refused, 150)

    def test_pages(self) -> None:
        bad = sample.write(self.folder / "bad", self.content)
        for number in range(100):
            chance = random.Random(SEED - number)
            small = sample.result()
            small["measurements"] = small["measurements"][:1]
            change = changed_value if number % 2 else changed_bytes
            (bad / "result.json").write_bytes(change(small, chance))
            self.assert_told(*self.run_program(report_program, bad), number)


if __name__ == "__main__":
    unittest.main()
