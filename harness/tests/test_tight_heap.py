"""Cases that leave an implementation without memory, where the heap keeps none in reserve.

How much a heap holds beside what is in use is chance: what was freed before, and by how much it grew at a time. A case that
takes all memory away and needs some again to end must have kept it; glibc is told here to grow the heap by no more than is
asked for, so that there is nothing else to live on.
"""

import unittest

from command import CommandTests

TIGHT = {"GLIBC_TUNABLES": "glibc.malloc.top_pad=0"}


class TightHeap(CommandTests):
    def test_a_case_without_memory_lives_on_what_it_kept(self) -> None:
        run = self.run_command("conform", "--clause", "LAW-8", "--out", "out", environment=TIGHT)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        ran = [case for case in self.result()["conformance"]["cases"] if case["id"] == "pin_without_memory"]
        self.assertEqual([case["verdict"] for case in ran], ["pass"], ran)


if __name__ == "__main__":
    unittest.main()
