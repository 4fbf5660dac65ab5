"""The launcher against a QEMU that plays scenes: every way to lose a guest is noticed, named, and never a pass."""

import contextlib
import io
import json
import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import support
import access_page
import vm
from emulated import guest
from emulated.accelerator import Accelerator
from emulated.channel import Frame
from emulated.counting import Counter, Wish
from emulated.guest import Evidence, Guest
from emulated.outcome import LostGuest, exit_status

HERE = Path(__file__).resolve().parent


class WithFakeQemu(unittest.TestCase):
    def setUp(self) -> None:
        folder = self.enterContext(tempfile.TemporaryDirectory())
        Path(folder, "qemu-system-x86_64").symlink_to(HERE / "fake_qemu.py")
        self.enterContext(mock.patch.dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}"))


class Scenes(WithFakeQemu):
    def setUp(self) -> None:
        super().setUp()
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


class Stalls(WithFakeQemu):
    """One scene after the other, for a machine that is started again."""

    def setUp(self) -> None:
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.out = self.folder / "out"
        self.out.mkdir()
        self.machine = support.machine_of((1, 512))
        self.said = io.StringIO()

    def play(self, *scenes: str, counter: Counter | None = None) -> Evidence:
        left = list(scenes)

        def start(*arguments: object, **options: object) -> Guest:
            os.environ["FAKE_QEMU_SCENE"] = left.pop(0)
            return Guest(*arguments, **options)  # type: ignore[arg-type]

        with (
            mock.patch.dict(os.environ),
            mock.patch.object(vm, "Guest", start),
            mock.patch.object(vm, "_relay"),
            contextlib.redirect_stderr(self.said),
        ):
            evidence = vm._run_once_more_after_a_stall(
                self.machine, Accelerator("tcg", ""), "/kernel", b"initramfs", self.out, counter
            )
        self.assertEqual(left, [])
        return evidence

    def files(self) -> set[str]:
        return {path.name for path in self.out.iterdir()}

    def test_it_is_started_once_more_and_the_second_counts(self) -> None:
        evidence = self.play("stalled", "good")
        self.assertEqual(exit_status(self.machine, evidence), 0)
        self.assertEqual((evidence.boots, evidence.results), (2, b"an archive"))
        self.assertEqual(self.files(), {"console.log", "console-stalled.log"})
        self.assertIn(b"[swapper/1:0]", (self.out / "console-stalled.log").read_bytes())
        self.assertEqual((self.out / "console.log").read_bytes(), b"")
        (stall,) = evidence.stalls
        self.assertIn("its command ended with status 1", stall)
        self.assertIn(f"was lost (stalled): {stall}", self.said.getvalue())
        self.assertIn("trying once more", self.said.getvalue())

    def test_a_second_time_it_is_lost_and_leaves_no_results(self) -> None:
        evidence = self.play("stalled", "stalled")
        record = vm._judge(self.machine, evidence, self.out)
        record.save(self.out)
        values = json.loads((self.out / "machine.json").read_text())
        self.assertEqual((values["outcome"], values["status"], values["boots"]), ("stalled", None, 2))
        self.assertEqual(len(values["stalls"]), 2)
        self.assertEqual(self.files(), {"console.log", "console-stalled.log", "machine.json"})

    def test_whatever_the_second_comes_to_is_its_own(self) -> None:
        self.assertEqual(exit_status(self.machine, self.play("stalled", "spinning")), 1)
        with self.assertRaises(LostGuest) as caught:
            exit_status(self.machine, self.play("stalled", "panic"))
        self.assertEqual(caught.exception.cause, "panic")

    def test_a_program_that_spins_is_not_started_again(self) -> None:
        evidence = self.play("spinning")
        self.assertEqual(exit_status(self.machine, evidence), 1)
        self.assertEqual((evidence.boots, evidence.stalls, self.said.getvalue()), (1, [], ""))

    def test_accesses_of_the_first_are_forgotten(self) -> None:
        (self.folder / "access_counter.so").touch()
        counter = Counter(self.machine, Wish(True, False, None), [self.folder], "7.2")
        self.addCleanup(counter.close)
        empty = os.pread(counter.descriptor, access_page.PAGE_BYTES, 0)
        self.play("stalled", "good", counter=counter)
        self.assertEqual(os.pread(counter.descriptor, access_page.PAGE_BYTES, 0), empty)


if __name__ == "__main__":
    unittest.main()
