"""A search that finds nothing is only worth something if it can find."""

import subprocess
import sys
import unittest

from hiding import WRONG, forms, process_list


class HidingTests(unittest.TestCase):
    def test_lists_the_arguments_of_every_process(self):
        command = [sys.executable, "-c", "input()", WRONG, "two words"]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            listed = process_list(" ".join(command))
            process.communicate(b"\n")
        self.assertIn(" ".join(command), listed.splitlines())

    def test_knows_a_secret_in_other_clothes(self):
        self.assertIn("%2f", "".join(forms(WRONG)))
        self.assertIn(WRONG.encode().hex(), forms(WRONG))


if __name__ == "__main__":
    unittest.main()
