"""The launcher with real guests: what the stand-in does inside arrives outside, and what is killed is gone."""

import json
import os
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import support

VM = support.QEMU_FOLDER / "vm.py"
# Boots in half the time of the others: for what does not depend on the machine.
SMALL = 'title = "Small"\n[[node]]\ncpus = 1\nmemory = "256M"\n'
ENDING_SECONDS = 60


def processes_of(marker: str) -> list[int]:
    """Processes whose command line holds a text."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if marker.encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


class Guests(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.out = self.folder / "out"
        self.small = str(self.folder / "small.toml")
        Path(self.small).write_text(SMALL)

    def command(self, *arguments: str, machine: str = "two-nodes") -> list[str]:
        options = ["--machine", machine, "--out", str(self.out), "--accel", "tcg"]
        return ["/usr/bin/python3", str(VM), *options, "--", *arguments]

    def run_vm(self, *arguments: str, machine: str = "two-nodes") -> subprocess.CompletedProcess[str]:
        command = self.command(*arguments, machine=machine)
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder)

    def test_exit_status_and_both_outputs(self) -> None:
        self.assertEqual(self.run_vm("exit", "1", machine=self.small).returncode, 1)
        done = self.run_vm("lines", "3000")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stdout, "".join(f"line {number} of the output\n" for number in range(3000)))
        self.assertIn("a word on standard error\n", done.stderr)

    def test_the_machine_is_the_one_described(self) -> None:
        lines = ["node 0: 2 CPUs, memory, distances 10 21", "node 1: 2 CPUs, memory, distances 21 10"]
        self.assertEqual(self.run_vm("machine").stdout.splitlines()[:2], lines)

    def test_the_guest_knows_that_it_is_emulated(self) -> None:
        label = json.loads(self.run_vm("print-file", "/etc/numaproof-emulated.json").stdout)
        self.assertEqual((label["machine"], label["accelerator"]), ("two-nodes", "tcg"))
        self.assertIn("numaproof.guest=1", self.run_vm("print-file", "/proc/cmdline").stdout.split())

    def test_files_named_by_arguments_go_along(self) -> None:
        (self.folder / "named.txt").write_text("its content\n")
        self.assertEqual(self.run_vm("print-file", "named.txt", machine=self.small).stdout, "its content\n")

    def test_results_come_out(self) -> None:
        self.assertEqual(self.run_vm("results", "20", machine=self.small).returncode, 0)
        self.assertEqual((self.out / "result.json").read_text(), '{"schema": 1}\n')
        self.assertEqual((self.out / "folder" / "large").read_bytes(), b"r" * (20 << 20))
        self.assertTrue((self.out / "console.log").exists())

    def test_lost_guests_are_named_and_leave_no_result(self) -> None:
        self.out.mkdir()
        for act, cause in ((("panic",), "panic"), (("memory",), "out-of-memory"), (("signal", "11"), "killed")):
            with self.subTest(act=act):
                (self.out / "result.json").write_text('{"verdict": {"verdict": "pass"}}')
                done = self.run_vm(*act, machine=self.small)
                self.assertEqual(done.returncode, 3, done.stderr)
                self.assertIn(f"was lost ({cause})", done.stderr)
                self.assertFalse((self.out / "result.json").exists())
                if cause == "panic":
                    console = (self.out / "console.log").read_text(errors="replace")
                    self.assertIn("sysrq triggered crash", console)

    def test_a_command_that_takes_too_long(self) -> None:
        machine = self.folder / "hasty.toml"
        for seconds in (15, 60, 240):
            machine.write_text(f"{SMALL}[limits]\nseconds = {seconds}\n")
            done = self.run_vm("wait", machine=str(machine))
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertIn("was lost (time-limit)", done.stderr)
            # The limit holds from the start on: on a busy machine the shortest may be over before the command is begun.
            if done.stdout:
                break
        self.assertEqual(done.stdout, "waiting\n")
        lost = f"was lost (time-limit): the command still ran after {seconds} s; seconds in [limits]"
        self.assertIn(lost, done.stderr)

    def test_the_clock_inside_is_not_faster_than_outside(self) -> None:
        # The first word may come late on a busy host: a fifth of the time is allowed for that, and a longer time where that is too
        # short.
        for seconds in (15, 60):
            with subprocess.Popen(self.command("clock", str(seconds)), stdout=subprocess.PIPE, cwd=self.folder) as run:
                assert run.stdout is not None
                self.assertEqual(run.stdout.readline(), b"begin\n")
                began = time.monotonic()
                self.assertEqual(run.stdout.readline(), b"end\n")
                share = (time.monotonic() - began) / seconds
            if share > 0.8:
                break
        self.assertGreater(share, 0.8)

    def wait_for_end(self, marker: str) -> None:
        deadline = time.monotonic() + ENDING_SECONDS
        while processes_of(marker):
            self.assertLess(time.monotonic(), deadline, f"processes of {marker} are left")
            time.sleep(0.05)

    def test_whatever_ends_the_launcher_ends_the_guest(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
            with self.subTest(signal=number.name):
                machine = self.folder / f"ended-by-{os.getpid()}-{number.name}.toml"
                machine.write_text(SMALL)
                # A place for temporary files of its own: other tests use the common one meanwhile.
                temporary = self.folder / f"temporary-{number.name}"
                temporary.mkdir()
                launcher = subprocess.Popen(
                    self.command("wait", machine=str(machine)),
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    cwd=self.folder,
                    env=os.environ | {"TMPDIR": str(temporary)},
                )
                with launcher:
                    assert launcher.stdout is not None
                    self.assertEqual(launcher.stdout.readline(), b"waiting\n")
                    self.assertEqual(len(processes_of(f"numaproof-{machine.stem}")), 1)
                    launcher.send_signal(number)
                self.assertEqual(launcher.returncode, -number)
                self.wait_for_end(f"numaproof-{machine.stem}")
                self.assertFalse((self.out / "result.json").exists())
                self.assertEqual(os.listdir(temporary), [])


if __name__ == "__main__":
    unittest.main()
