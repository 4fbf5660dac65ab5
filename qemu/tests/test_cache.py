"""Files of the cache and of runs: there as a whole or not at all, whatever ends us, also where none can be without a name."""

import errno
import os
import signal
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import support  # noqa: F401
from emulated.cache import write_whole
from emulated.errors import CannotRun


def kill_ourselves(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Writing(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.path = self.folder / "file"

    def assert_only(self, content: bytes) -> None:
        self.assertEqual(os.listdir(self.folder), ["file"])
        self.assertEqual(self.path.read_bytes(), content)
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o644)

    def write_old_and_new(self) -> None:
        write_whole(self.path, b"old")
        self.assert_only(b"old")
        write_whole(self.path, b"new")
        self.assert_only(b"new")

    def test_whole(self) -> None:
        self.write_old_and_new()

    def test_whole_where_a_file_needs_a_name(self) -> None:
        really_open = os.open

        def refuse_unnamed(path: Path, flags: int, mode: int = 0o777) -> int:
            if flags & os.O_TMPFILE == os.O_TMPFILE:
                raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
            return really_open(path, flags, mode)

        with mock.patch.object(os, "open", refuse_unnamed):
            self.write_old_and_new()
            with mock.patch.object(os, "fsync", side_effect=OSError(errno.EIO, "no disk")):
                with self.assertRaisesRegex(CannotRun, "file: no disk"):
                    write_whole(self.path, b"newer")
        self.assert_only(b"new")

    def may_be_left(self) -> int:
        """Where every file has a name, so has one that was begun."""
        try:
            os.close(os.open(self.folder, os.O_TMPFILE | os.O_WRONLY, 0o600))
        except OSError:
            return 1
        return 0

    def test_nothing_is_left_by_one_that_is_killed(self) -> None:
        write_whole(self.path, b"old")
        for path in (self.path, self.folder / "new"):
            child = os.fork()
            if child == 0:
                try:
                    with mock.patch.object(os, "fsync", kill_ourselves):
                        write_whole(path, b"half")
                finally:
                    os._exit(1)
            self.assertEqual(os.waitpid(child, 0)[1], signal.SIGKILL)
            left = [name for name in os.listdir(self.folder) if name != "file"]
            self.assertEqual(len(left), self.may_be_left())
            for name in left:
                self.assertTrue(name.startswith(f".{path.name}."))
                (self.folder / name).unlink()
            self.assert_only(b"old")

    def test_what_cannot_be_written_is_named(self) -> None:
        with self.assertRaisesRegex(CannotRun, "cannot write .*missing/file: No such file"):
            write_whole(self.folder / "missing" / "file", b"")


if __name__ == "__main__":
    unittest.main()
