"""The set-up on machines that are not this one: dpkg, apt, id and sudo are replaced, and what they are asked is recorded."""

import os
import pathlib
import pty
import re
import subprocess
import tempfile
import time
import unittest

HARNESS = pathlib.Path(__file__).parent.parent
# Each stand-in writes its command line to $CALLS; what it answers differs.
STAND_INS = {
    "dpkg-query": 'shift 3; for name; do case " $ABSENT " in *" $name "*) ;; *) echo "installed $name";; esac; done',
    "apt-get": 'echo "apt-get $*" >>"$CALLS"; exit "$APT_STATUS"',
    "id": 'echo "$USER_ID"',
    "sudo": 'echo "sudo $*" >>"$CALLS"',
}


class SetupTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.calls = self.folder / "calls"
        for name, body in STAND_INS.items():
            program = self.folder / name
            program.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
            program.chmod(0o755)

    def ensure(self, absent: str, user: int = 0, apt_status: int = 0) -> subprocess.CompletedProcess[str]:
        """Ask for all packages where those of `absent` are not installed, without a terminal."""
        settings = {"ABSENT": absent, "USER_ID": str(user), "APT_STATUS": str(apt_status), "CALLS": str(self.calls)}
        command = f'. "{HARNESS}/setup.sh"; ensure_packages build run test; echo ready'
        return subprocess.run(
            ["/bin/bash", "-uc", command],
            env={"PATH": f"{self.folder}:{os.environ['PATH']}", **settings},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def made_calls(self) -> list[str]:
        return self.calls.read_text(encoding="utf-8").splitlines() if self.calls.exists() else []

    def test_nothing_missing_calls_no_apt(self) -> None:
        run = self.ensure("")
        self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "ready\n", ""))
        self.assertEqual(self.made_calls(), [])

    def test_any_alternative_will_do(self) -> None:
        self.assertEqual(self.ensure("hwloc-nox").returncode, 0)
        self.assertEqual(self.made_calls(), [])

    def test_root_installs_what_is_missing_and_nothing_else(self) -> None:
        run = self.ensure("cmake hwloc hwloc-nox")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("    cmake\n    hwloc-nox\n", run.stderr)
        update, install = self.made_calls()
        self.assertTrue(update.endswith(" update"), update)
        self.assertTrue(install.endswith(" cmake hwloc-nox"), install)
        self.assertIn("--no-install-recommends", install)

    def test_an_ordinary_user_gets_the_list_and_the_command(self) -> None:
        run = self.ensure("cmake mypy", user=1000)
        self.assertEqual((run.returncode, run.stdout), (3, ""))
        self.assertIn("    cmake\n    mypy\n", run.stderr)
        self.assertIn("apt-get install -y --no-install-recommends cmake mypy", run.stderr)
        self.assertEqual(self.made_calls(), [])

    def on_terminal(self, answer: str) -> int:
        """An ordinary user at a terminal, who answers the question. Returns the exit status."""
        settings = {"ABSENT": "cmake", "USER_ID": "1000", "APT_STATUS": "0", "CALLS": str(self.calls)}
        environment = {"PATH": f"{self.folder}:{os.environ['PATH']}", **settings}
        command = f'. "{HARNESS}/setup.sh"; ensure_packages build'
        child, terminal = pty.fork()
        if child == 0:
            os.execve("/bin/bash", ["bash", "-uc", command], environment)
        os.write(terminal, f"{answer}\n".encode())
        try:
            while os.read(terminal, 4096):
                pass
        except OSError:  # Linux says so when the last writer has gone.
            pass
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def test_sudo_is_used_only_when_the_user_says_so(self) -> None:
        for answer in ("n", ""):
            self.assertEqual(self.on_terminal(answer), 3)
            self.assertEqual(self.made_calls(), [])
        self.assertEqual(self.on_terminal("y"), 0)
        update, install = self.made_calls()
        self.assertTrue(update.startswith("sudo apt-get"), update)
        self.assertTrue(install.startswith("sudo env DEBIAN_FRONTEND=noninteractive apt-get"), install)

    def test_a_failing_install_is_said_with_its_command(self) -> None:
        run = self.ensure("cmake", apt_status=100)
        self.assertEqual((run.returncode, run.stdout), (3, ""))
        self.assertIn("could not be installed", run.stderr)

    def build(self) -> list[str]:
        """Build in the folder of the stand-ins, where cmake only leaves the file that a configuration leaves."""
        cmake = self.folder / "cmake"
        cmake.write_text(
            '#!/bin/sh\necho "cmake $*" >>"$CALLS"\n[ "$1" = --build ] || : >build/build.ninja\n', encoding="utf-8"
        )
        cmake.chmod(0o755)
        self.calls.write_text("", encoding="utf-8")
        command = f'. "{HARNESS}/setup.sh"; top={self.folder}; package_state=$top/state; build release build'
        environment = {"PATH": f"{self.folder}:{os.environ['PATH']}", "CALLS": str(self.calls)}
        subprocess.run(["/bin/bash", "-uc", command], env=environment, check=True)
        return [call.split()[1] for call in self.made_calls()]

    def test_a_build_is_configured_again_when_presets_or_packages_changed(self) -> None:
        newest = time.time()
        for name in ("CMakePresets.json", "state"):
            (self.folder / name).touch()
            os.utime(self.folder / name, (newest - 60, newest - 60))
        self.assertEqual(self.build(), ["--preset", "--build"])
        for name in ("CMakePresets.json", "state"):
            self.assertEqual(self.build(), ["--build"])
            os.utime(self.folder / name, (newest + 60, newest + 60))
            self.assertEqual(self.build(), ["--preset", "--build"])
            os.utime(self.folder / name, (newest - 60, newest - 60))

    def test_who_validates_needs_nothing_that_only_tests_need(self) -> None:
        """A test whose package is absent is left out of the configuration; the packages of a validation are enough."""
        parts = ("ref", "suite", "bench", "qemu", "harness", "reports")
        lists = [path for part in parts for path in (HARNESS.parent / part).glob("**/CMakeLists.txt")]
        self.assertGreater(len(lists), 10)
        for path in lists:
            text = path.read_text(encoding="utf-8")
            tests = text if "tests" in path.parts else text.partition("BUILD_TESTING")[2]
            self.assertEqual(re.findall(r".*\bREQUIRED\b.*", tests), [], path)

    def test_every_row_of_the_list_has_a_purpose_and_a_reason(self) -> None:
        for row in (HARNESS / "packages.txt").read_text(encoding="utf-8").splitlines():
            if row and not row.startswith("#"):
                purpose, _, *reason = row.split()
                self.assertIn(purpose, ("build", "run", "test"), row)
                self.assertTrue(reason, row)


if __name__ == "__main__":
    unittest.main()
