"""A run that is told to end must end what it started, and a server that does not come up must leave nothing."""

import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

from database import Database
from program import CommandFailed, Program
from provider import Provider

RUN = """
import ending, signal, time
ending.unwind_on_signals()
try:
    print("ready", flush=True)
    time.sleep(60)
finally:
    signal.raise_signal(signal.SIGTERM)
    print("cleaned up", flush=True)
"""


class EndingTests(unittest.TestCase):
    def test_sigterm_unwinds_once(self):
        with subprocess.Popen([sys.executable, "-B", "-c", RUN], stdout=subprocess.PIPE, text=True) as run:
            self.assertEqual(run.stdout.readline(), "ready\n")
            run.send_signal(signal.SIGTERM)
            self.assertEqual(run.communicate(timeout=10)[0], "cleaned up\n")
        self.assertEqual(run.returncode, 128 + signal.SIGTERM)


class LeftoverTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_a_provider_that_does_not_say_its_address_is_gone(self):
        path = self.folder / "meshmill"
        path.write_text("#!/bin/sh\nexec sleep 60\n")
        path.chmod(0o755)
        program = Program(path, self.folder, {})
        started = []
        program.start = lambda *arguments: started.append(Program.start(program, *arguments)) or started[0]
        with mock.patch("program.Process.wait_for", side_effect=CommandFailed):
            with self.assertRaises(CommandFailed):
                Provider(program, 1, 5, 6, seed=1)
        self.assertFalse(started[0].is_running)

    def test_a_database_that_does_not_come_up_is_stopped(self):
        with mock.patch("database.server_programs"):
            database = Database(self.folder / "database")
        server = mock.Mock()

        def start() -> None:
            database.server = server
            raise RuntimeError("pg_isready ended with 2")

        database.start = start
        with self.assertRaises(RuntimeError):
            database.__enter__()
        server.send_signal.assert_called_once_with(signal.SIGQUIT)
        server.wait.assert_called_once()


if __name__ == "__main__":
    unittest.main()
