"""The launcher against a QEMU that plays scenes: every way to lose a guest is noticed, named, and never a pass."""

import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import support
from emulated import guest
from emulated.channel import Frame
from emulated.guest import Guest
from emulated.outcome import LostGuest, exit_status

HERE = Path(__file__).resolve().parent


class Scenes(unittest.TestCase):
    def setUp(self) -> None:
        folder = self.enterContext(tempfile.TemporaryDirectory())
        Path(folder, "qemu-system-x86_64").symlink_to(HERE / "fake_qemu.py")
        self.enterContext(mock.patch.dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}"))
        self.heard: list[Frame] = []

    def play(self, scene: str, seconds: int = 20, boot_seconds: float = 20) -> int:
        machine = support.machine_of((1, 512), seconds=seconds)
        with mock.patch.dict(os.environ, FAKE_QEMU_SCENE=scene):
            with Guest(machine, "tcg", "/kernel", b"initramfs") as played:
                evidence = played.listen(self.heard.append, boot_seconds)
        return exit_status(machine, evidence)

    def assert_lost(self, cause: str, scene: str, seconds: int = 20, boot_seconds: float = 20) -> None:
        with self.subTest(scene=scene):
            with self.assertRaises(LostGuest) as caught:
                self.play(scene, seconds, boot_seconds)
            self.assertEqual(caught.exception.cause, cause, str(caught.exception))

    def test_a_good_guest_passes(self) -> None:
        self.assertEqual(self.play("good"), 0)
        self.assertIn(Frame(b"O", b"printed\n"), self.heard)

    def test_lost_lines(self) -> None:
        for scene in ("no_word", "cut_end", "garbage", "damaged_results", "no_results", "not_switched_off", "killed"):
            self.assert_lost("lost-line", scene)

    def test_panics_and_refusals(self) -> None:
        self.assert_lost("panic", "panic")
        self.assert_lost("qemu", "refuses_options")

    def test_time_limits(self) -> None:
        self.assert_lost("no-boot", "silent_boot", boot_seconds=0.5)
        self.assert_lost("time-limit", "deaf", seconds=1)

    @mock.patch.object(guest, "QUIET_SECONDS", 0.2)
    @mock.patch.object(guest, "ANSWER_SECONDS", 0.3)
    def test_a_guest_that_does_not_answer_hangs(self) -> None:
        self.assert_lost("hang", "deaf")

    @mock.patch.object(guest, "QUIET_SECONDS", 0.2)
    @mock.patch.object(guest, "ANSWER_SECONDS", 20)
    def test_a_quiet_guest_that_answers_does_not(self) -> None:
        self.assertEqual(self.play("quiet_but_alive"), 0)


if __name__ == "__main__":
    unittest.main()
