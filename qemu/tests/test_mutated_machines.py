"""Broken machine files: hundreds of seeded mutations, each refused by file, line and key, or a machine that could be built."""

import random
import tempfile
import unittest
from pathlib import Path

import support
from emulated.errors import BadInput
from emulated.machine_file import read_machine
from emulated.node_arguments import cpu_arguments, node_arguments

SEED = 20261125
WRONG = (
    '""',
    "-1",
    "0",
    "99999999999999999999",
    "1.5",
    "nan",
    "[]",
    "[[10]]",
    "true",
    '"9Q"',
    "{}",
    "'",
    "[[node]]",
    "\x00",
)


def mutated(text: str, chance: random.Random) -> bytes:
    """A file in which lines, values or bytes were changed."""
    lines = text.splitlines()
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.randrange(len(lines))
        kind = chance.randrange(6)
        if kind == 0:
            del lines[at]
        elif kind == 1:
            lines.insert(at, chance.choice(lines))
        elif kind == 2 and "=" in lines[at]:
            lines[at] = f"{lines[at].partition('=')[0]}= {chance.choice(WRONG)}"
        elif kind == 3 and lines[at]:
            cut = chance.randrange(len(lines[at]))
            lines[at] = lines[at][:cut] + chance.choice("x=[]\"'#\n9-") + lines[at][cut + 1 :]
        elif kind == 4:
            lines[at] = f"{chance.choice(('cpus', 'memori', 'node', 'absent'))} = {chance.choice(WRONG)}"
        else:
            chance.shuffle(lines)
        if not lines:
            lines = [""]
    data = bytearray("\n".join(lines).encode())
    if chance.random() < 0.2 and data:
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


class MutatedMachines(unittest.TestCase):
    def test_each_is_refused_or_a_machine(self) -> None:
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        files = sorted((support.QEMU_FOLDER / "machines").glob("*.toml"))
        path = folder / "mutated.toml"
        refused = 0
        for number in range(400):
            chance = random.Random(SEED + number)
            path.write_bytes(mutated(chance.choice(files).read_text(encoding="utf-8"), chance))
            with self.subTest(number=number):
                try:
                    machine = read_machine(path)
                except BadInput as error:
                    refused += 1
                    self.assertEqual(len(str(error).splitlines()), 1)
                    self.assertIn(str(path), str(error))
                else:
                    self.assertTrue(cpu_arguments(machine) + node_arguments(machine))
        self.assertGreater(refused, 200)


if __name__ == "__main__":
    unittest.main()
