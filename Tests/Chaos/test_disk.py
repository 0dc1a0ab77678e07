"""What a failed campaign left must be where it says."""

import pathlib
import tempfile
import unittest
from unittest import mock

import disk


class DiskTests(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(disk.shutil.rmtree, self.folder, ignore_errors=True)

    def test_without_the_right_to_mount_there_is_none(self):
        with mock.patch("os.geteuid", return_value=1_000):
            out, notes = disk.small_disk(self.folder)
        self.assertIsNone(out)
        self.assertEqual(len(notes), 1)
        self.assertNotIn("umount", disk.keep(self.folder))

    def test_what_is_kept_stays_mounted(self):
        with mock.patch("os.path.ismount", return_value=True), mock.patch("subprocess.run") as run:
            self.assertIn(f"umount {self.folder / 'disk'}", disk.keep(self.folder))
            run.assert_not_called()

    def test_what_is_removed_is_unmounted_first(self):
        with mock.patch("os.path.ismount", return_value=True), mock.patch("subprocess.run") as run:
            disk.remove(self.folder)
        self.assertEqual(run.call_args.args[0][0], "umount")
        self.assertFalse(self.folder.exists())


if __name__ == "__main__":
    unittest.main()
