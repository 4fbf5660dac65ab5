"""The launcher's idea of the access counter's page against the C header's, and what it reads out of one."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import access_page  # noqa: E402

STRUCTURES = {
    "machine": access_page.Machine,
    "control": access_page.Control,
    "answer": access_page.Answer,
    "counts": access_page.Counts,
}


class Layout(unittest.TestCase):
    def test_is_that_of_the_header(self) -> None:
        program = os.environ["NUMAPROOF_ACCESS_PAGE_LAYOUT"]
        lines = subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines()
        expected = {"page.bytes": access_page.PAGE_BYTES, "counts.size": ctypes.sizeof(access_page.Counts)}
        expected["page.control"] = access_page.CONTROL_OFFSET
        expected["page.answer"] = access_page.ANSWER_OFFSET
        expected["page.counts"] = access_page.COUNTS_OFFSET
        for name, structure in STRUCTURES.items():
            for field in structure._fields_:
                expected[f"{name}.{field[0]}"] = getattr(structure, field[0]).offset
        self.assertEqual(dict((key, int(value)) for key, value in map(str.split, lines)), expected)


class Page(unittest.TestCase):
    def test_carries_the_machine(self) -> None:
        cache = access_page.Cache(sets=64, ways=4, line_bytes=64, per_node=True)
        page = access_page.make_page([1 << 29, 1 << 28], [0, 0, 1], cache, [[1000, 2100], [2100, 1000]])
        self.assertEqual(len(page), access_page.PAGE_BYTES)
        machine = access_page.Machine.from_buffer_copy(page)
        self.assertEqual((machine.magic, machine.cpu_count, machine.node_count), (access_page.MAGIC, 3, 2))
        self.assertEqual((machine.cache_sets, machine.cache_ways, machine.cache_scope), (64, 4, 1))
        self.assertEqual(list(machine.node_bytes)[:3], [1 << 29, 1 << 28, 0])
        self.assertEqual((machine.delayed, machine.cost_ns[0][1], machine.cost_ns[0][16]), (1, 2100, 0))

    def test_refuses_what_the_counter_cannot_tell_apart(self) -> None:
        with self.assertRaisesRegex(ValueError, "17 nodes"):
            access_page.make_page([1] * 17, [0])
        with self.assertRaisesRegex(ValueError, "65 CPUs"):
            access_page.make_page([1], [0] * 65)

    def test_totals_add_up_the_cpus_of_a_node(self) -> None:
        page = bytearray(access_page.make_page([1 << 29, 1 << 29], [0, 0, 1]))
        for cpu, loads in ((0, 5), (1, 7), (2, 11)):
            offset = access_page.COUNTS_OFFSET + cpu * access_page.WINDOWS * ctypes.sizeof(access_page.Counts)
            access_page.Counts.from_buffer(page, offset).all[1][0] = loads
        totals = access_page.read_totals(bytes(page))
        self.assertEqual(totals.proof, "none")
        self.assertEqual(totals.accesses[0], [(0, 0), (12, 0), (0, 0)])
        self.assertEqual(totals.accesses[1], [(0, 0), (11, 0), (0, 0)])


class Costs(unittest.TestCase):
    def test_keep_the_ratios(self) -> None:
        self.assertEqual(access_page.costs_from([[10, 21], [21, 10]]), [[1000, 2100], [2100, 1000]])
        self.assertEqual(access_page.costs_from([[80, 120, 250]]), [[1000, 1500, 3125]])

    def test_need_a_latency_above_zero(self) -> None:
        with self.assertRaises(ValueError):
            access_page.costs_from([[0, 10]])


if __name__ == "__main__":
    unittest.main()
