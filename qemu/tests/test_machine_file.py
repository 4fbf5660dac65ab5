"""Machine files: what they say is what is read, and a mistake is named by file, line and key."""

import random
import re
import tempfile
import unittest
from pathlib import Path

import support
from emulated.errors import BadInput
from emulated.machine import Machine
from emulated.machine_file import find_machine, read_machine

MACHINES = support.QEMU_FOLDER / "machines"

GOOD = """title = "A machine"
kernel_arguments = "numa=off"
distances = [
    [10, 30],
    [20, 10],
]

[[node]]
cpus = 3
memory = "1G"

[[node]]
memory = "512M"
socket = 0

[hmat]
latency_ns = [[80, 250]]
bandwidth_mb = [[40000, 8000]]

[limits]
seconds = 7
memory = "2G"
"""


class MachineFiles(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def read(self, text: str) -> Machine:
        path = self.folder / "tried.toml"
        path.write_text(text)
        return read_machine(path)

    def assert_error(self, text: str, line: int, key: str, words: str) -> None:
        with self.assertRaises(BadInput) as caught:
            self.read(text)
        said = str(caught.exception)
        self.assertRegex(said, rf"tried\.toml:{line}: {re.escape(key)}: .*{words}")
        self.assertNotIn("\n", said)

    def test_every_key_is_read(self) -> None:
        machine = self.read(GOOD)
        self.assertEqual((machine.name, machine.title), ("tried", "A machine"))
        self.assertEqual(machine.kernel_arguments, "numa=off")
        self.assertEqual(
            [(node.cpus, node.memory >> 20, node.socket) for node in machine.nodes], [(3, 1024, 0), (0, 512, 0)]
        )
        self.assertEqual(machine.distances, ((10, 30), (20, 10)))
        assert machine.performance is not None
        self.assertEqual(machine.performance.latency, ((80, 250),))
        self.assertEqual(machine.performance.bandwidth, ((40000, 8000),))
        self.assertEqual((machine.limits.seconds, machine.limits.memory >> 20), (7, 2048))

    def test_mistakes_are_named_with_their_line(self) -> None:
        for old, new, line, key, words in (
            ("cpus = 3", "cpu = 3", 9, "node.0.cpu", "not a key"),
            ("cpus = 3", 'cpus = "3"', 9, "node.0.cpus", "integer from 0 to 64"),
            ("cpus = 3", "cpus = true", 9, "node.0.cpus", "integer"),
            ("cpus = 3", "cpus = 65", 9, "node.0.cpus", "65"),
            ("cpus = 3", "cpus = 0", 1, "node", "1 to 64 CPUs"),
            ('memory = "1G"', 'memory = "1T"', 10, "node.0.memory", "size such as"),
            ('memory = "512M"', 'memory = "513M"', 13, "node.1.memory", "multiple of 2M"),
            ('memory = "512M"', "", 12, "node.1.cpus", "neither CPUs nor memory"),
            ("socket = 0", "socket = -1", 14, "node.1.socket", "integer"),
            ("cpus = 3", "cpus = 3\nsocket = 1", 1, "node", "must follow each other"),
            ("[10, 30]", "[10, 30, 40]", 3, "distances", "2 row"),
            ("[10, 30]", "[11, 30]", 3, "distances", "column 0"),
            ("[10, 30]", "[10, 255]", 3, "distances", "10 to 254"),
            ("[10, 30]", "[10, 10]", 3, "distances", "column 0"),
            ("seconds = 7", "seconds = 0", 21, "limits.seconds", "from 1"),
            ("seconds = 7", "second = 7", 21, "limits.second", "not a key"),
            ("latency_ns = [[80, 250]]", "", 16, "hmat.latency_ns", "missing"),
            ("latency_ns = [[80, 250]]", "latency_ns = [[80, 0]]", 17, "hmat.latency_ns", "1 to 65535"),
            ('title = "A machine"', "", 1, "title", "missing"),
            ('title = "A machine"', 'titel = "A machine"', 1, "title", "missing"),
            ('"numa=off"', '"a\\nb"', 2, "kernel_arguments", "one line"),
            ("cpus = 3", "cpus = 3\nabsent = true", 10, "node.0.absent", "neither CPUs nor memory"),
            ("cpus = 3", "cpus = 3\nhot_added = true", 10, "node.0.hot_added", "not for the first"),
            ("cpus = 3", "cpus = 3\nhot_added = 1", 10, "node.0.hot_added", "true or false"),
            ('memory = "512M"', "absent = true", 16, "hmat", "absent node"),
            ("[limits]", '[[device]]\nnode = 2\nkind = "block"\n[limits]', 21, "device.0.node", "from 0 to 1"),
            ("[limits]", '[[device]]\nnode = 1\nkind = "tape"\n[limits]', 22, "device.0.kind", "tape"),
            ("[limits]", "[limit]", 20, "limit", "not a key"),
            ("[[node]]\nmemory", "[node]\nmemory", 0, "", ""),
        ):
            with self.subTest(new=new):
                if key:
                    self.assert_error(GOOD.replace(old, new, 1), line, key, words)
                else:
                    self.assertRaisesRegex(BadInput, r"tried\.toml:\d+: ", self.read, GOOD.replace(old, new, 1))

    def test_what_is_no_toml_is_named_with_its_line(self) -> None:
        self.assertRaisesRegex(BadInput, r"tried\.toml:9: not TOML", self.read, GOOD.replace("cpus = 3", "cpus = = 3"))

    def test_unreadable_files_are_errors(self) -> None:
        self.assertRaisesRegex(BadInput, "missing.toml: cannot read", read_machine, self.folder / "missing.toml")
        self.assertRaisesRegex(BadInput, "cannot read", read_machine, self.folder)
        path = self.folder / "binary.toml"
        path.write_bytes(b'title = "\xff"')
        self.assertRaisesRegex(BadInput, "binary.toml:1: not a text file", read_machine, path)

    def test_no_mutation_makes_anything_but_a_machine_or_an_error(self) -> None:
        chance = random.Random(7)
        pieces = ['"', "[", "]", "=", "0", "-", "\n", "9" * 30, "1e9", "{}", "null", "node", "[[node]]", "\0", "#", "é"]
        originals = [GOOD, *(path.read_text() for path in sorted(MACHINES.glob("*.toml")))]
        errors = 0
        for _ in range(3000):
            text = chance.choice(originals)
            for _ in range(chance.randint(1, 4)):
                at = chance.randrange(len(text))
                text = text[:at] + chance.choice(pieces) + text[at + chance.randint(0, 8) :]
            try:
                self.assertGreaterEqual(self.read(text).cpus, 1)
            except BadInput as error:
                errors += 1
                self.assertRegex(str(error), r"^.*/tried\.toml:\d+: [^\n]+$")
        self.assertGreater(errors, 1000)


class TheProjectsMachines(unittest.TestCase):
    def test_all_are_good_and_say_what_they_are(self) -> None:
        for path in sorted(MACHINES.glob("*.toml")):
            with self.subTest(machine=path.stem):
                self.assertGreater(len(read_machine(path).title), 10)

    def test_they_are_found_by_name_and_others_by_path(self) -> None:
        self.assertEqual(find_machine("two-nodes", MACHINES).cpus, 4)
        self.assertEqual(find_machine(str(MACHINES / "two-nodes.toml"), Path("/")).cpus, 4)

    def test_an_unknown_name_is_answered_with_the_known_ones(self) -> None:
        self.assertRaisesRegex(
            BadInput, "no machine is called 'tow-nodes'.*two-nodes", find_machine, "tow-nodes", MACHINES
        )


if __name__ == "__main__":
    unittest.main()
