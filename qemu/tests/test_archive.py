"""The archives that go into a guest and come out of it."""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import support  # noqa: F401
from emulated.cpio import Archive, read_archive
from emulated.errors import CannotRun
from emulated.results import save_results


class WrittenArchives(unittest.TestCase):
    def test_what_is_written_is_read_back(self) -> None:
        archive = Archive()
        archive.add_file("/a/b/file", b"content")
        archive.add_folder("/empty")
        entries = {entry.name: entry for entry in read_archive(archive.content())}
        self.assertEqual(entries["a/b/file"].content, b"content")
        self.assertEqual(set(entries), {"a", "a/b", "a/b/file", "empty"})
        self.assertTrue(entries["empty"].is_folder)

    def test_the_first_file_of_a_name_stays(self) -> None:
        archive = Archive()
        archive.add_file("/file", b"first")
        archive.add_file("/file", b"second")
        self.assertEqual([entry.content for entry in read_archive(archive.content())], [b"first"])

    @unittest.skipUnless(shutil.which("cpio"), "cpio is not installed")
    def test_another_program_understands_them(self) -> None:
        archive = Archive()
        archive.add_file("/folder/file of 5", b"12345", executable=True)
        listed = subprocess.run(["cpio", "-it"], input=archive.content(), capture_output=True, check=True)
        self.assertEqual(listed.stdout.split(b"\n"), [b"folder", b"folder/file of 5", b""])


class ForeignArchives(unittest.TestCase):
    def test_no_cut_archive_is_taken_for_a_whole_one(self) -> None:
        archive = Archive()
        archive.add_file("/folder/file", b"content" * 10)
        whole = archive.content()
        for length in range(len(whole)):
            with self.assertRaises(ValueError, msg=f"cut to {length} bytes"):
                read_archive(whole[:length])

    def test_places_outside_the_folder_are_refused(self) -> None:
        archive = Archive()
        archive.add_file("/folder/file", b"")
        for evil in (b"../../../fil", b"/older/file\0"):
            with self.assertRaises(ValueError):
                read_archive(archive.content().replace(b"folder/file\0", evil))

    def test_links_are_refused(self) -> None:
        archive = Archive()
        archive.add_link("/link", "/etc/passwd")
        with self.assertRaises(ValueError):
            read_archive(archive.content())


class SavedResults(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def test_the_one_result_folder_becomes_the_run_folder(self) -> None:
        archive = Archive()
        archive.add_file("/20260101-000000/result.json", b"{}")
        archive.add_file("/20260101-000000/sub/log", b"x")
        save_results(archive.content(), self.folder)
        self.assertEqual((self.folder / "result.json").read_bytes(), b"{}")
        self.assertEqual((self.folder / "sub" / "log").read_bytes(), b"x")

    def test_several_result_folders_keep_their_names(self) -> None:
        archive = Archive()
        archive.add_file("/one/result.json", b"1")
        archive.add_file("/two/result.json", b"2")
        save_results(archive.content(), self.folder)
        self.assertEqual((self.folder / "two" / "result.json").read_bytes(), b"2")

    def test_a_damaged_archive_is_an_error_and_leaves_nothing(self) -> None:
        archive = Archive()
        archive.add_file("/one/result.json", b"1")
        with self.assertRaisesRegex(CannotRun, "cannot be read"):
            save_results(archive.content()[:-20], self.folder)
        self.assertEqual(list(self.folder.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
