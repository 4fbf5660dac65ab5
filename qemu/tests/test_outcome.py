"""What a run came to, from its evidence: only full agreement is an end, and each loss has its name."""

import unittest

import support
from emulated.guest import Evidence
from emulated.outcome import LostGuest, exit_status

MACHINE = support.machine_of((1, 512))
STALL = bytearray(b"[   61.0] watchdog: BUG: soft lockup - CPU#1 stuck for 54s! [swapper/1:0]\r\n[   61.1] more\r\n")


def evidence(**changes: object) -> Evidence:
    """The evidence of a good run, with changes."""
    good = Evidence(qemu_status=85, booted_after=1.0, ended="exit 0", results=b"")
    for name, value in changes.items():
        setattr(good, name, value)
    return good


class Outcomes(unittest.TestCase):
    def test_the_commands_exit_status_is_passed_on(self) -> None:
        for status in (0, 1, 2, 3, 255):
            self.assertEqual(exit_status(MACHINE, evidence(ended=f"exit {status}")), status)

    def test_each_loss_has_its_name(self) -> None:
        panic = bytearray(b"\r\nKernel panic - not syncing: Attempted to kill init! exitcode=0x9\r\n")
        deadlock = bytearray(b"Kernel panic - not syncing: System is deadlocked on memory\r\n")
        losses: tuple[tuple[str, dict[str, object]], ...] = (
            ("panic", {"ended": None, "qemu_status": 0, "console": panic}),
            ("out-of-memory", {"ended": None, "qemu_status": 0, "console": deadlock}),
            ("out-of-memory", {"ended": "out-of-memory 9"}),
            ("killed", {"ended": "signal 11"}),
            ("guest", {"ended": None, "trouble": "cannot mount /proc"}),
            ("no-boot", {"ended": None, "qemu_status": -9, "overtime": "boot"}),
            ("hang", {"ended": None, "qemu_status": -9, "overtime": "hang"}),
            ("time-limit", {"ended": None, "qemu_status": -9, "overtime": "limit"}),
            ("lost-line", {"ended": None, "broken_line": "the line ended within a frame"}),
            ("lost-line", {"broken_line": "the checksum of the results does not hold"}),
            ("lost-line", {"ended": None}),
            ("lost-line", {"ended": None, "qemu_status": 0}),
            ("lost-line", {"qemu_status": 0}),
            ("lost-line", {"qemu_status": -9}),
            ("lost-line", {"results": None}),
            ("qemu-killed", {"ended": None, "qemu_status": -9}),
            ("qemu", {"ended": None, "qemu_status": 1, "qemu_words": bytearray(b"invalid option\n")}),
        )
        for cause, changes in losses:
            with self.subTest(cause=cause, changes=changes), self.assertRaises(LostGuest) as caught:
                exit_status(MACHINE, evidence(**changes))
            self.assertEqual(caught.exception.cause, cause)
            self.assertEqual(caught.exception.status, 3)
            self.assertNotIn("\n", str(caught.exception))

    def test_a_machine_that_stood_still_is_lost_for_that(self) -> None:
        ends: tuple[dict[str, object], ...] = (
            {"ended": "exit 1"},
            {"ended": "exit 3"},
            {"ended": None, "qemu_status": -9, "overtime": "hang"},
            {"ended": None, "qemu_status": -9, "overtime": "limit"},
        )
        for changes in ends:
            with self.subTest(changes=changes), self.assertRaises(LostGuest) as caught:
                exit_status(MACHINE, evidence(console=STALL, **changes))
            self.assertEqual(caught.exception.cause, "stalled")
            self.assertIn("(soft lockup - CPU#1 stuck for 54s! [swapper/1:0]), and ", str(caught.exception))
            self.assertIn("; give the host less to do", str(caught.exception))
            self.assertNotIn("\n", str(caught.exception))

    def test_standing_still_excuses_nothing_else(self) -> None:
        for status in (0, 2):
            self.assertEqual(exit_status(MACHINE, evidence(console=STALL, ended=f"exit {status}")), status)
        panic = STALL + b"Kernel panic - not syncing: Fatal exception\r\n"
        losses: tuple[tuple[str, dict[str, object]], ...] = (
            ("panic", {"ended": None, "qemu_status": 0, "console": panic}),
            ("killed", {"ended": "signal 11", "console": STALL}),
            ("qemu-killed", {"ended": None, "qemu_status": -9, "console": STALL}),
            ("lost-line", {"ended": "exit 1", "broken_line": "the line ended within a frame", "console": STALL}),
            ("lost-line", {"ended": "exit 1", "qemu_status": 0, "console": STALL}),
            ("no-boot", {"ended": None, "qemu_status": -9, "overtime": "boot", "console": STALL}),
        )
        for cause, changes in losses:
            with self.subTest(cause=cause, changes=changes), self.assertRaises(LostGuest) as caught:
                exit_status(MACHINE, evidence(**changes))
            self.assertEqual(caught.exception.cause, cause)

    def test_a_program_that_spins_is_no_machine_that_stood_still(self) -> None:
        for console in (
            STALL.replace(b"swapper/1:0", b"numaproof:77"),
            STALL.replace(b"swapper/1:0", b"my[swapper/1]:77"),
            STALL.replace(b"swapper/1:0", b"swapper/1:77"),
            STALL.replace(b" [swapper", b"\r\n[swapper"),
            bytearray(b"smpboot: CPU#1 [swapper/1:0]\r\n"),
        ):
            with self.subTest(console=console):
                self.assertEqual(exit_status(MACHINE, evidence(console=console, ended="exit 1")), 1)

    def test_a_time_limit_says_how_far_it_came(self) -> None:
        for booted_after, words in ((None, "it had not booted after"), (3.5, "the command still ran after")):
            with self.assertRaisesRegex(LostGuest, f"{words} {MACHINE.limits.seconds} s; seconds in"):
                exit_status(MACHINE, evidence(ended=None, qemu_status=-9, overtime="limit", booted_after=booted_after))


if __name__ == "__main__":
    unittest.main()
