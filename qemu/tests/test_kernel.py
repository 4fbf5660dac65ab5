"""The kernel that apt fetches, by an apt that plays: lists that are too old are updated once, by root alone."""

import contextlib
import fcntl
import io
import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import support  # noqa: F401
from emulated import kernel
from emulated.errors import CannotRun
from emulated.kernel import find_kernel

# Knows kernel 1 until it is told to update, and then kernel 2; the archive has what FAKE_APT_HAS names.
APT_GET = """#!/bin/sh
echo "$*" >>"$FAKE_APT/calls"
case " $* " in
*" update "*)
    [ -n "$FAKE_APT_NO_UPDATE" ] && exit 100
    touch "$FAKE_APT/updated" ;;
*" download linux-image-$FAKE_APT_HAS-cloud-amd64 "*)
    touch "linux-image-$FAKE_APT_HAS-cloud-amd64.deb" ;;
*)
    echo "E: Failed to fetch http://deb.example/kernel.deb  $FAKE_APT_ERROR" >&2
    exit 100 ;;
esac
"""
APT_CACHE = """#!/bin/sh
version=1
[ -e "$FAKE_APT/updated" ] && version=2
echo "  Depends: linux-image-$version-cloud-amd64"
"""
# An ELF file to look at, which is taken as it is.
DPKG_DEB = """#!/bin/sh
mkdir -p files/boot && printf '\\177ELF of a kernel' >files/boot/vmlinuz-1
"""


class Fetching(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name, script in (("apt-get", APT_GET), ("apt-cache", APT_CACHE), ("dpkg-deb", DPKG_DEB)):
            (self.folder / name).write_text(script)
            (self.folder / name).chmod(0o755)

    def fetch(self, has: int, root: bool = True, error: str = "404  Not Found", no_update: str = "") -> str:
        environment = {
            "PATH": f"{self.folder}:{os.environ['PATH']}",
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "FAKE_APT": str(self.folder),
            "FAKE_APT_HAS": str(has),
            "FAKE_APT_ERROR": error,
            "FAKE_APT_NO_UPDATE": no_update,
        }
        self.said = io.StringIO()
        with (
            mock.patch.dict(os.environ, environment),
            mock.patch.object(os, "geteuid", return_value=0 if root else 1000),
            contextlib.redirect_stderr(self.said),
        ):
            return find_kernel(None, boot=self.folder).origin

    def calls(self) -> list[str]:
        """What apt-get was asked for: the last words of each call."""
        lines = (self.folder / "calls").read_text().splitlines()
        for line in lines:
            self.assertIn("-o Acquire::Retries=3", line)
        return [line.split(" -o ")[-1].partition(" ")[2] for line in lines]

    def test_lists_that_are_right_are_left_alone(self) -> None:
        self.assertEqual(self.fetch(has=1), "linux-image-1-cloud-amd64")
        self.assertEqual(self.calls(), ["download linux-image-1-cloud-amd64"])

    def test_lists_that_are_too_old_are_updated_and_asked_again(self) -> None:
        self.assertEqual(self.fetch(has=2), "linux-image-2-cloud-amd64")
        downloads = [f"download linux-image-{version}-cloud-amd64" for version in (1, 2)]
        self.assertEqual(self.calls(), [downloads[0], "update", downloads[1]])
        self.assertIn("apt-get update\n", self.said.getvalue())

    def test_once_only(self) -> None:
        with self.assertRaisesRegex(CannotRun, "cannot download linux-image-2-cloud-amd64: .*404"):
            self.fetch(has=3)
        self.assertEqual(self.calls().count("update"), 1)

    def test_an_update_that_fails_is_told(self) -> None:
        with self.assertRaisesRegex(CannotRun, "cannot download linux-image-1-cloud-amd64: .*404"):
            self.fetch(has=2, no_update="yes")
        self.assertIn("apt-get update failed", self.said.getvalue())

    def test_who_is_not_root_is_told_what_mends_it(self) -> None:
        with self.assertRaisesRegex(CannotRun, "404.*apt-get update mends"):
            self.fetch(has=2, root=False)
        self.assertEqual(self.calls(), ["download linux-image-1-cloud-amd64"])

    def test_another_error_is_no_reason_to_update(self) -> None:
        with self.assertRaisesRegex(CannotRun, "Could not resolve"):
            self.fetch(has=2, error="Could not resolve 'deb.example'")
        self.assertEqual(self.calls(), ["download linux-image-1-cloud-amd64"])

    def test_who_comes_second_waits_and_takes_what_the_first_fetched(self) -> None:
        kernels = self.folder / "cache" / "numaproof" / "kernels"
        self.fetch(has=1)
        (self.folder / "calls").unlink()
        there = kernels / "linux-image-1-cloud-amd64"
        image = there.read_bytes()
        there.unlink()
        first = os.open(kernels, os.O_RDONLY | os.O_DIRECTORY)
        self.addCleanup(os.close, first)
        fcntl.flock(first, fcntl.LOCK_EX)

        really_lock = fcntl.flock

        def end_the_first() -> None:
            self.assertIn("waiting for it", self.said.getvalue())
            there.write_bytes(image)
            really_lock(first, fcntl.LOCK_UN)

        def lock(descriptor: int, how: int) -> None:
            if how == fcntl.LOCK_EX:
                end_the_first()
            really_lock(descriptor, how)

        with mock.patch.object(fcntl, "flock", lock):
            self.assertEqual(self.fetch(has=1), "linux-image-1-cloud-amd64")
        self.assertFalse((self.folder / "calls").exists())

    def test_what_another_process_has_just_removed_is_no_matter(self) -> None:
        gone = mock.Mock(spec=Path)
        gone.glob.return_value = [self.folder / ".download-gone"]
        kernel._remove_abandoned(gone)


if __name__ == "__main__":
    unittest.main()
