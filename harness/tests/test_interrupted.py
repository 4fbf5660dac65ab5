"""A run that is ended by a signal leaves nothing in its folder, and what is ignored, as under nohup, does not end it."""

import os
import pathlib
import signal
import subprocess
import time
import unittest

from command import COMMAND, CommandTests, take_signals


class Interrupted(CommandTests):
    def start(self, *arguments: str, ignored: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
        def ignore() -> None:
            take_signals()
            for number in ignored:
                signal.signal(number, signal.SIG_IGN)

        run = subprocess.Popen(
            [str(COMMAND), *arguments],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=ignore,
            start_new_session=True,
        )
        self.addCleanup(run.wait)
        self.addCleanup(run.kill)
        return run

    def await_file(self, path: pathlib.Path, run: "subprocess.Popen[bytes]") -> None:
        end = time.monotonic() + 60
        while not path.exists():
            self.assertIsNone(run.poll(), "it ended before")
            self.assertLess(time.monotonic(), end, f"no {path}")
            time.sleep(0.01)

    def test_nothing_is_left(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number):
                run = self.start("bench", "cores", "--seconds", "60", "--out", "out")
                self.await_file(self.folder / "out" / "log.txt.partial", run)
                run.send_signal(number)
                self.assertEqual(run.wait(60), -number)
                self.assertEqual(os.listdir(self.folder), [])

    def test_what_was_there_stays(self) -> None:
        (self.folder / "out").mkdir()
        (self.folder / "out" / "mine.txt").write_text("mine", encoding="utf-8")
        run = self.start("bench", "cores", "--seconds", "60", "--out", "out")
        self.await_file(self.folder / "out" / "log.txt.partial", run)
        run.terminate()
        self.assertEqual(run.wait(60), -signal.SIGTERM)
        self.assertEqual(os.listdir(self.folder / "out"), ["mine.txt"])

    def test_an_ignored_signal_ends_neither_the_command_nor_a_case(self) -> None:
        ignored = (signal.SIGHUP, signal.SIGINT)
        arguments = (
            "conform",
            "--clause",
            "EXEC-10",
            "--clause",
            "EXEC-9",
            "--repeat",
            "3",
            "--out",
            "out",
        )
        run = self.start(*arguments, ignored=ignored)
        self.await_file(self.folder / "out" / "log.txt.partial", run)
        while run.poll() is None:  # All of the session, as a terminal does that goes away.
            for number in ignored:
                try:
                    os.killpg(run.pid, number)
                except ProcessLookupError:
                    break
            time.sleep(0.02)
        cases = self.result()["conformance"]["cases"]
        self.assertNotIn("fail", [case["verdict"] for case in cases])
        self.assertEqual([case for case in cases if "interrupted" in case["reason"]], [])
        self.assertIn("pass", [case["verdict"] for case in cases])


if __name__ == "__main__":
    unittest.main()
