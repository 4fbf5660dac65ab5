"""Bad input to the command: each a line that names the thing, exit status 2 or 3, and nothing left behind."""

import pathlib
import resource
import shutil
import subprocess
import unittest

from command import COMMAND, REHEARSAL, CommandTests


class WordTests(CommandTests):
    """Words that the command does not know."""

    def test_each_is_named_with_what_was_probably_meant(self) -> None:
        rows: list[tuple[list[str], list[str]]] = [
            (["valdiate"], ["valdiate", "did you mean 'validate'?"]),
            (["frobnicate"], ["frobnicate", "--help"]),
            ([], ["no verb"]),
            (["--frobnicate"], ["--frobnicate"]),
            (["conform", "--clauze=PIN-3"], ["numaproof conform", "--clauze"]),
            (["conform", "--clause"], ["--clause", "argument"]),
            (["conform", "--clause", "PIN3"], ["PIN3", "did you mean 'PIN-3'?"]),
            (["conform", "--clause", "PIN-3", "--clause", "NOPE-*"], ["NOPE-*"]),
            (["conform", "PIN-3"], ["unexpected argument 'PIN-3'"]),
            (["bench", "latancy"], ["latancy", "did you mean 'latency'?"]),
            (["bench", "--quik=1"], ["--quik"]),
            (["bench", "--width", "0"], ["--width takes a number from 0.1 to 100, not '0'"]),
            (["validate", "--seconds=0"], ["--seconds takes a number from 1 to 1e+06, not '0'"]),
            (["bench", "--seconds=ten"], ["--seconds takes a number", "not 'ten'"]),
            (["info", "--jason"], ["--jason"]),
            (["info", "extra"], ["extra"]),
            (["validate", "--baseline"], ["--baseline"]),
            (["validate", "--baseline", "nowhere"], ["nowhere/result.json", "No such file"]),
            (["vm", "--machine", "no-such-machine", "--", "info"], ["no-such-machine"]),
            (["two\nlines"], ["two?lines"]),
        ]
        for arguments, parts in rows:
            with self.subTest(arguments=arguments):
                self.assert_one_line(self.run_command(*arguments), 2, *parts)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_help_and_version_of_each_verb(self) -> None:
        for verb in ("", "info", "conform", "bench", "validate", "vm"):
            with self.subTest(verb=verb):
                run = self.run_command(*verb.split(), "--help")
                self.assertEqual((run.returncode, run.stderr), (0, ""))
                self.assertIn("numaproof", run.stdout)
        self.assertRegex(self.run_command("--version").stdout, r"^numaproof \d+\.\d+\.\d+\n$")
        self.assertRegex(self.run_command("conform", "--version").stdout, r"^numaproof \d+\.\d+\.\d+\n$")


class ImplementationTests(CommandTests):
    """--impl that is no implementation: it is named, and no folder is left."""

    def test_each_is_named(self) -> None:
        (self.folder / "text.so").write_text("not ELF", encoding="utf-8")
        (self.folder / "empty.so").write_text("", encoding="utf-8")
        (self.folder / "folder.so").mkdir()
        before = sorted(self.folder.iterdir())
        for path in ("missing.so", "text.so", "empty.so", "folder.so", str(foreign_library())):
            with self.subTest(path=path):
                self.assert_one_line(self.run_command("conform", "--impl", path), 2, pathlib.Path(path).name)
                results = self.folder / "numaproof-results"
                self.assertEqual(list(results.iterdir()), [])
                results.rmdir()
        self.assertEqual(sorted(self.folder.iterdir()), before)


def foreign_library() -> pathlib.Path:
    """A shared object of this machine that has nothing to do with us: one that the command itself is linked with."""
    rows = subprocess.run(["ldd", str(COMMAND)], capture_output=True, text=True, check=True).stdout.splitlines()
    return pathlib.Path(next(row.split()[2] for row in rows if "libjansson" in row))


class OutputTests(CommandTests):
    """Folders that cannot be written to, and disks that are full."""

    def test_folders_that_cannot_be(self) -> None:
        (self.folder / "file").write_text("", encoding="utf-8")
        for verb in ("conform", "bench", "validate"):
            for out in ("", "file", "file/below", "/proc/nowhere"):
                with self.subTest(verb=verb, out=out):
                    self.assert_one_line(self.run_command(verb, "--out", out, program=REHEARSAL), 2, out)

    def test_a_file_that_has_no_room_is_named_and_not_there(self) -> None:
        def little_room() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))

        run = self.run_command("conform", "--out", "out", program=REHEARSAL, before=little_room)
        self.assert_one_line(run, 3, "out/", "File too large")
        self.assertEqual([path.name for path in (self.folder / "out").iterdir()], ["log.txt.partial"])

    def test_a_full_disk(self) -> None:
        unshare = shutil.which("unshare")
        script = 'mount -t tmpfs -o size=16k none "$1" && cd "$1" && "$2" conform --out . ; echo "status $?"; ls -A'
        full = ["--mount", "--map-root-user", "--user", "sh", "-c", script, "sh", str(self.folder), str(REHEARSAL)]
        if unshare is None or subprocess.run([unshare, *full[:3], "true"], capture_output=True).returncode != 0:
            self.skipTest("no user namespaces here to mount a small disk in")
        run = subprocess.run([unshare, *full], capture_output=True, text=True)
        self.assertEqual(len(run.stderr.splitlines()), 1, run.stderr)
        self.assertIn("No space left on device", run.stderr)
        status, *names = run.stdout.splitlines()
        self.assertEqual(status, "status 3")
        self.assertNotIn("result.json", names)
        self.assertEqual([name for name in names if name.startswith(".")], [])

    def test_standard_output_that_is_full(self) -> None:
        with open("/dev/full", "w", encoding="utf-8") as full:
            run = subprocess.run([str(COMMAND), "info", "--json"], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assert_one_line(run, 3, "standard output", "No space left")


if __name__ == "__main__":
    unittest.main()
